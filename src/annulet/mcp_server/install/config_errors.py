"""Why a configuration file cannot be edited."""

from __future__ import annotations


class MalformedConfigError(ValueError):
    """The text cannot be read.

    Attributes:
        place: Where reading failed, as in “cannot be read at line 3”.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class ConfigFormError(ValueError):
    """The servers, or the entry, are written in a form that cannot be edited safely."""
