"""Values recorded at a fixed interval, inside a document."""

from __future__ import annotations

from datetime import datetime

from annulet.contract.documents.quantities import Bpm, HrvMs, Met
from annulet.contract.documents.reading import Part


class Sample(Part, frozen=True, kw_only=True):
    """A run of values at a fixed interval.

    Attributes:
        interval: Seconds between two items (300 in sleep, 60 in ``met``).
        items: The values; ``None`` where nothing was measured.
        timestamp: When the first item was taken, with the local offset.
    """

    interval: float | None = None
    items: tuple[float | None, ...] | None = None
    timestamp: datetime | None = None


class BpmSample(Sample, frozen=True, kw_only=True):
    """Heart rates at a fixed interval, beats per minute."""

    items: tuple[Bpm | None, ...] | None = None


class HrvSample(Sample, frozen=True, kw_only=True):
    """Heart-rate variability at a fixed interval, RMSSD in ms."""

    items: tuple[HrvMs | None, ...] | None = None


class MetSample(Sample, frozen=True, kw_only=True):
    """Metabolic equivalents at a fixed interval."""

    items: tuple[Met | None, ...] | None = None
