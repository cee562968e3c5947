"""Values that are read when a scraper asks for them, and cost nothing before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Gauge:
    """One metric with the values it has just now.

    Attributes:
        name: Its name; that of a counter without ``_total``.
        help_text: What it means.
        values: Its value for each value of the label. A value that is not known is not there.
        label: The name of the label; empty for a metric with one value, under the empty key.
        is_counter: Whether it only grows.
    """

    name: str
    help_text: str
    values: Mapping[str, float]
    label: str = ""
    is_counter: bool = field(default=False, kw_only=True)

    def build_family(self) -> Metric:
        """Build what the exposition writes."""
        kind = CounterMetricFamily if self.is_counter else GaugeMetricFamily
        family = kind(self.name, self.help_text, labels=[self.label] if self.label else [])
        for value, number in self.values.items():
            family.add_metric([value] if self.label else [], number)
        return family


class GaugeCollector(Collector):
    """Reads gauges for one scrape after another.

    Attributes:
        shared: What was read from the database for this scrape.

    Args:
        read: Reads the gauges of this process.
    """

    def __init__(self, read: Callable[[], Iterable[Gauge]]) -> None:
        self._read = read
        self.shared: Sequence[Gauge] = ()

    def collect(self) -> Iterator[Metric]:
        """Build every gauge that has a value."""
        for gauge in (*self._read(), *self.shared):
            if gauge.values:
                yield gauge.build_family()
