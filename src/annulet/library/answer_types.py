"""The type of each answer, by the name of its tool."""

from __future__ import annotations

from typing import Final

from annulet.toolkit.answer_builder import TypedAnswer
from annulet.toolkit.driver_effects import EffectsAnswer
from annulet.toolkit.query_answer import QueryAnswer
from annulet.toolkit.tools.anomalies import AnomaliesAnswer
from annulet.toolkit.tools.compare import CompareAnswer
from annulet.toolkit.tools.daily_summary import DailySummaryAnswer
from annulet.toolkit.tools.device import DeviceAnswer
from annulet.toolkit.tools.events import EventsAnswer
from annulet.toolkit.tools.intraday import IntradayAnswer
from annulet.toolkit.tools.permissions import PermissionsAnswer
from annulet.toolkit.tools.sleep_sessions import SleepSessionsAnswer
from annulet.toolkit.tools.trends import TrendsAnswer

__all__ = [
    "ANSWER_TYPES",
    "AnomaliesAnswer",
    "CompareAnswer",
    "DailySummaryAnswer",
    "DeviceAnswer",
    "EffectsAnswer",
    "EventsAnswer",
    "IntradayAnswer",
    "PermissionsAnswer",
    "QueryAnswer",
    "SleepSessionsAnswer",
    "TrendsAnswer",
    "TypedAnswer",
]

ANSWER_TYPES: Final[dict[str, type[TypedAnswer]]] = {
    "oura_permissions": PermissionsAnswer,
    "oura_device": DeviceAnswer,
    "oura_daily_summary": DailySummaryAnswer,
    "oura_sleep_sessions": SleepSessionsAnswer,
    "oura_intraday": IntradayAnswer,
    "oura_trends": TrendsAnswer,
    "oura_anomalies": AnomaliesAnswer,
    "oura_compare": CompareAnswer,
    "oura_events": EventsAnswer,
    "oura_effects": EffectsAnswer,
    "oura_query": QueryAnswer,
}
