"""Which day it is where nobody has named the zone: what cannot be read is not called absent."""

from dataclasses import replace
from datetime import UTC

import pytest

from annulet.errors import MembershipRequired, OuraUnavailable, ScopeMissing
from annulet.toolkit.context import Zone
from annulet.toolkit.zones import settle
from tests.unit.toolkit.people import Ring, context, nights

DOWN = OuraUnavailable("Oura is out of order.", hint="Try again.")
DENIED = ScopeMissing("Not granted.", scope="daily")
LAPSED = MembershipRequired("No membership.")


def nameless(ring):
    """A question from a machine that runs on UTC."""
    return replace(context(ring), zone=Zone(UTC, "UTC", assumed=True))


@pytest.mark.parametrize("refusal", [DOWN, DENIED, LAPSED])
async def test_one_collection_that_fails_does_not_stop_the_other_from_telling_the_zone(refusal):
    """The nights tell the zone, whatever the other collection does."""
    moment = await settle(nameless(Ring(nights(9), failing={"daily_activity": refusal})))
    assert moment.zone.name == "+02:00"


@pytest.mark.parametrize(
    ("refusal", "words"), [(DOWN, "could not be read just now"), (DENIED, "for want of a zone")]
)
async def test_an_outage_is_not_called_a_lack(refusal, words):
    """Whoever is told that documents carry no zone would look for it in vain."""
    ring = Ring(nights(9), failing={"sleep": refusal, "daily_activity": refusal})
    moment = await settle(nameless(ring))
    assert moment.zone.name == "UTC"
    assert words in moment.note


async def test_a_lapsed_membership_on_one_collection_leaves_the_question_alone():
    """What is refused here is told in the answer, for the section that needs it."""
    moment = await settle(nameless(Ring(nights(9), failing={"sleep": LAPSED})))
    assert moment.note
