"""Names as people write them: folded for comparison, and the nearest ones to an unknown name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_SHOWN = 3
_NEAR = 0.8
_CLEARLY_NEARER = 0.06
_CONTAINED = 0.85
_SHORTEST_PART = 4
_SAME_LETTERS = 0.9
_WHOLE_WORD = 0.7


def fold(words: str) -> str:
    """A word as it is compared: without case, quotes, hyphens and underscores.

    >>> fold(' "Late_Meal" ')
    'late meal'
    """
    plain = words.strip().strip("\"'“”„`").casefold()
    return " ".join(plain.replace("_", " ").replace("-", " ").split())


def keeps_words(name: str, near: str, known: Iterable[str]) -> bool:
    """Whether a near name keeps every word that is right: ``deep_weeks`` is no ``sleep_weeks``.

    >>> keeps_words("deep_scor", "sleep_score", ["deep_min", "sleep_score"])
    False
    """
    right = {word for candidate in known for word in fold(candidate).split()}
    return set(fold(name).split()) & right <= set(fold(near).split())


def nearest(name: str, known: Iterable[str], count: int = _SHOWN) -> tuple[str, ...]:
    """The known names most like an unknown one, the best first."""
    ranked = sorted(known, key=lambda candidate: (-_likeness(name, candidate), candidate))
    return tuple(ranked[:count])


def only_near(name: str, known: Iterable[str]) -> str | None:
    """The one known name that is near an unknown one; None where none or several are.

    >>> only_near("stepz", ["steps", "sleep_score"])
    'steps'
    """
    ranked = sorted(((_likeness(name, candidate), candidate) for candidate in known), reverse=True)
    if not ranked or ranked[0][0] < _NEAR:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _CLEARLY_NEARER:
        return None
    return ranked[0][1]


def _likeness(name: str, known: str) -> float:
    """How much two names resemble each other, 0 to 1; a whole part of a name counts much."""
    name_folded, known_folded = fold(name), fold(known)
    ratio = SequenceMatcher(None, name_folded, known_folded).ratio()
    if sorted(name_folded) == sorted(known_folded):
        ratio = max(ratio, _SAME_LETTERS)  # letters that changed places
    if name_folded in known_folded.split():  # one of its words: heart of heart rate
        ratio = max(ratio, _WHOLE_WORD + ratio / 10)
    contained = len(name_folded) >= _SHORTEST_PART and name_folded in known_folded
    return (
        max(ratio, _CONTAINED * len(name_folded) / len(known_folded) + ratio / 4)
        if contained
        else ratio
    )
