"""CSV files in a spreadsheet: texts are shown, not calculated."""

from __future__ import annotations

import csv
import gc
import io
import json

import pytest

from annulet.contract.collections import COLLECTIONS
from annulet.toolkit.exports import FORMATS, FileFormat, open_writer

FORMULAS = ("=1+1", '=HYPERLINK("http://evil.test")', "+1", "-1+1", "@SUM(A1)", "\t=1")


def written(form: FileFormat, comment: str) -> dict[str, str]:
    """The one row of a file, as a spreadsheet reads it."""
    file = io.BytesIO()
    with open_writer(form, COLLECTIONS["enhanced_tag"], file) as writer:
        writer.write([{"comment": comment, "moon": "full"}])
    (row,) = csv.DictReader(io.StringIO(file.getvalue().decode(), newline=""))
    return row


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe_unless_raw_is_asked_for(text):
    """A spreadsheet shows what follows an apostrophe."""
    assert written(FileFormat("csv"), text)["comment"] == f"'{text}"
    assert written(FileFormat("csv", raw=True), text)["comment"] == text


def test_other_texts_and_numbers_stay():
    """Also a number below zero."""
    assert written(FileFormat("csv"), "a = b")["comment"] == "a = b"
    file = io.BytesIO()
    with open_writer(FileFormat("csv"), COLLECTIONS["daily_readiness"], file) as writer:
        writer.write([{"temperature_deviation": -0.4}])
    assert b"-0.4" in file.getvalue()
    assert b"'" not in file.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_fails_is_not_made_to_look_whole(form, tmp_path, recwarn):
    """What was written is no complete file, and nothing is written after the block."""
    path = tmp_path / "out"

    def fail() -> None:
        collection = COLLECTIONS["daily_readiness"]
        with path.open("wb") as file, open_writer(FileFormat(form), collection, file) as writer:
            writer.write([{"temperature_deviation": -0.4}])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    gc.collect()
    assert not [warning for warning in recwarn if "closed file" in str(warning.message)]
    if form == "json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(path.read_bytes())
