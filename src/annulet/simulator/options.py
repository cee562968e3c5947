"""The options of the simulated cloud: behaviour that is unknown or differs between reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Options:
    """Options that may be changed while the cloud runs.

    Attributes:
        expires_in: The lifetime of an access token in seconds.
        code_life: The lifetime of an authorization code in seconds.
        strict_refresh: Whether the second use of a refresh token revokes the whole grant.
        old_access_survives: Whether a refresh leaves the old access token valid.
        omit_scope: Whether callback and token response leave out the granted scopes.
        omit_expires_in: Whether the token response leaves out ``expires_in``.
        echo_state: Whether the callback carries ``state``.
        dropped_bare_scopes: The bare scopes that the legacy authorization endpoint loses.
        stress_needs_scope: Whether ``daily_stress`` needs ``stress`` besides ``daily``.
        problem_bodies: Whether errors are RFC 7807 objects instead of a bare ``detail``.
        empty_limit_body: Whether 429 has no body.
        absent_profile: Whether profile fields without a scope are absent instead of null.
        page_size: The number of documents a page; ``None`` stands for all in one.
        series_page_size: The number of rows a page of a time series.
        omit_series_token: Whether the last page of a series has no ``next_token`` at all.
        day_always: Whether ``day`` comes back with any ``fields``, as one client has reported.
        meta: Whether every list has an unknown ``meta`` object.
        refuse_wide_heartrate: Whether heart-rate ranges above thirty days give 400.
        battery_as_seen: Whether battery rows have ``producer_timestamp``, no ``timestamp_unix``.
        latency: The seconds that every answer takes at least.
        auto_approve: The person in whose name every consent is given without a page.
        unknown_subscription: The status for an unknown webhook subscription (403 or 404).
        token_limit: The number of requests, and the seconds of the window, of one access token.
        application_limit: The same for one application.
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
