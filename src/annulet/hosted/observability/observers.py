"""What observes the service, as the settings ask for it."""

from __future__ import annotations

from typing import NamedTuple

from annulet.errors import UsageError
from annulet.hosted.observability.recorder import NoRecorder, Recorder
from annulet.hosted.observability.tracing import NoTracing, Tracing
from annulet.settings import ObservabilitySettings


class Observers(NamedTuple):
    """What counts and what traces.

    Attributes:
        recorder: Counts what happens.
        tracing: Records spans.
    """

    recorder: Recorder = NoRecorder()
    tracing: Tracing = NoTracing()


def build_observers(settings: ObservabilitySettings) -> Observers:
    """Build what the settings ask for; what they do not ask for is not imported.

    Raises:
        UsageError: An extra is not installed.
    """
    return Observers(_build_recorder(settings), _build_tracing(settings))


def _build_recorder(settings: ObservabilitySettings) -> Recorder:
    if settings.metrics_port is None:
        return NoRecorder()
    try:
        from annulet.hosted.observability.prometheus_recorder import PrometheusRecorder
    except ModuleNotFoundError as missing:
        raise _not_installed("ANNULET_METRICS_PORT", "metrics", missing) from None
    return PrometheusRecorder()


def _build_tracing(settings: ObservabilitySettings) -> Tracing:
    if not settings.traces_url:
        return NoTracing()
    try:
        from annulet.hosted.observability.open_telemetry import OpenTelemetryTracing
    except ModuleNotFoundError as missing:
        raise _not_installed("ANNULET_TRACES_URL", "traces", missing) from None
    return OpenTelemetryTracing(settings.traces_url)


def _not_installed(setting: str, extra: str, missing: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"{setting} asks for {extra}, which need more than is installed ({missing.name}).",
        hint=f"Install it with: pip install 'annulet[{extra}]', or unset the variable.",
    )
