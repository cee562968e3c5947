"""One table of Oura's nineteen user collections: path, query, scope and documents of each.

Each collection is a constant that carries the type of its documents, so that a caller who reads
``SLEEP`` gets ``Sleep`` documents. `collection_named` finds a constant by Oura's name.

Source: Oura's published API text 1.37 with the corrections of 1.39 and 1.41, and the observed
behaviour of the live service where the text is silent (scopes that are really enforced, the
instant a date is compared with).
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar

from annulet.contract.documents import (
    DailyActivity,
    DailyCardiovascularAge,
    DailyReadiness,
    DailyResilience,
    DailySleep,
    DailySpO2,
    DailyStress,
    Document,
    EnhancedTag,
    HeartRateSample,
    PersonalInfo,
    RestModePeriod,
    RingBatterySample,
    RingConfiguration,
    Session,
    Sleep,
    SleepTime,
    Tag,
    VO2Max,
    Workout,
)
from annulet.errors import UsageError

BASE_PATH: Final = "/v2/usercollection"

D_co = TypeVar("D_co", bound=Document, covariant=True)


class Query(Enum):
    """How a collection is asked for a range."""

    DAY = ("start_date", "end_date")
    DATETIME = ("start_datetime", "end_datetime")
    NONE = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the range parameters."""
        names: tuple[str, ...] = self.value
        return names


class Single(Enum):
    """Whether one document can be fetched by its id."""

    BY_ID = "by_id"
    NEVER = "never"


@dataclass(frozen=True, eq=False)  # no slots: on 3.11, typing cannot call such a frozen class
class Collection(Generic[D_co]):
    """How one collection is reached, and what it holds.

    Attributes:
        name: Oura's name, also the path segment (case matters: ``vO2_max``).
        document: The type of its documents.
        query: How a range is asked.
        key: The instant a range is compared with: the name of a field, or ``day`` where it is
            00:00 UTC of the document's day.
        scope: The permission that is really enforced (bare name); empty: any token.
        anchors: Fields that come back whatever ``fields`` asks for.
        day: The field that says which of the person's days a document belongs to; empty for
            series and for collections without days.
        paged: Whether a response is an envelope with ``data`` and ``next_token``.
        latest: Whether ``latest=true`` is understood.
        selectable: Whether the ``fields`` parameter has an effect (it is accepted everywhere).
        single: Whether one document can be fetched by its id.
        has_webhook: Whether a webhook subscription can be made for it.
        deprecated: Whether Oura has announced its end.
        daily: Whether a day has at most one document.
        deciding: Fields by which a measured zero is told from nothing measured; they are read
            with every choice of fields.
        fields: Every documented field, in Oura's spelling and order.
    """

    name: str
    document: type[D_co]
    _: KW_ONLY
    query: Query = Query.DAY
    key: str = "day"
    scope: str = "daily"
    anchors: tuple[str, ...] = ("id",)
    day: str = "day"
    paged: bool = True
    latest: bool = False
    selectable: bool = True
    single: Single = Single.BY_ID
    has_webhook: bool = True
    deprecated: bool = False
    daily: bool = False
    deciding: tuple[str, ...] = ()
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(name for name in self.document.__struct_fields__ if name != "extra")
        object.__setattr__(self, "fields", names)

    @property
    def path(self) -> str:
        """The path of the list route, from the root of the host."""
        return f"{BASE_PATH}/{self.name}"

    @property
    def webhook(self) -> str:
        """The name of the data type in webhook subscriptions; empty where there is none."""
        return self.name.lower() if self.has_webhook else ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every query parameter the list route knows."""
        if not self.paged:
            return ()
        latest = ("latest",) if self.latest else ()
        return (*self.query.parameters, "next_token", *latest, "fields")


AnyCollection: TypeAlias = Collection[Document]
"""A collection whose documents' type is not known when the code is written."""

PERSONAL_INFO: Final = Collection[PersonalInfo](
    "personal_info",
    PersonalInfo,
    query=Query.NONE,
    key="",
    scope="",
    anchors=(),
    day="",
    paged=False,
    selectable=False,
    single=Single.NEVER,
    has_webhook=False,
)
DAILY_SLEEP: Final = Collection[DailySleep](
    "daily_sleep", DailySleep, key="timestamp", anchors=("id", "timestamp"), daily=True
)
DAILY_READINESS: Final = Collection[DailyReadiness](
    "daily_readiness", DailyReadiness, key="timestamp", anchors=("id", "timestamp"), daily=True
)
DAILY_ACTIVITY: Final = Collection[DailyActivity](
    "daily_activity",
    DailyActivity,
    key="timestamp",
    anchors=("id", "timestamp"),
    daily=True,
    deciding=("steps", "non_wear_time", "score", "active_calories"),
)
SLEEP: Final = Collection[Sleep](
    "sleep", Sleep, key="bedtime_start", anchors=("id", "bedtime_start")
)
SLEEP_TIME: Final = Collection[SleepTime]("sleep_time", SleepTime, daily=True)
REST_MODE_PERIOD: Final = Collection[RestModePeriod](
    "rest_mode_period", RestModePeriod, key="start_time", day="start_day"
)
DAILY_STRESS: Final = Collection[DailyStress](
    "daily_stress",
    DailyStress,
    daily=True,
    deciding=("stress_high", "recovery_high", "day_summary"),
)
DAILY_RESILIENCE: Final = Collection[DailyResilience](
    "daily_resilience", DailyResilience, scope="stress", selectable=False, daily=True
)
DAILY_SPO2: Final = Collection[DailySpO2]("daily_spo2", DailySpO2, scope="spo2", daily=True)
DAILY_CARDIOVASCULAR_AGE: Final = Collection[DailyCardiovascularAge](
    "daily_cardiovascular_age", DailyCardiovascularAge, scope="heart_health", daily=True
)
VO2_MAX: Final = Collection[VO2Max](
    "vO2_max",
    VO2Max,
    key="timestamp",
    scope="heart_health",
    anchors=("id", "timestamp"),
    daily=True,
)
WORKOUT: Final = Collection[Workout]("workout", Workout, key="start_datetime", scope="workout")
SESSION: Final = Collection[Session]("session", Session, key="start_datetime", scope="session")
ENHANCED_TAG: Final = Collection[EnhancedTag](
    "enhanced_tag",
    EnhancedTag,
    key="start_time",
    scope="tag",
    anchors=(),
    day="start_day",
    selectable=False,
)
TAG: Final = Collection[Tag](
    "tag", Tag, key="timestamp", scope="tag", anchors=(), selectable=False, deprecated=True
)
HEARTRATE: Final = Collection[HeartRateSample](
    "heartrate",
    HeartRateSample,
    query=Query.DATETIME,
    key="timestamp",
    scope="heartrate",
    anchors=("timestamp",),
    day="",
    latest=True,
    single=Single.NEVER,
    has_webhook=False,
)
RING_BATTERY_LEVEL: Final = Collection[RingBatterySample](
    "ring_battery_level",
    RingBatterySample,
    query=Query.DATETIME,
    key="timestamp",
    scope="ring_configuration",
    anchors=("timestamp",),
    day="",
    latest=True,
    single=Single.NEVER,
    has_webhook=False,
)
RING_CONFIGURATION: Final = Collection[RingConfiguration](
    "ring_configuration",
    RingConfiguration,
    query=Query.NONE,
    key="",
    scope="ring_configuration",
    day="",
)

COLLECTIONS: Final[dict[str, AnyCollection]] = {
    collection.name: collection
    for collection in (
        *(PERSONAL_INFO, DAILY_SLEEP, DAILY_READINESS, DAILY_ACTIVITY),
        *(SLEEP, SLEEP_TIME, REST_MODE_PERIOD, DAILY_STRESS),
        *(DAILY_RESILIENCE, DAILY_SPO2, DAILY_CARDIOVASCULAR_AGE, VO2_MAX),
        *(WORKOUT, SESSION, ENHANCED_TAG, TAG),
        *(HEARTRATE, RING_BATTERY_LEVEL, RING_CONFIGURATION),
    )
}
"""Every collection by Oura's name."""


def collection_named(name: str) -> AnyCollection:
    """The collection of this name.

    Raises:
        UsageError: There is none of that name.
    """
    try:
        return COLLECTIONS[name]
    except KeyError:
        raise UsageError(
            "Oura has no collection of that name.",
            hint="Known ones: " + ", ".join(COLLECTIONS),
        ) from None
