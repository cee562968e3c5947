"""A grant: one pair of tokens, and the server that issued and renews it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from annulet.contract import scopes
from annulet.vault.secret import Secret

RENEWAL_SHARE: Final = 0.25
"""The share of an access token's lifetime that is left when it is renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person's consent, as it is sealed.

    The application's secret is not part of it: the grant names the application by ``client_id``,
    and a `ClientSecretLookup` finds the secret.

    Attributes:
        client_id: The application the grant was given to.
        token_url: Where it is renewed, and nowhere else.
        revoke_url: Where it is revoked; empty when that server offers no such thing.
        issuer: The issuer that was seen at consent; empty on Oura's old server, which names none.
        access_token: Opens Oura's API.
        refresh_token: Good for one renewal; ``None`` when Oura gave none.
        issued_at: When this pair was received (epoch seconds).
        expires_at: When the access token ends (epoch seconds).
        scopes: Bare names of the granted permissions; ``None`` when Oura did not say.
        requested: Bare names of the permissions that were asked for.
        oura_account: Which Oura account this is, in the person's words, where known.
        oura_person: Oura's identifier of the person; empty in older rows.
        consent_id: Made up at consent and kept through every renewal: another one means that the
            person, or another person, has connected anew. Empty in older rows.
    """

    client_id: str
    token_url: str
    revoke_url: str
    access_token: Secret
    refresh_token: Secret | None
    issued_at: float
    expires_at: float
    issuer: str = ""
    scopes: tuple[str, ...] | None = None
    requested: tuple[str, ...] = ()
    oura_account: str = ""
    oura_person: str = ""
    consent_id: str = ""

    @property
    def lifetime_s(self) -> float:
        """Seconds from receipt to the end of the access token."""
        return max(0.0, self.expires_at - self.issued_at)

    @property
    def is_renewable(self) -> bool:
        """Whether the grant can be renewed without the person."""
        return self.refresh_token is not None

    def is_alive(self, now: float) -> bool:
        """Whether the access token has not reached its end."""
        return now < self.expires_at

    def is_due(self, now: float, *, share: float = RENEWAL_SHARE) -> bool:
        """Whether no more than this share of the access token's lifetime is left."""
        return self.expires_at - now <= share * self.lifetime_s

    def to_fields(self) -> dict[str, object]:
        """The values in the clear, for sealing only."""
        return {
            "client_id": self.client_id,
            "token_url": self.token_url,
            "revoke_url": self.revoke_url,
            "issuer": self.issuer,
            "access_token": self.access_token.reveal(),
            "refresh_token": self.refresh_token.reveal() if self.refresh_token else None,
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "scopes": None if self.scopes is None else list(self.scopes),
            "requested": list(self.requested),
            "oura_account": self.oura_account,
            "oura_person": self.oura_person,
            "consent": self.consent_id,
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Grant:
        """The grant that `to_fields` described.

        Raises:
            ValueError: The fields are not those of a grant.
        """
        refresh_token, granted = fields.get("refresh_token"), fields.get("scopes")
        return cls(
            client_id=_text(fields, "client_id"),
            token_url=_text(fields, "token_url"),
            revoke_url=_text(fields, "revoke_url"),
            issuer=_text(fields, "issuer"),
            access_token=Secret(_text(fields, "access_token")),
            refresh_token=None if refresh_token is None else Secret(_text(fields, "refresh_token")),
            issued_at=_instant(fields, "issued_at"),
            expires_at=_instant(fields, "expires_at"),
            scopes=None if granted is None else scopes.parse_scopes(_names(granted)),
            requested=scopes.parse_scopes(_names(fields.get("requested") or ())) or (),
            oura_account=_text(fields, "oura_account"),
            oura_person=_text(fields, "oura_person"),
            consent_id=_text(fields, "consent"),
        )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")  # noqa: TRY004 - one kind of failure for callers
    return value


def _instant(fields: Mapping[str, object], name: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is not an instant")
    return float(value)


def _names(value: object) -> Iterable[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError("the permissions are not a list")  # noqa: TRY004 - as above
    return [str(name) for name in value]
