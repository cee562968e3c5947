"""What the doctor concludes: one small function a step, over what was gathered; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from annulet.cli.application_form import PORTAL, redirect_uris
from annulet.contract.addresses import API_URL
from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError, ConsentRevoked, NotConnected
from annulet.oauth.grant import RENEWAL_SHARE
from annulet.oauth.grant_store import StoredGrant

__all__ = ["STEPS", "Findings", "Step", "check", "first_error", "odd_client_id"]

State = Literal["ok", "remark", "problem", "skipped"]
_SKEW_REMARK: Final = 60.0
_SKEW_PROBLEM: Final = 300.0
_SHORTEST_CLIENT_ID: Final = 3
_STALE: Final = timedelta(hours=24)
_CONNECT: Final = "Run: annulet connect"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the doctor's answer.

    Attributes:
        name: What was looked at.
        state: ``remark`` is worth knowing and stops nothing; ``skipped`` could not be looked at.
        found: What was found.
        todo: What to do about it.
        error: Why a tool would fail here; decides the exit code.
    """

    name: str
    state: State
    found: str
    todo: str = ""
    error: AnnuletError | None = None

    def as_dict(self) -> dict[str, str]:
        """The step for programs."""
        shown = {"step": self.name, "state": self.state, "found": self.found, "do": self.todo}
        return {name: value for name, value in shown.items() if value}


@dataclass(slots=True)
class Findings:
    """What was gathered; ``None`` where there was nothing or it could not be looked at.

    Attributes:
        now: The present instant.
        home: The data folder.
        settings: What is wrong with the settings.
        account: Which connection.
        bare_token: Whether a bare access token stands in for a connection.
        api_url: Where Oura is expected.
        client_id: The application's id, empty when there is none.
        secret_known: Whether its secret is known.
        secret_equals_id: Whether both are the same text.
        application_from: Where both came from.
        vault: What is wrong with the vault.
        key: Where its key lies, and a warning about that place.
        exposed: Files others may read.
        free_port: The first registered port that is free.
        port_owner: Who holds the first one, where that could be found.
        unreachable: Why Oura did not answer.
        skew: Seconds our clock is ahead of Oura's.
        grant: The stored connection.
        token: What Oura says to the token.
        permissions: The permissions answer.
        answer: What a real question brought: its coverage, or why it failed.
        assistants: Names of assistants found, and whether annulet is in their configuration.
    """

    now: datetime
    home: Path
    settings: AnnuletError | None = None
    account: str = ""
    bare_token: bool = False
    api_url: str = ""
    client_id: str = ""
    secret_known: bool = False
    secret_equals_id: bool = False
    application_from: str = ""
    vault: AnnuletError | None = None
    key: tuple[str, str] | None = None
    exposed: tuple[Path, ...] = ()
    free_port: int | None = None
    port_owner: str = ""
    unreachable: AnnuletError | None = None
    skew: float | None = None
    grant: StoredGrant | None = None
    token: AnnuletError | None = None
    permissions: dict[str, Any] | None = None
    answer: dict[str, Any] | AnnuletError | None = None
    assistants: dict[str, bool] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether there is a token to try."""
        return self.bare_token or self.grant is not None


def check(findings: Findings) -> list[Step]:
    """Every step, in the order in which a connection comes about; one where settings are wrong."""
    if findings.settings is not None:
        return [_settings(findings)]
    return [step(findings) for step in STEPS]


def first_error(steps: Iterable[Step]) -> AnnuletError | None:
    """What a tool would fail with."""
    return next((step.error for step in steps if step.state == "problem" and step.error), None)


def _problem(name: str, error: AnnuletError) -> Step:
    return Step(name, "problem", error.message, error.hint, error)


def _settings(f: Findings) -> Step:
    if f.settings is not None:
        return _problem("settings", f.settings)
    elsewhere = "" if f.api_url == API_URL else f", Oura at {f.api_url}"
    return Step("settings", "ok", f"Data folder {f.home}{elsewhere}.")


def _application(f: Findings) -> Step:
    name = "application"
    if not f.client_id:
        if f.bare_token:
            return Step(name, "ok", "Not needed: ANNULET_ACCESS_TOKEN is used.")
        todo = f"Register one at {PORTAL} (annulet setup shows how), then run: annulet connect"
        return Step(name, "problem", "No application is known on this machine.", todo)
    why = odd_client_id(f.client_id, same_as_secret=f.secret_equals_id)
    if why:
        return Step(
            name,
            "problem",
            f"The client id cannot be right: {why}.",
            "Copy it again from the application's page at Oura.",
        )
    if not f.secret_known:
        return Step(
            name,
            "problem",
            "The client id is known, its client secret is not: renewing will fail.",
            "Set ANNULET_CLIENT_SECRET_FILE, or run annulet connect and type it.",
        )
    return Step(name, "ok", f"Client id and secret from {f.application_from}.")


def odd_client_id(text: str, *, same_as_secret: bool = False) -> str:
    """Why this can be no client id; empty where it can be one."""
    if same_as_secret:
        return "it is the same text as the client secret"
    if "://" in text or "@" in text:
        return "it is an address"
    if any(not "!" <= letter <= "~" for letter in text) or any(mark in text for mark in "\"'<>"):
        return "it holds blanks, quotes or brackets"
    return "it is too short" if len(text) < _SHORTEST_CLIENT_ID else ""


def _redirects(f: Findings) -> Step:
    del f
    listed = " and ".join(redirect_uris())
    return Step("redirect URIs", "ok", f"Registered with the application must be {listed}.")


def _port(f: Findings) -> Step:
    if f.free_port is not None:
        return Step("port", "ok", f"Port {f.free_port} is free for the way back from Oura.")
    owner = f" ({f.port_owner} uses it)" if f.port_owner else ""
    return Step(
        "port",
        "remark" if f.connected else "problem",
        f"No registered port is free{owner}: connecting would not work now.",
        "End the program that uses it, or register and use another: annulet connect --port N",
    )


def _vault(f: Findings) -> Step:
    if f.bare_token:
        return Step("vault", "ok", "Not needed: ANNULET_ACCESS_TOKEN is used.")
    if f.vault is not None:
        return _problem("vault", f.vault)
    if f.key is None:
        return Step("vault", "ok", "Empty: it is made by annulet connect.")
    place, warning = f.key
    found = f"Sealed with a key in {place}."
    if warning:
        todo = "Use the system's keychain, or keep the key elsewhere with ANNULET_KEY_FILE."
        return Step("vault", "remark", f"{found} {warning}", todo)
    return Step("vault", "ok", found)


def _files(f: Findings) -> Step:
    if not f.exposed:
        return Step("files", "ok", "Nobody else on this machine may read the data folder.")
    listed = " ".join(str(path) for path in f.exposed)
    return Step(
        "files", "remark", f"Others on this machine may read: {listed}", f"Run: chmod go= {listed}"
    )


def _network(f: Findings) -> Step:
    if f.unreachable is not None:
        return _problem("network", f.unreachable)
    return Step("network", "ok", f"Oura answers at {urlsplit(f.api_url).netloc}.")


def _clock(f: Findings) -> Step:
    if f.skew is None:
        return Step("clock", "skipped", "Oura did not say what time it is.")
    off = abs(f.skew)
    way = "ahead of" if f.skew > 0 else "behind"
    if off < _SKEW_REMARK:
        return Step("clock", "ok", "This machine's clock agrees with Oura's.")
    return Step(
        "clock",
        "problem" if off >= _SKEW_PROBLEM else "remark",
        f"This machine's clock is {off:.0f} s {way} Oura's.",
        "Let the system set its clock by the network: tokens are renewed by it.",
    )


def _connection(f: Findings) -> Step:
    name = "connection"
    if f.bare_token:
        return Step(name, "ok", "A bare access token is used; it is never renewed.")
    if f.vault is not None:
        return Step(name, "skipped", "The vault cannot be opened.")
    if f.grant is None:
        missing = NotConnected("No ring is connected to this account yet.", hint=_CONNECT)
        return _problem(name, missing)
    if f.grant.needs_reconnect:
        reason = {
            "revoked": "Oura no longer accepts it: it was revoked, or it expired there",
            "interrupted": "a renewal was interrupted before its answer arrived",
            "expired": "it expired, and Oura gave no way to renew it",
        }[f.grant.needs_reconnect]
        found = f"The connection has ended ({f.grant.needs_reconnect}): {reason}."
        return _problem(name, ConsentRevoked(found, hint=_CONNECT))
    grant = f.grant.grant
    kind = "current" if grant.issuer else "older"
    host = urlsplit(grant.token_url).netloc
    return Step(name, "ok", f"“{f.account}”, from Oura's {kind} sign-in service ({host}).")


def _renewal(f: Findings) -> Step:
    name = "renewal"
    if f.grant is None:
        return Step(name, "skipped", "There is nothing to renew.")
    grant = f.grant.grant
    ends, last = _instant(grant.expires_at), _instant(grant.issued_at)
    facts = f"Generation {f.grant.generation}, renewed last at {last}; the token ends at {ends}"
    if f.grant.intent is not None:
        todo = "annulet tries again by itself. If it stays so, run: annulet connect"
        return Step(name, "remark", f"{facts}. A renewal was begun and not finished.", todo)
    if not grant.is_renewable:
        return Step(name, "remark", f"{facts}, and Oura gave no way to renew it.", _CONNECT)
    due = _instant(grant.expires_at - RENEWAL_SHARE * grant.lifetime_s)
    return Step(name, "ok", f"{facts}, and is renewed from {due} on.")


def _token(f: Findings) -> Step:
    if not f.connected or f.unreachable is not None:
        return Step("token", "skipped", "It could not be tried.")
    if f.token is not None:
        return _problem("token", f.token)
    if f.permissions is None:
        return Step("token", "skipped", "The connection has ended.")
    return Step("token", "ok", "Oura accepts it.")


def _permissions(f: Findings) -> Step:
    name = "permissions"
    if f.permissions is None:
        return Step(name, "skipped", "They could not be asked for.")
    granted = [row[0] for row in f.permissions["granted"]["rows"]]
    missing = [row[0] for row in f.permissions["missing"]["rows"]]
    if not missing:
        return Step(name, "ok", f"All {len(granted)} permissions are given.")
    titles = ", ".join(SCOPES[scope].title for scope in missing if scope in SCOPES)
    todo = "To add them, connect again and tick them: annulet connect"
    return Step(name, "remark", f"{len(granted)} given. Missing: {titles}.", todo)


def _sync(f: Findings) -> Step:
    name = "last sync"
    if f.permissions is None:
        return Step(name, "skipped", "It could not be asked for.")
    text = f.permissions.get("last_sync")
    if not text:
        return Step(name, "remark", "Unknown: Oura has no recent sample this connection may see.")
    found = f"The newest sample at Oura is of {text}."
    synced = datetime.fromisoformat(str(text))
    if synced.tzinfo is not None and f.now - synced > _STALE:
        return Step(name, "remark", found, "Open the Oura app near the ring, so that it syncs.")
    return Step(name, "ok", found)


def _limits(f: Findings) -> Step:
    name = "rate limit"
    failures = [error for error in (f.token, f.answer) if isinstance(error, AnnuletError)]
    limited = next((error for error in failures if error.code == "rate_limited"), None)
    if limited is not None:
        return _problem(name, limited)
    if f.answer is None:
        return Step(name, "skipped", "Nothing was asked.")
    return Step(name, "ok", "Oura did not limit these requests.")


def _answer(f: Findings) -> Step:
    name = "answer"
    if f.answer is None:
        return Step(name, "skipped", "No question could be asked.")
    if isinstance(f.answer, AnnuletError):
        if f.answer.code == "missing_scope" and f.permissions is not None:
            # Whoever left a permission out knows it: the permissions step says so.
            return Step(name, "remark", f.answer.message, f.answer.hint)
        return _problem(name, f.answer)
    covered = f.answer.get("coverage", {})
    days, found = covered.get("days", 0), covered.get("with_data", 0)
    return Step(name, "ok", f"A real question was answered: {found} of {days} days with data.")


def _assistants(f: Findings) -> Step:
    name = "assistants"
    if not f.assistants:
        return Step(name, "ok", "No assistant that annulet knows was found on this machine.")
    have = [title for title, there in f.assistants.items() if there]
    lack = [title for title, there in f.assistants.items() if not there]
    said = [f"annulet is in {', '.join(have)}." if have else "", "Without it: " if lack else ""]
    found = " ".join(part for part in said if part) + (f"{', '.join(lack)}." if lack else "")
    todo = "To add it: annulet mcp install --client NAME" if lack else ""
    return Step(name, "remark" if lack and not have else "ok", found.strip(), todo)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


STEPS: Final[tuple[Callable[[Findings], Step], ...]] = (
    _settings,
    _application,
    _redirects,
    _port,
    _vault,
    _files,
    _connection,
    _renewal,
    _network,
    _clock,
    _token,
    _permissions,
    _sync,
    _limits,
    _answer,
    _assistants,
)
