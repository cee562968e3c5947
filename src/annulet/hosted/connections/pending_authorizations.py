"""Authorizations at Oura that wait for their callback: sealed rows, each used once.

They stand in the database so that any replica can receive the callback.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import delete, insert, select

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import token_digest
from annulet.oauth.consent_flow import FlowState
from annulet.oauth.consent_request import ConsentRequest
from annulet.oauth.provider import AuthorizationServer
from annulet.vault.secret import Secret

_LIFETIME_S: Final = 1800
_f = tables.flows.c


@dataclass(frozen=True, slots=True)
class PendingAuthorization:
    """An authorization that waits for its callback.

    Attributes:
        scopes: Bare names of the permissions that were asked for.
        state: What the token exchange needs.
    """

    scopes: tuple[str, ...]
    state: FlowState


def sealing_owner(person_id: str) -> str:
    """Return what a sealed authorization is bound to."""
    return f"flow:{person_id}"


class PendingAuthorizations:
    """Stores authorizations, bound to one person and one browser."""

    def __init__(self, database: ServiceDatabase, sealing_keys: SealingKeys, clock: Clock) -> None:
        self._database = database
        self._sealing_keys = sealing_keys
        self._clock = clock

    async def store(self, person_id: str, session_id: str, pending: PendingAuthorization) -> None:
        """Store an authorization for half an hour."""
        now = to_epoch_s(self._clock())
        sealed = self._sealing_keys.seal(_encode(pending), owner=sealing_owner(person_id))
        state = pending.state.request.state.reveal()
        async with self._database.write() as connection:
            await connection.execute(delete(tables.flows).where(_f.expires_at < now))
            await connection.execute(
                insert(tables.flows).values(
                    digest=token_digest(state),
                    person_id=person_id,
                    session_id=session_id,
                    sealed=sealed,
                    expires_at=now + _LIFETIME_S,
                )
            )

    async def take(
        self, person_id: str, session_id: str, state: str
    ) -> PendingAuthorization | None:
        """Take the authorization with this state; it can be taken once, by its own browser."""
        is_own = (
            _f.digest == token_digest(state),
            _f.person_id == person_id,
            _f.session_id == session_id,
            _f.expires_at >= to_epoch_s(self._clock()),
        )
        async with self._database.write() as connection:
            sealed = (await connection.execute(select(_f.sealed).where(*is_own))).scalar()
            if sealed is None:
                return None
            result = await connection.execute(delete(tables.flows).where(*is_own))
            if not result.rowcount:
                return None
        return _decode(self._sealing_keys.unseal(sealed, owner=sealing_owner(person_id)))


def _encode(pending: PendingAuthorization) -> bytes:
    request, decided = pending.state.request, pending.state.decided_server
    document = {
        "names": list(pending.scopes),
        "server": asdict(request.server),
        "decided": asdict(decided) if decided else None,
        "url": request.url,
        "redirect_uri": request.redirect_uri,
        "state": request.state.reveal(),
        "verifier": request.verifier.reveal(),
    }
    return json.dumps(document).encode()


def _decode(plain: bytes) -> PendingAuthorization:
    document = json.loads(plain)
    request = ConsentRequest(
        server=AuthorizationServer(**document["server"]),
        url=document["url"],
        redirect_uri=document["redirect_uri"],
        state=Secret(document["state"]),
        verifier=Secret(document["verifier"]),
    )
    decided = AuthorizationServer(**document["decided"]) if document["decided"] else None
    return PendingAuthorization(tuple(document["names"]), FlowState(request, decided))
