"""Query parameters against the parser whose words the live service uses."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.simulator.instants import instant_failures, read_bool, read_instant

pydantic = pytest.importorskip("pydantic")
UNION = pydantic.TypeAdapter(datetime | date)
ALONE = pydantic.TypeAdapter(datetime)
BOOL = pydantic.TypeAdapter(bool)

shaped = st.from_regex(
    r"(19|20)\d\d-[01]\d-[0-3]\d([T _x][0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
)
numbers = st.integers(-(10**9), 10**17).map(str)
EXAMPLES = [
    "",
    "nonsense",
    "today",
    "2026-05-06",
    "2026-13-01",
    "2026-02-30",
    "2026/05/06",
    "xxxx-05-06",
    "2026-xx-06",
    "2026-05-xx",
    "2026-05-06x",
    "2026-05-06T25:00",
    "2026-05-06T10:00:61",
    "2026-05-06T10:00:00+25:00",
    "2026-05-06T10:00:00 02:00",
    "2026-05-06T10:00:00+02:00",
    "2026-05-06T10",
    "1",
    "-1",
    "1.5",
    "99999999999",
    "9999999999999999",
    "0024-01-01",
]


def _theirs(adapter: object, text: str) -> object:
    try:
        found = adapter.validate_python(text)
    except pydantic.ValidationError as error:
        return [
            {**item, "loc": ["query", "x", *item["loc"]], "ctx": item["ctx"]}
            for item in error.errors(include_url=False)
        ]
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ours(text: str, *, union: bool) -> object:
    try:
        return read_instant(text)
    except ValueError:
        return instant_failures("x", text, union=union)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_known_cases(text: str) -> None:
    """Value or failure, word for word."""
    assert _ours(text, union=True) == _theirs(UNION, text)
    assert _ours(text, union=False) == _theirs(ALONE, text)


@settings(max_examples=400, deadline=None)
@given(st.one_of(shaped, numbers))
def test_what_is_read_is_read_alike(text: str) -> None:
    """The same instants are understood, and the same texts refused."""
    ours, theirs = _ours(text, union=False), _theirs(ALONE, text)
    assert isinstance(ours, datetime) == isinstance(theirs, datetime)
    if isinstance(theirs, datetime):
        assert ours == theirs


@pytest.mark.parametrize("text", ["true", "1", "yes", "ON", "f", "0", "off", "maybe", ""])
def test_switches(text: str) -> None:
    """The same words mean yes and no."""
    try:
        theirs: object = BOOL.validate_python(text)
    except pydantic.ValidationError:
        theirs = None
    try:
        ours: object = read_bool(text)
    except ValueError:
        ours = None
    assert ours == theirs
