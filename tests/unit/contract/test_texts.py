"""Texts of Oura: short, on one line, visible, and marked where they are cut."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.contract.texts import harmless, is_code, parse_json
from hostile_texts import TEXTS, hidden_in, texts_in

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
BYTES = 400_000


@given(text=ANY_TEXT, limit=st.integers(1, 200))
def test_whatever_comes_is_short_visible_and_stays_the_same(text, limit):
    """On one line of at most so many characters; what passed once passes again."""
    shown = harmless(text, limit)
    assert len(shown) <= limit
    assert hidden_in(shown) <= {"\u200c", "\u200d"}
    assert shown.split("\n") == [shown]
    assert harmless(shown, limit) == shown


def test_every_character_that_is_not_shown_is_left_out():
    """All of Unicode, a character at a time."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
            assert harmless(f"a{character}b") in {"ab", "a b"}, hex(number)


@pytest.mark.parametrize(
    "text", ["Cold plunge", "Übung №5", "می‌خواهم", "क्षि", "👨‍👩‍👧 day out", "東京マラソン", "naïve"]
)
def test_honest_texts_pass_unchanged(text):
    """Words of every script, and emoji made of several."""
    assert harmless(text) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_body_is_small_and_visible(text):
    """Values, names of fields, lists and unknown fields alike."""
    body = {"data": [{"comment": text, text: [text, {"deep": text}], "n": 1.5, "none": None}]}
    clean = parse_json(json.dumps(body).encode())
    assert len(json.dumps(clean)) < 2_500
    assert not any(hidden_in(shown) for shown in texts_in(clean))
    row = clean["data"][0]
    assert (row["n"], row["none"]) == (1.5, None)
    assert (len(text) > 1_000) == row["comment"].endswith("…")


def test_half_of_a_surrogate_pair_fails_no_page():
    """It is left out; the rest of the page is there."""
    assert parse_json(b'{"data":[{"comment":"a\\ud83d","bpm":60}]}') == {
        "data": [{"comment": "a", "bpm": 60}]
    }


@pytest.mark.parametrize("body", [b"", b"NaNs", b'{"a":nan}', b"[" * BYTES, b"\xff"])
def test_what_is_no_json_is_one_error(body):
    """Never a crash, however deep."""
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_number_of_json_is_read_as_null(number):
    """The values beside it are there."""
    assert parse_json(f'{{"a":{number},"b":"\\u0041","c":1.5}}'.encode()) == {
        "a": None,
        "b": "A",
        "c": 1.5,
    }


def test_a_text_within_its_limit_is_not_cut():
    """The token of the next page, a night of movements, a comment."""
    body = {"next_token": "t" * 9_000, "movement_30_sec": "1" * 2_880, "comment": "c" * 1_000}
    assert parse_json(json.dumps(body).encode()) == body


@pytest.mark.parametrize("text", ["Do as I say", "OBEY", "a_b_c_d_e", "x" * 40, "do!", "", "läuft"])
def test_a_sentence_is_no_code(text):
    """Only words as Oura writes them are named in a summary."""
    assert not is_code(text)
