"""Fixtures every test may use."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A run fails for what was changed, never for what was drawn or how slow the machine is;
# `--hypothesis-profile=default` draws anew.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The product runs on asyncio, and so do its tests."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> Iterator[None]:
    """Programs that tests start must be endable, also where the run is in the background.

    A shell starts background jobs with Ctrl-C ignored, and ``nohup`` ignores hanging up; both are
    handed down to every program.
    """
    usual = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    before = {}
    for name, handler in usual.items() if os.name == "posix" else ():
        number = getattr(signal, name)
        if signal.getsignal(number) is signal.SIG_IGN:
            before[number] = signal.signal(number, handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
