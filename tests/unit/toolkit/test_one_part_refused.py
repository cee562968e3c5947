"""One collection is refused, the others answer: only that one is said to be refused."""

import httpx2
import pytest

from annulet.errors import AppUpdateNeeded
from tests.unit.toolkit.people import TODAY
from tests.unit.toolkit.raw_oura import RawOura, activity, ago, night, notes

SCORES = [{"id": f"{n}", "day": f"{ago(n)}", "score": 80} for n in range(3)]
NAMED = {"detail": "Token is not authorized access daily scope."}


def refused(status, body=None):
    """A refusal, with or without a reason."""
    return httpx2.Response(status, json=body or {"detail": "Forbidden"})


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [None, NAMED])
async def test_a_permission_of_which_others_answer_is_no_reason(status, body):
    """Connecting again would change nothing, so it is not advised."""
    oura = RawOura(sleep=refused(status, body), daily_sleep=SCORES)
    answer = await oura.answer("oura_daily_summary", sections=["sleep"])
    assert "sleep score 80" in answer["summary"]
    assert "Refused by Oura: sleep (all but sleep_score)." in notes(answer)
    assert "permission daily" not in notes(answer)
    assert "Connect again" not in notes(answer)


async def test_a_permission_of_which_nothing_answers_is_named():
    """Where only another permission answers, the likeliest reason is told."""
    oura = RawOura(daily_spo2=refused(403), sleep=[night()], daily_sleep=SCORES)
    answer = await oura.answer("oura_daily_summary", sections=["sleep", "spo2"])
    assert "Not permitted: spo2. Connect again" in notes(answer)


async def test_an_old_app_of_one_part_leaves_the_others():
    """426 for workouts says nothing about tags; the tool fails only where nothing is left."""
    tag = {"id": "t", "start_day": f"{TODAY}", "tag_type_code": "tag_generic_alcohol"}
    oura = RawOura(workout=refused(426), enhanced_tag=[tag])
    answer = await oura.answer("oura_events")
    assert "1 tag" in answer["summary"]
    assert "Not read: workouts. " in notes(answer)
    assert "Update the Oura app" in notes(answer)
    with pytest.raises(AppUpdateNeeded):
        await oura.answer("oura_events", kinds=["workout"])
    oura = RawOura(workout=refused(426), daily_activity=[activity()])
    answer = await oura.answer("oura_query", metrics=["steps"], where=["workout = running"])
    assert "Update the Oura app" in notes(answer)


async def test_permissions_are_told_by_any_collection_of_theirs():
    """A refusal of readiness alone is no missing permission; an old app is no missing one."""
    oura = RawOura(daily_readiness=refused(403), workout=refused(426), personal_info={"id": "p"})
    answer = await oura.answer("oura_permissions")
    granted = [row[0] for row in answer["granted"]["rows"]]
    assert "daily" in granted
    assert answer["missing"]["rows"] == []
    assert "Could not be checked just now: workout." in answer["notes"]


@pytest.mark.parametrize("person", [{"id": "p"}, {"id": "p", "age": None, "email": None}])
async def test_an_empty_profile_is_no_missing_permission(person):
    """Oura sends nothing in either case, so nothing is claimed."""
    answer = await RawOura(personal_info=person).answer("oura_permissions")
    assert answer["missing"]["rows"] == []
    assert "2 not known" in answer["summary"]
    assert "Not permitted, or not filled in in the Oura app: personal, email." in notes(answer)
