"""The simulated documents against Oura's own schemas, when Oura's file is there."""

import json
import os
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from annulet.contract.collections import COLLECTIONS, Query
from annulet.simulator import SimulatedOura
from annulet.simulator.options import Options
from annulet.simulator.page_envelope import Question, selected
from annulet.simulator.series import series_rows

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
SCHEMAS = {
    "daily_sleep": "PublicDailySleep",
    "daily_readiness": "PublicDailyReadiness",
    "daily_activity": "PublicDailyActivity",
    "sleep": "PublicModifiedSleepModel",
    "sleep_time": "PublicSleepTime",
    "rest_mode_period": "PublicRestModePeriod",
    "daily_stress": "PublicDailyStress",
    "daily_resilience": "DailyResilienceModel",
    "daily_spo2": "PublicDailySpO2",
    "daily_cardiovascular_age": "PublicDailyCardiovascularAge",
    "vO2_max": "PublicVO2Max",
    "workout": "PublicWorkout",
    "session": "PublicSession",
    "enhanced_tag": "EnhancedTagModel",
    "tag": "TagModel",
    "heartrate": "PublicHeartRateRow",
    "ring_battery_level": "PublicRingBatteryLevelRow",
    "ring_configuration": "PublicRingConfiguration",
    "personal_info": "PersonalInfoResponse",
}
TIDY = ["plain", "traveller", "fareast", "shift", "newcomer", "longtime"]


@lru_cache(maxsize=1)
def _components() -> dict[str, Any]:
    path = os.environ.get("ANNULET_TEST_OPENAPI", "")
    if not path or not Path(path).is_file():
        pytest.skip("ANNULET_TEST_OPENAPI names no file")
    return json.loads(Path(path).read_text(encoding="utf-8"))["components"]


def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _components()}
    return jsonschema.Draft202012Validator(schema)


def _documents(cloud: SimulatedOura, person: str, name: str) -> list[dict[str, Any]]:
    who = cloud.people[person]
    collection = COLLECTIONS[name]
    start = NOW - timedelta(days=40)
    if name == "personal_info":
        return [who.info()]
    if collection.query is Query.DATETIME:
        question = Question(NOW - timedelta(hours=30), NOW)
        return series_rows(who, name, question, 1000, Options())[0]
    found = who.rings() if name == "ring_configuration" else who.documents(name, start, NOW)
    # As JSON: tuples become arrays, what is drawn late is drawn.
    return json.loads(json.dumps([selected(collection, item.data, "") for item in found]))


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_documents_are_as_published(name: str) -> None:
    """Every document of every tidy person is valid, and has no field nobody documented."""
    validator = _validator(SCHEMAS[name])
    known = set(_components()["schemas"][SCHEMAS[name]]["properties"])
    cloud = SimulatedOura(TIDY, NOW)
    seen = 0
    for person in TIDY:
        for document in _documents(cloud, person, name):
            validator.validate(document)
            assert set(document) <= known
            seen += 1
    assert seen


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_the_sparse_one_breaks_the_schema_only_as_seen(name: str) -> None:
    """Unknown members of enums, an end that is null, an average that is null, an absent id."""
    validator = _validator(SCHEMAS[name])
    cloud = SimulatedOura(["sparse"], NOW)
    for document in _documents(cloud, "sparse", name):
        for error in validator.iter_errors(document):
            assert _allowed(name, document, error), error.message


def _allowed(name: str, document: dict[str, Any], error: jsonschema.ValidationError) -> bool:
    place = ".".join(str(part) for part in error.absolute_path)
    seen = {
        "sleep": {"bedtime_end", "type"},
        "daily_stress": {"day_summary"},
        "workout": {"intensity"},
        "daily_spo2": {"spo2_percentage"},
        "ring_configuration": {"hardware_type", "color"},
    }
    if name == "daily_cardiovascular_age" and "id" not in document:
        return error.validator == "required"
    return place in seen.get(name, set())
