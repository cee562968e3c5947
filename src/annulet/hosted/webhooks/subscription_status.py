"""How updates from Oura stand, in words for whoever runs the service: what is, and what next."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from annulet.contract.addresses import is_loopback
from annulet.errors import UsageError
from annulet.hosted.clock import from_epoch_s
from annulet.hosted.webhooks.plan import KINDS
from annulet.hosted.webhooks.subscription_settings import DesiredState, Report
from annulet.settings import Settings, loopback

__all__ = ["Standing", "State", "check_possible", "standing"]

_STALE_SECONDS: Final = 86_400
_AGAIN: Final = "annulet tries again every ten minutes."
_TROUBLES: Final = {
    "unreachable": (
        "Oura could not reach {callback}, or it took too long to answer.",
        f"Check that the service runs and that its address answers from outside. {_AGAIN}",
    ),
    "credentials": (
        "Oura does not accept the client id and secret of this service.",
        "Check ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, then restart the service.",
    ),
    "forbidden": (
        "Oura does not allow this application to be told.",
        "Look at the application in Oura's developer portal, then check again.",
    ),
    "limited": ("Oura limits how often it may be asked.", "Nothing to do: annulet goes on soon."),
    "silent": ("Oura did not answer.", f"Nothing to do: {_AGAIN}"),
    "refused": (
        "Oura refused a subscription.",
        "A newer annulet may know why. Answers are right without it.",
    ),
}


class State(StrEnum):
    """What the admin sees."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    CHECKING = "checking"
    TROUBLE = "trouble"
    MOVED = "moved"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand.

    Attributes:
        state: In one word.
        said: What is, in a sentence.
        hint: What to do next; empty where there is nothing to do.
        on: Whether it is switched on.
        report: The figures.
    """

    state: State
    said: str
    hint: str
    on: bool
    report: Report

    @property
    def working(self) -> bool:
        """Whether it will look different in a moment."""
        return self.state in {State.STARTING, State.CHECKING, State.STOPPING}

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "state": self.state.value,
            "on": self.on,
            "summary": self.said,
            "hint": self.hint,
            "subscriptions": self.report.active,
            "wanted": len(KINDS),
            "checked_at": _iso(self.report.done_at),
            "renewal_by": _iso(self.report.expires_at),
        }


def _iso(stored: int | None) -> str | None:
    return None if stored is None else from_epoch_s(stored).isoformat()


def standing(wish: DesiredState, report: Report, *, callback: str, now: int) -> Standing:
    """How things stand, from what is wanted and what was found."""
    state, said, hint = _found(wish, report, callback, now)
    return Standing(state=state, said=said, hint=hint, on=wish.on, report=report)


def _found(wish: DesiredState, report: Report, callback: str, now: int) -> tuple[State, str, str]:
    if wish.on and wish.callback != callback:
        said = f"Switched on for {wish.callback}, and this service is now at {callback}."
        return State.MOVED, said, "Switch on again so that Oura tells the new address."
    if report.trouble:
        said, hint = _TROUBLES.get(report.trouble, _TROUBLES["refused"])
        left = "" if wish.on else f"Switched off here, {report.active} subscriptions are left. "
        return State.TROUBLE, left + said.format(callback=callback), hint
    if wish.on:
        return _when_on(report, now)
    if report.active:
        return State.STOPPING, f"Switching off: {report.active} subscriptions are left.", ""
    return State.OFF, "Off. annulet asks Oura only when somebody asks a question.", ""


def _when_on(report: Report, now: int) -> tuple[State, str, str]:
    if report.done_at is None and report.active >= len(KINDS):
        return State.CHECKING, f"Looking at Oura after {report.active} subscriptions.", ""
    if report.done_at is None:
        said = f"Switching on: {report.active} of {len(KINDS)} subscriptions."
        return State.STARTING, said, ""
    if report.elsewhere:
        said = (
            f"{report.elsewhere} of {len(KINDS)} subscriptions of this application lead to "
            f"{report.elsewhere_host or 'another address'}, and Oura tells each only once."
        )
        hint = "Switch updates off there, or give this service an application of its own."
        return State.TROUBLE, said, hint
    if now - report.done_at > _STALE_SECONDS:
        said = "Nobody has looked after the subscriptions for more than a day."
        return State.TROUBLE, said, "Check that annulet serve runs: it looks every six hours."
    return State.ON, f"On. Oura tells of new data, in {report.active} subscriptions.", ""


def check_possible(settings: Settings) -> None:
    """Refuse what cannot work.

    Raises:
        UsageError: There is no application at Oura, or Oura cannot reach this service.
    """
    if not settings.client_id or settings.client_secret is None:
        raise UsageError(
            "This service has no application at Oura yet, so Oura has nothing to tell.",
            hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, and restart the service.",
        )
    if not _reachable(settings):
        raise UsageError(
            f"Oura cannot reach {settings.public_url} from the internet.",
            hint="Put the service behind a public https address and set ANNULET_PUBLIC_URL.",
        )


def _reachable(settings: Settings) -> bool:
    """A public https address; on this machine only where Oura is simulated there, too."""
    parts = urlsplit(settings.public_url)
    if is_loopback(parts.hostname):
        return loopback(settings.oura_api_url)
    try:
        return parts.scheme == "https" and ipaddress.ip_address(parts.hostname or "").is_global
    except ValueError:
        return parts.scheme == "https"
