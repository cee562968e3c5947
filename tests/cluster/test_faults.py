"""The faults of the cluster, each with its promises."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.fault_table import FAULTS
from cluster.faults_page import PAGE, TEST, missing_program
from cluster.three_replicas import Cluster, running_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_outlived(cluster, fault) -> None:
    """Nothing is lost that can be kept, consent is obeyed, and what a person reads is true."""
    if missing := missing_program(cluster, fault):
        pytest.skip(f"needs {missing}")
    finding = fault.run(cluster)
    assert finding.saw


def test_the_page_has_a_row_for_every_fault() -> None:
    """The page was written from the table as it is, and after a whole run."""
    named = re.findall(rf"\| `{re.escape(TEST)}\[([\w-]+)\]` \|", PAGE.read_text("utf-8"))
    assert named == [fault.name for fault in FAULTS]
