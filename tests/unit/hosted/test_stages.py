"""The stages of one person with the toolkit, and what each stage allows."""

from __future__ import annotations

import pytest

from annulet.hosted.registrations.stages import (
    Action,
    ActionNotAllowedError,
    ConnectionHealth,
    Registration,
    Stage,
    check_allowed,
    find_stage,
    list_buttons,
)

BUTTONS = {
    Stage.NOT_REGISTERED: ["Register"],
    Stage.PENDING: ["Cancel registration"],
    Stage.APPROVED: ["Connect"],
    Stage.CONNECTED: ["Disconnect"],
    Stage.MISSING_PERMISSIONS: ["Add permissions", "Disconnect"],
    Stage.EXPIRED: ["Reconnect", "Disconnect"],
    Stage.MEMBERSHIP_INACTIVE: ["Check again", "Disconnect"],
}


def test_each_stage_offers_its_buttons() -> None:
    """The words on the buttons are those of the product page, and every button is allowed."""
    for stage in Stage:
        buttons = list_buttons(stage)
        assert [words for _, words in buttons] == BUTTONS[stage]
        for action, _ in buttons:
            assert check_allowed(stage, action) is None


def test_a_connection_needs_an_approved_registration() -> None:
    """Without approval a person can neither connect nor disconnect."""
    for stage in (Stage.NOT_REGISTERED, Stage.PENDING):
        for action in (Action.CONNECT, Action.CHECK, Action.DISCONNECT):
            with pytest.raises(ActionNotAllowedError):
                check_allowed(stage, action)


def test_registration_is_done_once() -> None:
    """Only a person without a registration registers, and only one in the queue withdraws."""
    for action, allowed in (
        (Action.REGISTER, Stage.NOT_REGISTERED),
        (Action.WITHDRAW, Stage.PENDING),
    ):
        for stage in set(Stage) - {allowed}:
            with pytest.raises(ActionNotAllowedError):
                check_allowed(stage, action)


def test_the_connection_decides_the_stage_before_the_registration() -> None:
    """Every stage follows from a registration and a connection."""
    none, approved = ConnectionHealth.NONE, Registration.APPROVED
    stages = {
        Stage.NOT_REGISTERED: find_stage(Registration.NONE, none),
        Stage.PENDING: find_stage(Registration.PENDING, none),
        Stage.APPROVED: find_stage(approved, none),
        Stage.CONNECTED: find_stage(approved, ConnectionHealth.WORKING),
        Stage.MISSING_PERMISSIONS: find_stage(
            approved, ConnectionHealth.WORKING, lacks_permissions=True
        ),
        Stage.EXPIRED: find_stage(approved, ConnectionHealth.EXPIRED, lacks_permissions=True),
        Stage.MEMBERSHIP_INACTIVE: find_stage(approved, ConnectionHealth.MEMBERSHIP_INACTIVE),
    }
    assert all(stage is expected for expected, stage in stages.items())
    assert set(stages) == set(Stage)
