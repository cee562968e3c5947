"""The switches of the simulated cloud: what is unknown or differs between reports."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Options"]


@dataclass(slots=True)
class Options:
    """Switches that may be turned while the cloud runs.

    Attributes:
        expires_in: PersonModel of an access token in seconds.
        code_life: PersonModel of an authorization code in seconds.
        strict_refresh: Whether a refresh token used twice revokes the whole grant.
        old_access_survives: Whether an access token outlives the refresh that replaced it.
        omit_scope: Leaves the granted list out of callback and token response.
        omit_expires_in: Leaves ``expires_in`` out of the token response.
        echo_state: Whether the callback carries ``state``.
        dropped_bare_scopes: Bare names the front door loses while forwarding.
        stress_needs_scope: Whether ``daily_stress`` needs ``stress`` besides ``daily``.
        problem_bodies: Errors of the data API as RFC 7807 objects instead of a bare ``detail``.
        empty_limit_body: 429 without a body.
        absent_profile: Profile fields that are not permitted are absent instead of null.
        page_size: Documents a page; ``None``: all in one.
        series_page_size: Rows a page of a time series.
        omit_series_token: The last page of a series has no ``next_token`` at all.
        day_always: ``day`` comes back besides the anchors whatever ``fields`` asks for, as one
            client has reported.
        meta: Every envelope carries an unknown ``meta`` object.
        refuse_wide_heartrate: 400 for heart-rate windows beyond thirty days.
        battery_as_seen: Battery rows carry ``producer_timestamp`` and no ``timestamp_unix``.
        latency: Seconds every answer takes at least.
        auto_approve: A person in whose name every consent is given without a page.
        unknown_subscription: Status for a webhook subscription that is not known (403 or 404).
        token_limit: Requests and seconds allowed to one access token.
        application_limit: Requests and seconds allowed to one application.
    """

    expires_in: int = 86_400
    code_life: int = 600
    strict_refresh: bool = True
    old_access_survives: bool = True
    omit_scope: bool = False
    omit_expires_in: bool = False
    echo_state: bool = True
    dropped_bare_scopes: frozenset[str] = frozenset()
    stress_needs_scope: bool = False
    problem_bodies: bool = False
    empty_limit_body: bool = False
    absent_profile: bool = False
    page_size: int | None = None
    series_page_size: int = 1000
    omit_series_token: bool = False
    day_always: bool = False
    meta: bool = False
    refuse_wide_heartrate: bool = False
    battery_as_seen: bool = False
    latency: float = 0.0
    auto_approve: str | None = None
    unknown_subscription: int = 403
    token_limit: tuple[int, int] = (5000, 300)
    application_limit: tuple[int, int] = (20_000, 300)
