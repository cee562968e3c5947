"""annulet: the open bridge between an Oura Ring and AI assistants.

::

    from datetime import date

    from annulet import OuraClient

    async with OuraClient("access token") as oura:
        for night in await oura.sleep(date(2026, 5, 1), date(2026, 5, 7)):
            print(night.day, night.average_hrv)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from annulet.errors import (
    AccountRefused,
    AnnuletError,
    AppUpdateNeeded,
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
    ScopeMissing,
    UsageError,
    VaultError,
)

if TYPE_CHECKING:
    from annulet.client import Batch, OuraClient, StaticToken, TokenProvider
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

__all__ = [
    "AccountRefused",
    "AnnuletError",
    "AppUpdateNeeded",
    "Batch",
    "ConsentError",
    "ConsentRevoked",
    "DailyActivity",
    "DailyCardiovascularAge",
    "DailyReadiness",
    "DailyResilience",
    "DailySleep",
    "DailySpO2",
    "DailyStress",
    "DatabaseUnavailable",
    "EnhancedTag",
    "HeartRateSample",
    "MembershipRequired",
    "NoDataError",
    "NotConnected",
    "OuraClient",
    "OuraError",
    "OuraRateLimited",
    "OuraRejectedRequest",
    "OuraUnavailable",
    "PersonalInfo",
    "RestModePeriod",
    "RingBatterySample",
    "RingConfiguration",
    "Sample",
    "ScopeMissing",
    "Session",
    "Sleep",
    "SleepTime",
    "StaticToken",
    "Tag",
    "TokenProvider",
    "UsageError",
    "VO2Max",
    "VaultError",
    "Workout",
    "__version__",
]

__version__ = "0.1.0"

_CLIENT = frozenset({"Batch", "OuraClient", "StaticToken", "TokenProvider"})


def __getattr__(name: str) -> Any:
    """Loads the client and the documents when they are first named: importing annulet is light."""
    if name not in __all__:
        raise AttributeError(f"module 'annulet' has no attribute {name!r}")
    room = "annulet.client" if name in _CLIENT else "annulet.contract.documents"
    return getattr(import_module(room), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
