"""Developer applications registered at the simulated Oura."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from annulet.contract.scopes import SCOPES
from annulet.errors import UsageError

Provider = Literal["current", "legacy"]

_REDIRECT_URIS: Final = (
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

    ``kind``: *new* applications are registered at the current provider; *legacy* ones at the
    legacy provider and get no ``iss``; *mixed* ones get ``iss`` and are refused by the current
    provider.
    """

    kind: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = tuple(SCOPES)
    name: str = "annulet"

    @property
    def receives_issuer(self) -> bool:
        """Whether its callbacks carry ``iss`` (RFC 9207)."""
        return self.kind != "legacy"

    def is_registered_at(self, provider: Provider) -> bool:
        """Return whether the token endpoint of a provider knows it."""
        return (provider == "current") == (self.kind == "new")


_INITIAL: Final = {
    kind: Application(kind, client_id, "simulated-secret", _REDIRECT_URIS)
    for kind, client_id in (
        ("new", "annulet-simulator"),
        ("legacy", "annulet-legacy"),
        ("mixed", "annulet-mixed"),
    )
}
DEFAULT_APPLICATION: Final = _INITIAL["new"]


def initial_application(kind: str) -> Application:
    """Return the application of a kind that is registered from the start.

    Raises:
        UsageError: There is no such kind.
    """
    try:
        return _INITIAL[kind]
    except KeyError:
        raise UsageError(
            f"There is no application kind {kind!r}.", hint=f"Use one of {', '.join(_INITIAL)}."
        ) from None


class Applications(dict[str, Application]):
    """The registered applications by client id."""

    def __init__(self) -> None:
        super().__init__({item.client_id: item for item in _INITIAL.values()})

    def register(self, application: Application) -> Application:
        """Add an application, or replace the one with the same client id.

        Raises:
            UsageError: There is no such kind.
        """
        initial_application(application.kind)
        self[application.client_id] = application
        return application

    def authenticate(self, client_id: str, client_secret: str) -> Application | None:
        """Return the application with these credentials."""
        application = self.get(client_id)
        is_known = application and application.client_secret == client_secret
        return application if is_known else None
