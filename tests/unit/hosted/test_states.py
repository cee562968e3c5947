"""The journey of one person, every state against every event."""

from __future__ import annotations

from itertools import product

import pytest

from annulet.hosted.registrations.stages import (
    Action,
    ActionNotAllowedError,
    Event,
    Health,
    Journey,
    Registration,
    Stage,
    actions,
    advance,
    stage,
)

NONE, PENDING, APPROVED = Registration.NONE, Registration.PENDING, Registration.APPROVED
EVENTS = [*((event, False) for event in Event), (Event.CONSENT, True)]


def reachable() -> set[Journey]:
    """Every state that events lead to from the beginning."""
    found, waiting = set(), [Journey()]
    while waiting:
        journey = waiting.pop()
        if journey in found:
            continue
        found.add(journey)
        for event, missing in EVENTS:
            try:
                waiting.append(advance(journey, event, missing=missing))
            except ActionNotAllowedError:
                continue
    return found


def test_every_stage_can_be_reached() -> None:
    """No word of the toolkit row is dead."""
    assert {stage(journey) for journey in reachable()} == set(Stage)


def test_nobody_is_connected_without_approval() -> None:
    """Whatever happens in whatever order, a connection implies an approved registration."""
    for journey in reachable():
        assert journey.health is Health.NONE or journey.registration is APPROVED


def test_missing_permissions_belong_to_a_connection() -> None:
    """Without a connection there is nothing that could be missing."""
    assert all(not j.missing for j in reachable() if j.health is Health.NONE)


@pytest.mark.parametrize(
    ("journey", "words"),
    [
        (Journey(), ["Register"]),
        (Journey(PENDING), ["Cancel registration"]),
        (Journey(APPROVED), ["Connect"]),
        (Journey(APPROVED, Health.WORKING), ["Disconnect"]),
        (Journey(APPROVED, Health.WORKING, missing=True), ["Add permissions", "Disconnect"]),
        (Journey(APPROVED, Health.EXPIRED), ["Reconnect", "Disconnect"]),
        (Journey(APPROVED, Health.MEMBERSHIP_INACTIVE), ["Check again", "Disconnect"]),
    ],
)
def test_each_stage_offers_its_buttons(journey: Journey, words: list[str]) -> None:
    """The words on the buttons are those of the product page."""
    assert [action.value for action in actions(journey)] == words


STEPS = {
    (Stage.NOT_REGISTERED, Event.REGISTER): Stage.PENDING,
    (Stage.PENDING, Event.WITHDRAW): Stage.NOT_REGISTERED,
    (Stage.PENDING, Event.APPROVE): Stage.APPROVED,
    (Stage.APPROVED, Event.REVOKE_APPROVAL): Stage.NOT_REGISTERED,
    (Stage.APPROVED, Event.CONSENT): Stage.CONNECTED,
    (Stage.CONNECTED, Event.CONSENT): Stage.CONNECTED,
    (Stage.CONNECTED, Event.DISCONNECT): Stage.APPROVED,
    (Stage.CONNECTED, Event.GRANT_LOST): Stage.EXPIRED,
    (Stage.CONNECTED, Event.MEMBERSHIP_LOST): Stage.MEMBERSHIP_INACTIVE,
    (Stage.CONNECTED, Event.READ_WORKED): Stage.CONNECTED,
    (Stage.MISSING_PERMISSIONS, Event.CONSENT): Stage.CONNECTED,
    (Stage.MISSING_PERMISSIONS, Event.DISCONNECT): Stage.APPROVED,
    (Stage.MISSING_PERMISSIONS, Event.GRANT_LOST): Stage.EXPIRED,
    (Stage.MISSING_PERMISSIONS, Event.MEMBERSHIP_LOST): Stage.MEMBERSHIP_INACTIVE,
    (Stage.MISSING_PERMISSIONS, Event.READ_WORKED): Stage.MISSING_PERMISSIONS,
    (Stage.EXPIRED, Event.CONSENT): Stage.CONNECTED,
    (Stage.EXPIRED, Event.DISCONNECT): Stage.APPROVED,
    (Stage.EXPIRED, Event.GRANT_LOST): Stage.EXPIRED,
    (Stage.EXPIRED, Event.MEMBERSHIP_LOST): Stage.EXPIRED,
    (Stage.EXPIRED, Event.READ_WORKED): Stage.EXPIRED,
    (Stage.MEMBERSHIP_INACTIVE, Event.CONSENT): Stage.CONNECTED,
    (Stage.MEMBERSHIP_INACTIVE, Event.DISCONNECT): Stage.APPROVED,
    (Stage.MEMBERSHIP_INACTIVE, Event.GRANT_LOST): Stage.EXPIRED,
    (Stage.MEMBERSHIP_INACTIVE, Event.MEMBERSHIP_LOST): Stage.MEMBERSHIP_INACTIVE,
    (Stage.MEMBERSHIP_INACTIVE, Event.READ_WORKED): Stage.CONNECTED,
}
EXAMPLES = {
    Stage.NOT_REGISTERED: Journey(),
    Stage.PENDING: Journey(PENDING),
    Stage.APPROVED: Journey(APPROVED),
    Stage.CONNECTED: Journey(APPROVED, Health.WORKING),
    Stage.MISSING_PERMISSIONS: Journey(APPROVED, Health.WORKING, missing=True),
    Stage.EXPIRED: Journey(APPROVED, Health.EXPIRED),
    Stage.MEMBERSHIP_INACTIVE: Journey(APPROVED, Health.MEMBERSHIP_INACTIVE),
}


@pytest.mark.parametrize(("before", "event"), list(product(Stage, Event)))
def test_every_event_in_every_stage(before: Stage, event: Event) -> None:
    """What is in the table leads on; everything else is refused."""
    expected = STEPS.get((before, event))
    if expected is None:
        with pytest.raises(ActionNotAllowedError):
            advance(EXAMPLES[before], event)
    else:
        assert stage(advance(EXAMPLES[before], event)) is expected


def test_granting_less_is_told_after_consent() -> None:
    """Consent with permissions left out leads to the stage that says so."""
    after = advance(Journey(APPROVED), Event.CONSENT, missing=True)
    assert stage(after) is Stage.MISSING_PERMISSIONS
    assert actions(after)[0] is Action.ADD_PERMISSIONS
