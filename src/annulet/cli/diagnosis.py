"""The checks of ``annulet doctor``: one small function each, over gathered facts; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from annulet.cli.application_form import PORTAL, redirect_uris
from annulet.contract.addresses import API_URL
from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError, ConsentRevoked, NotConnected
from annulet.oauth.grant import RENEWAL_SHARE
from annulet.oauth.grant_store import StoredGrant
from annulet.toolkit.tool import Answer

State = Literal["ok", "remark", "problem", "skipped"]
_SKEW_REMARK: Final = 60.0
_SKEW_PROBLEM: Final = 300.0
_SHORTEST_CLIENT_ID: Final = 3
_STALE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: What was checked.
        state: ``remark`` stops no answer; ``skipped`` could not be checked.
        finding: The finding, as a sentence.
        todo: What the person should do about it.
        error: Why a tool would fail here; decides the exit code.
    """

    name: str
    state: State
    finding: str
    todo: str = ""
    error: AnnuletError | None = None

    def as_dict(self) -> dict[str, str]:
        """The result as JSON."""
        shown = {"step": self.name, "state": self.state, "found": self.finding, "do": self.todo}
        return {name: value for name, value in shown.items() if value}


@dataclass(slots=True)
class Facts:
    """The gathered facts; ``None`` where there was nothing or it could not be read.

    Attributes:
        now: The present instant.
        home: The data folder.
        settings: The error in the settings.
        account: The name of the connection.
        connect: What to type to connect it.
        bare_token: Whether a bare access token stands in for a connection.
        api_url: The address of Oura's API.
        client_id: The application's id, empty when there is none.
        secret_known: Whether its secret is known.
        secret_equals_id: Whether both are the same text.
        application_from: The place that both came from.
        vault: The error of the vault.
        key: The place of its key, and a warning about that place.
        exposed: The files that other users of the machine may read.
        free_port: The first registered port that is free.
        port_owner: The program that holds the first one, where the system tells it.
        unreachable: The error of a request to Oura without a token.
        skew: Seconds by which this machine's clock is ahead of Oura's.
        grant: The stored connection.
        token: The error with which Oura refuses the token.
        permissions: The permissions answer.
        answer: The answer to a real question, or its error.
        assistants: Titles of installed assistants, and whether each has annulet configured.
    """

    now: datetime
    home: Path
    settings: AnnuletError | None = None
    account: str = ""
    connect: str = "annulet connect"
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
    permissions: Answer | None = None
    answer: Answer | AnnuletError | None = None
    assistants: dict[str, bool] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether there is a token to try."""
        return self.bare_token or self.grant is not None


def run_checks(facts: Facts) -> list[CheckResult]:
    """Run every check, in the order in which a connection comes about.

    Where the settings are wrong, the only result is theirs.
    """
    if facts.settings is not None:
        return [_settings(facts)]
    return [check(facts) for check in CHECKS]


def first_error(results: Iterable[CheckResult]) -> AnnuletError | None:
    """The first error that would stop a tool."""
    return next((r.error for r in results if r.state == "problem" and r.error), None)


def _problem(name: str, error: AnnuletError) -> CheckResult:
    return CheckResult(name, "problem", error.message, error.hint, error)


def _settings(f: Facts) -> CheckResult:
    if f.settings is not None:
        return _problem("settings", f.settings)
    elsewhere = "" if f.api_url == API_URL else f", Oura at {f.api_url}"
    return CheckResult("settings", "ok", f"Data folder {f.home}{elsewhere}.")


def _application(f: Facts) -> CheckResult:
    name = "application"
    if not f.client_id:
        if f.bare_token:
            return CheckResult(name, "ok", "Not needed: ANNULET_ACCESS_TOKEN is used.")
        todo = f"Register one at {PORTAL} (annulet setup shows how), then run: {f.connect}"
        return CheckResult(name, "problem", "No application is known on this machine.", todo)
    why = explain_client_id(f.client_id, same_as_secret=f.secret_equals_id)
    if why:
        return CheckResult(
            name,
            "problem",
            f"The client id cannot be right: {why}.",
            "Copy it again from the application's page at Oura.",
        )
    if not f.secret_known:
        return CheckResult(
            name,
            "problem",
            "The client id is known, its client secret is not: renewing will fail.",
            f"Set ANNULET_CLIENT_SECRET_FILE, or run {f.connect} and type it.",
        )
    return CheckResult(name, "ok", f"Client id and secret from {f.application_from}.")


def explain_client_id(text: str, *, same_as_secret: bool = False) -> str:
    """The reason why a text cannot be a client id; empty where it can."""
    if same_as_secret:
        return "it is the same text as the client secret"
    if "://" in text or "@" in text:
        return "it is an address"
    if any(not "!" <= letter <= "~" for letter in text) or any(mark in text for mark in "\"'<>"):
        return "it holds blanks, quotes or brackets"
    return "it is too short" if len(text) < _SHORTEST_CLIENT_ID else ""


def _redirects(f: Facts) -> CheckResult:
    del f
    listed = " and ".join(redirect_uris())
    return CheckResult("redirect URIs", "ok", f"Registered with the application must be {listed}.")


def _port(f: Facts) -> CheckResult:
    if f.free_port is not None:
        return CheckResult("port", "ok", f"Port {f.free_port} is free for the way back from Oura.")
    owner = f" ({f.port_owner} uses it)" if f.port_owner else ""
    return CheckResult(
        "port",
        "remark" if f.connected else "problem",
        f"No registered port is free{owner}: connecting would not work now.",
        f"End the program that uses it, or register and use another: {f.connect} --port N",
    )


def _vault(f: Facts) -> CheckResult:
    if f.bare_token:
        return CheckResult("vault", "ok", "Not needed: ANNULET_ACCESS_TOKEN is used.")
    if f.vault is not None:
        return _problem("vault", f.vault)
    if f.key is None:
        return CheckResult("vault", "ok", "Empty: it is made by annulet connect.")
    place, warning = f.key
    finding = f"Sealed with a key in {place}."
    if warning:
        todo = "Use the system's keychain, or keep the key elsewhere with ANNULET_KEY_FILE."
        return CheckResult("vault", "remark", f"{finding} {warning}", todo)
    return CheckResult("vault", "ok", finding)


def _files(f: Facts) -> CheckResult:
    if not f.exposed:
        return CheckResult("files", "ok", "No other user of this machine may read the data folder.")
    listed = " ".join(str(path) for path in f.exposed)
    return CheckResult(
        "files", "remark", f"Others on this machine may read: {listed}", f"Run: chmod go= {listed}"
    )


def _network(f: Facts) -> CheckResult:
    if f.unreachable is not None:
        return _problem("network", f.unreachable)
    return CheckResult("network", "ok", f"Oura answers at {urlsplit(f.api_url).netloc}.")


def _clock(f: Facts) -> CheckResult:
    if f.skew is None:
        return CheckResult("clock", "skipped", "Oura did not say what time it is.")
    off = abs(f.skew)
    way = "ahead of" if f.skew > 0 else "behind"
    if off < _SKEW_REMARK:
        return CheckResult("clock", "ok", "This machine's clock agrees with Oura's.")
    return CheckResult(
        "clock",
        "problem" if off >= _SKEW_PROBLEM else "remark",
        f"This machine's clock is {off:.0f} s {way} Oura's.",
        "Let the system set its clock by the network: tokens are renewed by it.",
    )


def _connection(f: Facts) -> CheckResult:
    name = "connection"
    if f.bare_token:
        return CheckResult(name, "ok", "A bare access token is used; it is never renewed.")
    if f.vault is not None:
        return CheckResult(name, "skipped", "The vault cannot be opened.")
    if f.grant is None:
        missing = NotConnected(
            "No ring is connected to this account yet.", hint=f"Run: {f.connect}"
        )
        return _problem(name, missing)
    if f.grant.needs_reconnect:
        reason = {
            "revoked": "Oura no longer accepts it: it was revoked, or it expired there",
            "interrupted": "a renewal was interrupted before its answer arrived",
            "expired": "it expired, and Oura gave no way to renew it",
        }[f.grant.needs_reconnect]
        message = f"The connection has ended ({f.grant.needs_reconnect}): {reason}."
        return _problem(name, ConsentRevoked(message, hint=f"Run: {f.connect}"))
    grant = f.grant.grant
    kind = "current" if grant.issuer else "older"
    host = urlsplit(grant.token_url).netloc
    return CheckResult(name, "ok", f"“{f.account}”, from Oura's {kind} sign-in service ({host}).")


def _renewal(f: Facts) -> CheckResult:
    name = "renewal"
    if f.grant is None:
        return CheckResult(name, "skipped", "There is nothing to renew.")
    grant = f.grant.grant
    ends, last = _instant(grant.expires_at), _instant(grant.issued_at)
    facts = f"Renewed last at {last}; the token ends at {ends}"
    if f.grant.intent is not None:
        todo = f"annulet tries again by itself. If it stays so, run: {f.connect}"
        return CheckResult(name, "remark", f"{facts}. A renewal was begun and not finished.", todo)
    if not grant.is_renewable:
        return CheckResult(
            name, "remark", f"{facts}, and Oura gave no way to renew it.", f"Run: {f.connect}"
        )
    due = _instant(grant.expires_at - RENEWAL_SHARE * grant.lifetime_s)
    return CheckResult(name, "ok", f"{facts}, and is renewed from {due} on.")


def _token(f: Facts) -> CheckResult:
    if not f.connected or f.unreachable is not None:
        return CheckResult("token", "skipped", "It could not be tried.")
    if f.token is not None:
        return _problem("token", f.token)
    if f.permissions is None:
        return CheckResult("token", "skipped", "The connection has ended.")
    return CheckResult("token", "ok", "Oura accepts it.")


def _permissions(f: Facts) -> CheckResult:
    name = "permissions"
    if f.permissions is None:
        return CheckResult(name, "skipped", "They could not be asked for.")
    granted = [row[0] for row in f.permissions["granted"]["rows"]]
    missing = [row[0] for row in f.permissions["missing"]["rows"]]
    if not missing:
        return CheckResult(name, "ok", f"All {len(granted)} permissions are given.")
    titles = ", ".join(SCOPES[scope].title for scope in missing if scope in SCOPES)
    todo = f"To add them, connect again and tick them: {f.connect}"
    return CheckResult(name, "remark", f"{len(granted)} given. Missing: {titles}.", todo)


def _sync(f: Facts) -> CheckResult:
    name = "last sync"
    if f.permissions is None:
        return CheckResult(name, "skipped", "It could not be asked for.")
    text = f.permissions.get("last_sync")
    if not text:
        return CheckResult(
            name, "remark", "Unknown: Oura has no recent sample this connection may see."
        )
    finding = f"The newest sample at Oura is of {text}."
    synced = datetime.fromisoformat(str(text))
    if synced.tzinfo is not None and f.now - synced > _STALE:
        return CheckResult(
            name, "remark", finding, "Open the Oura app near the ring, so that it syncs."
        )
    return CheckResult(name, "ok", finding)


def _limits(f: Facts) -> CheckResult:
    name = "rate limit"
    failures = [error for error in (f.token, f.answer) if isinstance(error, AnnuletError)]
    limited = next((error for error in failures if error.code == "rate_limited"), None)
    if limited is not None:
        return _problem(name, limited)
    if f.answer is None:
        return CheckResult(name, "skipped", "Nothing was asked.")
    return CheckResult(name, "ok", "Oura did not limit these requests.")


def _answer(f: Facts) -> CheckResult:
    name = "answer"
    if f.answer is None:
        return CheckResult(name, "skipped", "No question could be asked.")
    if isinstance(f.answer, AnnuletError):
        if f.answer.code == "missing_scope" and f.permissions is not None:
            # The permissions check reports it already, so it is no problem here.
            return CheckResult(name, "remark", f.answer.message, f.answer.hint)
        return _problem(name, f.answer)
    coverage = f.answer.get("coverage", {})
    days, with_data = coverage.get("days", 0), coverage.get("with_data", 0)
    return CheckResult(
        name, "ok", f"A real question was answered: {with_data} of {days} days with data."
    )


def _assistants(f: Facts) -> CheckResult:
    name = "assistants"
    if not f.assistants:
        return CheckResult(name, "ok", "No assistant that annulet knows was found on this machine.")
    configured = [title for title, is_there in f.assistants.items() if is_there]
    others = [title for title, is_there in f.assistants.items() if not is_there]
    sentences = [f"annulet is in {', '.join(configured)}."] if configured else []
    sentences += [f"Without it: {', '.join(others)}."] if others else []
    todo = "To add it: annulet mcp install --client NAME" if others else ""
    state: State = "ok" if configured else "remark"
    return CheckResult(name, state, " ".join(sentences), todo)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


CHECKS: Final[tuple[Callable[[Facts], CheckResult], ...]] = (
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
