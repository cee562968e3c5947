"""The protocol's own conformance suite against the product's server, where Node is new enough."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("conformance")))
import suite


@pytest.fixture(scope="module")
def node():
    """Node, or a word on why there is no test."""
    with suite.alone(suite.TOOLS):  # not while another test gets one
        node = suite.find_node()
    if node is None:
        pytest.skip(f"needs Node {suite.LEAST_NODE} or newer (make conformance gets one)")
    return node


@pytest.fixture(scope="module")
def program(node):
    """The suite, from an earlier run or from npm."""
    try:
        return suite.get_suite()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the conformance suite could not be got from npm")


@pytest.fixture(scope="module")
def address(program):
    """The product's server, without fixtures."""
    with suite.serving(fixtures=False) as url:
        yield url


CASES = [(revision, name) for revision, names in suite.WITHOUT_FIXTURES.items() for name in names]


@pytest.mark.parametrize(("revision", "name"), CASES)
def test_a_scenario_that_needs_no_fixtures(node, program, address, revision, name):
    """The server passes it as it is, both eras at one address."""
    failed = suite.scenario(node, program, address, name, revision)
    assert failed - suite.NEED_A_FIXTURE == set()
