"""The status of the subscriptions in words: what is the case, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from annulet.hosted.clock import from_epoch_s
from annulet.hosted.webhooks.subscription_reconciler import KINDS
from annulet.hosted.webhooks.subscription_settings import DesiredState, ObservedState

State = Literal["off", "on", "changing", "problem"]

_STALE_S: Final = 86_400
_RETRY: Final = "annulet tries again every ten minutes."
_PROBLEMS: Final = {
    "unreachable": (
        "Oura could not reach {callback}, or it took too long to answer.",
        f"Check that the service runs and that its address answers from outside. {_RETRY}",
    ),
    "credentials": (
        "Oura does not accept the client id and secret of this service.",
        "Check ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, then restart the service.",
    ),
    "forbidden": (
        "Oura does not allow this application to receive events.",
        "Look at the application in Oura's developer portal, then check again.",
    ),
    "limited": ("Oura limits the number of requests.", f"Nothing to do: {_RETRY}"),
    "silent": ("Oura did not answer.", f"Nothing to do: {_RETRY}"),
    "refused": (
        "Oura refused a subscription.",
        "A newer annulet may know why. Answers are right without it.",
    ),
}


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """The status: in one word, in a sentence with what to do next, and in figures."""

    state: State
    summary: str
    hint: str
    on: bool
    observed: ObservedState

    def as_dict(self) -> dict[str, object]:
        """Return the status for JSON; instants are ISO 8601 text."""
        checked_at, expires_at = self.observed.checked_at, self.observed.expires_at
        return {
            "state": self.state,
            "on": self.on,
            "summary": self.summary,
            "hint": self.hint,
            "subscriptions": self.observed.active,
            "wanted": len(KINDS),
            "checked_at": from_epoch_s(checked_at).isoformat() if checked_at else None,
            "renewal_by": from_epoch_s(expires_at).isoformat() if expires_at else None,
        }


def describe_status(
    desired: DesiredState, observed: ObservedState, *, callback: str, now: int
) -> SubscriptionStatus:
    """Describe the difference between the desired and the observed state."""
    state: State = "on" if desired.on else "off"
    hint = ""
    if desired.on and desired.callback != callback:
        state = "problem"
        summary = f"Switched on for {desired.callback}, and this service is now at {callback}."
        hint = "Switch on again so that Oura sends events to the new address."
    elif observed.revision != desired.revision:
        summary = f"Switching {state}: annulet compares the subscriptions with Oura."
        state = "changing"
    elif observed.problem:
        state = "problem"
        summary, hint = _PROBLEMS.get(observed.problem, _PROBLEMS["refused"])
        left = f"Switched off here; {observed.active} subscriptions may be left at Oura. "
        summary = ("" if desired.on else left) + summary.format(callback=callback)
    elif desired.on and observed.elsewhere:
        state = "problem"
        summary = (
            f"{observed.elsewhere} of {len(KINDS)} subscriptions of this application lead to "
            f"{observed.elsewhere_url}, and Oura allows one of each."
        )
        hint = "Switch updates off there, or give this service an application of its own."
    elif desired.on and now - (observed.checked_at or 0) > _STALE_S:
        state = "problem"
        summary = "The subscriptions were not checked for more than a day."
        hint = "Check that annulet serve runs: it checks them every six hours."
    elif desired.on:
        summary = f"On. Oura sends events for {observed.active} subscriptions."
    else:
        summary = "Off. annulet reads from Oura only when a question is asked."
    return SubscriptionStatus(state, summary, hint, desired.on, observed)
