"""The simulated documents fit Oura's own schemas, where Oura's file is at hand."""

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
from annulet.simulator.api.page_envelope import ListQuery, select_fields
from annulet.simulator.api.time_series import read_rows
from annulet.simulator.options import Options

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
REGULAR = ["plain", "traveller", "fareast", "shift", "newcomer", "longtime"]
REPORTED = {
    "sleep": {"bedtime_end", "type"},
    "daily_stress": {"day_summary"},
    "workout": {"intensity"},
    "daily_spo2": {"spo2_percentage"},
    "ring_configuration": {"hardware_type", "color"},
}


@lru_cache(maxsize=1)
def _components() -> dict[str, Any]:
    path = os.environ.get("ANNULET_TEST_OPENAPI", "")
    if not path or not Path(path).is_file():
        pytest.skip("ANNULET_TEST_OPENAPI names no file")
    return json.loads(Path(path).read_text(encoding="utf-8"))["components"]


def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _components()}
    return jsonschema.Draft202012Validator(schema)


def _documents(cloud: SimulatedOura, name: str, collection: str) -> list[dict[str, Any]]:
    person = cloud.people[name]
    if collection == "personal_info":
        return [person.info()]
    if COLLECTIONS[collection].query is Query.DATETIME:
        query = ListQuery(NOW - timedelta(hours=30), NOW)
        return read_rows(person, collection, query, 1000, Options())[0]
    documents = (
        person.rings()
        if collection == "ring_configuration"
        else person.documents(collection, NOW - timedelta(days=40), NOW)
    )
    served = [select_fields(COLLECTIONS[collection], item.data, "") for item in documents]
    return json.loads(json.dumps(served))  # tuples become arrays


def test_documents_are_as_published() -> None:
    """Every document of every regular person fits Oura's schema and has no other fields."""
    cloud = SimulatedOura(REGULAR, NOW)
    for name in COLLECTIONS:
        validator = _validator(SCHEMAS[name])
        known = set(_components()["schemas"][SCHEMAS[name]]["properties"])
        documents = [document for person in REGULAR for document in _documents(cloud, person, name)]
        assert documents, name
        for document in documents:
            validator.validate(document)
            assert set(document) <= known


def test_sparse_breaks_the_schema_only_as_reported() -> None:
    """``sparse`` has unknown enum members, a null end, a null average, an absent id, no more."""
    cloud = SimulatedOura(["sparse"], NOW)
    for name in COLLECTIONS:
        for document in _documents(cloud, "sparse", name):
            for error in _validator(SCHEMAS[name]).iter_errors(document):
                assert _is_reported(name, document, error), error.message


def _is_reported(name: str, document: dict[str, Any], error: jsonschema.ValidationError) -> bool:
    if name == "daily_cardiovascular_age" and "id" not in document:
        return error.validator == "required"
    path = ".".join(str(part) for part in error.absolute_path)
    return path in REPORTED.get(name, set())
