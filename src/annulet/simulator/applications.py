"""Developer applications registered at the simulated Oura."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from annulet.contract.scopes import SCOPES
from annulet.errors import UsageError

__all__ = ["DEFAULT", "KINDS", "REDIRECTS", "Application", "Applications"]

KINDS: Final = ("new", "legacy", "mixed")
REDIRECTS: Final = (
    *(
        f"http://{host}:{port}/callback"
        for host in ("localhost", "127.0.0.1", "[::1]")
        for port in (8765, 8766, 8767)
    ),
    "http://127.0.0.1:8080/connect/oura/callback",
    "http://localhost:8080/connect/oura/callback",
)


@dataclass(frozen=True, slots=True)
class Application:
    """One registered application.

    ``kind``: *new* applications live at the current server only; *legacy* ones at the old one
    only and get no ``iss``; *mixed* ones get ``iss`` and are refused by the current server.
    """

    kind: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = tuple(SCOPES)
    name: str = "annulet"

    @property
    def sends_issuer(self) -> bool:
        """Whether its callbacks carry ``iss``."""
        return self.kind != "legacy"

    def lives_at(self, server: str) -> bool:
        """Whether that token server (``current`` or ``legacy``) knows it."""
        return (server == "current") == (self.kind == "new")


DEFAULT: Final = Application("new", "annulet-simulator", "simulated-secret", REDIRECTS)


class Applications:
    """The register of applications."""

    def __init__(self) -> None:
        self._known = {
            DEFAULT.client_id: DEFAULT,
            "annulet-legacy": Application(
                "legacy", "annulet-legacy", "simulated-secret", REDIRECTS
            ),
            "annulet-mixed": Application("mixed", "annulet-mixed", "simulated-secret", REDIRECTS),
        }

    def __iter__(self) -> Iterator[Application]:
        return iter(self._known.values())

    def register(self, application: Application) -> Application:
        """Add an application, or replace the one with that client id."""
        if application.kind not in KINDS:
            raise UsageError(
                f"There is no application kind {application.kind!r}.",
                hint=f"Use one of {', '.join(KINDS)}.",
            )
        self._known[application.client_id] = application
        return application

    def find(self, client_id: str) -> Application | None:
        """The application with that client id."""
        return self._known.get(client_id)
