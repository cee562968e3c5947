"""A value that does not print itself."""

from __future__ import annotations

import hashlib
import hmac


class Secret:
    """A token, a key or a password: its value is shown only by `reveal`.

    >>> token = Secret("made-up-token")
    >>> token
    Secret(…42a2)
    >>> token.reveal()
    'made-up-token'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value; call this only where the value is sent or sealed."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """Four hexadecimal digits that distinguish two values and reveal neither."""
        return hashlib.sha256(b"annulet-fingerprint" + self._value.encode()).hexdigest()[-4:]

    def __repr__(self) -> str:
        return f"Secret(…{self.fingerprint})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is not pickled")
