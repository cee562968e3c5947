"""What a scraper reads, by the name and the labels of a series."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Scrape"]


class Scrape:
    """The values of one scrape.

    Attributes:
        text: As it was sent.
        families: The names of all metrics, also of those without a series.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        families = list(text_string_to_metric_families(text))
        self.families = {family.name for family in families}
        self._samples = [sample for family in families for sample in family.samples]

    @property
    def series(self) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
        """Every series."""
        return {(sample.name, tuple(sorted(sample.labels.items()))) for sample in self._samples}

    def labels(self, name: str, label: str) -> set[str]:
        """The values of a label."""
        return {sample.labels[label] for sample in self._samples if sample.name == name}

    def sum(self, name: str, /, **labels: Any) -> float:
        """The sum of all series with these labels; 0 where a counter has not begun."""
        wanted = {key: str(value) for key, value in labels.items()}
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == name and wanted.items() <= sample.labels.items()
        )

    def value(self, name: str, /, **labels: Any) -> float | None:
        """The value of the only series with these labels; ``None`` where it is missing."""
        wanted = {key: str(value) for key, value in labels.items()}
        values = [
            sample.value
            for sample in self._samples
            if sample.name == name and wanted.items() <= sample.labels.items()
        ]
        assert len(values) <= 1, (name, labels, values)
        return values[0] if values else None
