"""The page about sizing is what its program computes, from the product's own limits."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from annulet.hosted.jobs import procrastinate_runner
from annulet.settings import ServiceLimits, Settings

PROGRAM = Path(__file__).parents[3] / "benchmarks/sizing.py"


def load():
    spec = importlib.util.spec_from_file_location("sizing", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sizing"] = module
    spec.loader.exec_module(module)
    return module


sizing = load()


def test_the_page_is_what_the_program_writes() -> None:
    """No table was computed by hand, and none is left out."""
    page = sizing.PAGE.read_text("utf-8")
    assert sizing.fill(page, sizing.Inputs()) == page, "run python benchmarks/sizing.py --write"
    assert page.count(sizing.END) == len(sizing.tables(sizing.Inputs()))
    assert sizing.fill(page, replace(sizing.Inputs(), questions=60)) != page


def test_inputs_are_those_of_the_product() -> None:
    """A changed default changes the page."""
    inputs, settings, limits = sizing.Inputs(), Settings(home=Path()), ServiceLimits()
    assert inputs.oura_limit == limits.oura_requests
    assert inputs.contexts_mb == limits.contexts_mb
    assert inputs.pool == settings.database_pool
    assert inputs.audit_days == settings.audit_days
    assert inputs.jobs_pool == procrastinate_runner._CONCURRENT


def test_one_case_by_hand() -> None:
    """10,000 people, two sessions of nine requests, 1.875 % of a day in five minutes."""
    size = sizing.Size(10_000, sizing.Inputs())
    assert size.peak_share == pytest.approx(0.15 / 12 * 1.5)
    assert size.oura_in_five_min == pytest.approx(3_375)
    assert (size.applications, size.replicas, size.shards) == (1, 3, 1)
    assert size.connections == (3 + 1 + 1) * 14
    assert size.limit_of_one_application() == 13_333


@pytest.mark.parametrize("name", [name for name, _ in sizing.COLUMNS])
def test_more_people_never_need_less(name: str) -> None:
    """No figure falls as people are added."""
    show = dict(sizing.COLUMNS)[name]
    sizes = [sizing.Size(people, sizing.Inputs()) for people in range(1_000, 2_000_000, 49_500)]
    values = [float(show(size).replace(",", "")) for size in sizes]
    # memory of one replica may fall where another shard begins
    assert name == "MB a replica" or values == sorted(values)


def test_a_million_people_are_several_services() -> None:
    """Each shard has its replicas and its applications."""
    size = sizing.Size(1_000_000, sizing.Inputs())
    assert size.replicas >= 3 * size.shards
    assert size.applications >= size.oura_in_five_min / sizing.Inputs().oura_limit
