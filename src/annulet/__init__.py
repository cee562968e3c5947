"""annulet: the open bridge between an Oura Ring and AI assistants.

::

    from datetime import date

    import annulet

    async with annulet.connect() as oura:  # what `annulet connect` has stored
        for night in await oura.sleep(date(2026, 5, 1), date(2026, 5, 7)):
            print(night.day, night.average_hrv)

`annulet.sync` is the same without ``async``, `OuraClient` takes an access token.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from annulet.errors import (
    AccountRefused,
    AnnuletError,
    AppUpdateNeeded,
    CollectionRefused,
    ConsentError,
    ConsentRevoked,
    DatabaseUnavailable,
    MembershipRequired,
    NoDataError,
    NotConnected,
    OuraError,
    OuraRateLimited,
    OuraRejectedRequest,
    OuraUnavailable,
    RenewalUnfinished,
    ScopeMissing,
    UsageError,
    VaultError,
)

if TYPE_CHECKING:
    from annulet import sync
    from annulet.client import Batch, Documents, OuraClient, StaticToken, TokenProvider
    from annulet.contract.documents import (
        DailyActivity,
        DailyCardiovascularAge,
        DailyReadiness,
        DailyResilience,
        DailySleep,
        DailySpO2,
        DailyStress,
        EnhancedTag,
        HeartRateSample,
        PersonalInfo,
        RestModePeriod,
        RingBatterySample,
        RingConfiguration,
        Sample,
        Session,
        Sleep,
        SleepTime,
        Tag,
        VO2Max,
        Workout,
    )
    from annulet.library.answer_types import (
        AnomaliesAnswer,
        CompareAnswer,
        DailySummaryAnswer,
        DeviceAnswer,
        EffectsAnswer,
        EventsAnswer,
        IntradayAnswer,
        PermissionsAnswer,
        QueryAnswer,
        SleepSessionsAnswer,
        TrendsAnswer,
        TypedAnswer,
    )
    from annulet.library.connected_client import ConnectedClient, connect

__all__ = [
    "AccountRefused",
    "AnnuletError",
    "AnomaliesAnswer",
    "AppUpdateNeeded",
    "Batch",
    "CollectionRefused",
    "CompareAnswer",
    "ConnectedClient",
    "ConsentError",
    "ConsentRevoked",
    "DailyActivity",
    "DailyCardiovascularAge",
    "DailyReadiness",
    "DailyResilience",
    "DailySleep",
    "DailySpO2",
    "DailyStress",
    "DailySummaryAnswer",
    "DatabaseUnavailable",
    "DeviceAnswer",
    "Documents",
    "EffectsAnswer",
    "EnhancedTag",
    "EventsAnswer",
    "HeartRateSample",
    "IntradayAnswer",
    "MembershipRequired",
    "NoDataError",
    "NotConnected",
    "OuraClient",
    "OuraError",
    "OuraRateLimited",
    "OuraRejectedRequest",
    "OuraUnavailable",
    "PermissionsAnswer",
    "PersonalInfo",
    "QueryAnswer",
    "RenewalUnfinished",
    "RestModePeriod",
    "RingBatterySample",
    "RingConfiguration",
    "Sample",
    "ScopeMissing",
    "Session",
    "Sleep",
    "SleepSessionsAnswer",
    "SleepTime",
    "StaticToken",
    "Tag",
    "TokenProvider",
    "TrendsAnswer",
    "TypedAnswer",
    "UsageError",
    "VO2Max",
    "VaultError",
    "Workout",
    "__version__",
    "connect",
    "sync",
]

__version__ = "0.1.0"

_ROOMS = {
    "annulet.client": {"Batch", "Documents", "OuraClient", "StaticToken", "TokenProvider"},
    "annulet.library.connected_client": {"ConnectedClient", "connect"},
}


def __getattr__(name: str) -> Any:
    """Loads what is named when it is first named: importing annulet is light."""
    if name not in __all__:
        raise AttributeError(f"module 'annulet' has no attribute {name!r}")
    if name == "sync":
        return import_module("annulet.sync")
    is_answer = name.endswith("Answer")
    room = "annulet.library.answer_types" if is_answer else "annulet.contract.documents"
    room = next((room for room, names in _ROOMS.items() if name in names), room)
    return getattr(import_module(room), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
