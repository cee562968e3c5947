"""CSV files in a spreadsheet: texts are shown, not calculated."""

from __future__ import annotations

import csv
import io

import pytest

from annulet.contract.collections import COLLECTIONS
from annulet.toolkit.exports import FileFormat, writer_for

FORMULAS = ("=1+1", '=HYPERLINK("http://evil.test")', "+1", "-1+1", "@SUM(A1)", "\t=1")


def written(form: FileFormat, comment: str) -> dict[str, str]:
    """The one row of a file, as a spreadsheet reads it."""
    file = io.BytesIO()
    writer = writer_for(form, COLLECTIONS["enhanced_tag"], file)
    writer.write([{"comment": comment, "moon": "full"}])
    writer.close()
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
    writer = writer_for(FileFormat("csv"), COLLECTIONS["daily_readiness"], file)
    writer.write([{"temperature_deviation": -0.4}])
    writer.close()
    assert b"-0.4" in file.getvalue()
    assert b"'" not in file.getvalue()
