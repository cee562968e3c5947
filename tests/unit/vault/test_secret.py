"""A secret shows its value only through `reveal`."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from annulet.vault.secret import Secret

TOKEN = Secret("planted-token")


def test_no_way_of_printing_shows_it() -> None:
    """Neither text, repr, padding, a list, an exception nor a dataclass-like dump."""
    shown = f"{TOKEN} {TOKEN!r} {TOKEN:>30} {[TOKEN]} {ValueError(TOKEN)!r} {'%s' % TOKEN}"  # noqa: UP031 - one of the ways
    assert "planted" not in shown
    assert TOKEN.fingerprint in shown


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy, json.dumps])
def test_pickling_and_copying_fail(leave) -> None:
    """What would write it down, or make a second one in silence, fails."""
    with pytest.raises(TypeError):
        leave(TOKEN)


def test_two_of_the_same_value_are_equal() -> None:
    """And nothing else is: a plain text of that value is no secret."""
    assert Secret("planted-token") == TOKEN
    assert len({Secret("planted-token"), TOKEN}) == 1
    assert Secret("another") != TOKEN
    assert TOKEN != "planted-token"
    assert TOKEN
    assert not Secret("")
