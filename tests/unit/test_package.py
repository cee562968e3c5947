"""What ``import annulet`` offers, and what it costs."""

import subprocess
import sys

import pytest

import annulet
from annulet import errors
from annulet.contract.collections import COLLECTIONS
from annulet.library.answer_types import ANSWER_TYPES


def test_the_public_names_are_sorted_and_there():
    """Every name of the list can be had."""
    plain = [name for name in annulet.__all__ if not name.startswith("_")]
    assert plain == sorted(plain)
    for name in annulet.__all__:
        assert getattr(annulet, name) is not None
        assert name in dir(annulet)


def test_the_list_is_complete():
    """Client, errors, documents and answers are on it, and nothing else is exported."""
    documents = {collection.document.__name__ for collection in COLLECTIONS.values()}
    client = {"Batch", "Documents", "OuraClient", "Sample", "StaticToken", "TokenProvider"}
    door = {"connect", "ConnectedClient", "TypedAnswer", "sync", "__version__"}
    answers = {answer.__name__ for answer in ANSWER_TYPES.values()}
    assert set(annulet.__all__) == documents | client | door | answers | set(errors.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """A typing slip is told in the usual way."""
    with pytest.raises(AttributeError, match="OuraKlient"):
        _ = annulet.OuraKlient


def test_a_plain_import_is_light():
    """Neither the HTTP stack nor the document classes are loaded."""
    code = "import annulet, sys; print({'msgspec', 'anyio', 'httpx2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
