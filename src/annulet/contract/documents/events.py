"""What a person did or noted: workouts, sessions, tags, rest mode."""

from __future__ import annotations

from datetime import date, datetime

from annulet.contract.documents.consistency import EVENT_RULES
from annulet.contract.documents.quantities import CaloriesKcal, Instant, MetresADay
from annulet.contract.documents.reading import Document, Part
from annulet.contract.documents.sampled import BpmSample, HrvSample, Sample


class Workout(Document, frozen=True, kw_only=True):
    """A workout, entered or detected.

    Attributes:
        id: Oura's identifier of the document.
        activity: Oura's word for the sport.
        calories: Kilocalories.
        day: The local day it began.
        distance: Metres.
        end_datetime: With the local offset.
        intensity: ``easy``, ``moderate``, ``hard`` or a newer word.
        label: The person's own name for it.
        source: ``manual``, ``autodetected``, ``confirmed``, ``workout_heart_rate`` or newer.
        start_datetime: With the local offset.
    """

    id: str | None = None
    activity: str | None = None
    calories: CaloriesKcal | None = None
    day: date | None = None
    distance: MetresADay | None = None
    end_datetime: Instant | None = None
    intensity: str | None = None
    label: str | None = None
    source: str | None = None
    start_datetime: Instant | None = None

    rules = EVENT_RULES


class Session(Document, frozen=True, kw_only=True):
    """A guided or unguided session.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        start_datetime: With the local offset.
        end_datetime: With the local offset.
        type: ``breathing``, ``meditation``, ``nap``, ``relaxation``, ``rest``, ``body_status``
            or a newer word.
        heart_rate: Beats per minute.
        heart_rate_variability: RMSSD, ms.
        mood: The person's word for how it felt.
        motion_count: Movements.
    """

    id: str | None = None
    day: date | None = None
    start_datetime: Instant | None = None
    end_datetime: Instant | None = None
    type: str | None = None
    heart_rate: BpmSample | None = None
    heart_rate_variability: HrvSample | None = None
    mood: str | None = None
    motion_count: Sample | None = None

    rules = EVENT_RULES


class EnhancedTag(Document, frozen=True, kw_only=True):
    """A tag of the app, at an instant or over a time.

    Attributes:
        id: Oura's identifier of the document.
        tag_type_code: Oura's code; ``None`` for text alone.
        start_time: The instant, or the start.
        end_time: The end, where the tag has a duration.
        start_day: The day, or the first of several.
        end_day: The last day, where the tag has a duration.
        comment: The person's text.
        custom_name: The person's own name of the tag, where the code is ``custom``.
    """

    id: str | None = None
    tag_type_code: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    start_day: date | None = None
    end_day: date | None = None
    comment: str | None = None
    custom_name: str | None = None


class Tag(Document, frozen=True, kw_only=True):
    """A tag of the former kind, which Oura is retiring.

    Attributes:
        id: Oura's identifier of the document.
        day: The day.
        text: The person's text.
        timestamp: The instant.
        tags: Oura's codes.
    """

    id: str | None = None
    day: date | None = None
    text: str | None = None
    timestamp: datetime | None = None
    tags: tuple[str, ...] | None = None


class RestModeEpisode(Part, frozen=True, kw_only=True):
    """Something noted during rest mode.

    Attributes:
        tags: Oura's codes.
        timestamp: When.
    """

    tags: tuple[str, ...] | None = None
    timestamp: datetime | None = None


class RestModePeriod(Document, frozen=True, kw_only=True):
    """A time of rest mode.

    Attributes:
        id: Oura's identifier of the document.
        end_day: The last day; ``None`` while it lasts.
        end_time: The end; ``None`` while it lasts.
        episodes: What was noted meanwhile.
        start_day: The first day.
        start_time: The start.
    """

    id: str | None = None
    end_day: date | None = None
    end_time: datetime | None = None
    episodes: tuple[RestModeEpisode, ...] | None = None
    start_day: date | None = None
    start_time: datetime | None = None
