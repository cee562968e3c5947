"""Our table and document types agree with Oura's own API text, where it is at hand."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from annulet.contract.collections import BASE_PATH, COLLECTIONS, Query, Single
from annulet.contract.documents import Sample, read_document
from annulet.contract.documents.reading import Part

FILE = os.environ.get("ANNULET_TEST_OPENAPI", "")

pytestmark = pytest.mark.skipif(
    not FILE or not Path(FILE).is_file(),
    reason="Oura's OpenAPI file is not at hand: name it in ANNULET_TEST_OPENAPI",
)

EXAMPLES = {
    "ISODate": "2026-05-06",
    "LocalDateTime": "2026-05-06T07:08:09",
    "LocalizedDateTime": "2026-05-06T07:08:09.123+02:00",
    "UtcDateTime": "2026-05-06T07:08:09.123Z",
}

# What no living person has is read as missing, and so is what cannot be true beside the rest, so
# the whole document has to be of one.
PLAUSIBLE = {
    "bedtime_start": "2026-05-05T23:00:00+02:00",
    "bedtime_end": "2026-05-06T07:00:00+02:00",
    "time_in_bed": 28_800,
    "total_sleep_duration": 25_200,
    "efficiency": 88,
    "items": [30.5],
    "weight": 70.5,
    "height": 1.75,
    "average_heart_rate": 52.5,
    "lowest_heart_rate": 47,
    "bpm": 61,
    "average": 96.5,
    "vascular_age": 41,
}

PLAIN = {
    "date": "2026-05-06",
    "date-time": "2026-05-06T07:08:09+02:00",
    "string": "text",
    "integer": 7,
    "number": 7.5,
    "boolean": True,
}


@cache
def text():
    return json.loads(Path(FILE).read_text())


def routes():
    return {
        path.removeprefix(BASE_PATH + "/"): route["get"]
        for path, route in text()["paths"].items()
        if path.startswith(BASE_PATH + "/")
    }


def schema_name(collection):
    schema = routes()[collection]["responses"]["200"]["content"]["application/json"]["schema"]
    options = schema.get("anyOf", [schema])
    envelope = options[0]["$ref"].rsplit("/", 1)[1]
    schema = text()["components"]["schemas"][envelope]
    if "data" in schema["properties"]:
        return schema["properties"]["data"]["items"]["$ref"].rsplit("/", 1)[1]
    return envelope


def example(schema):
    """A value that fits a schema, every property filled."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return EXAMPLES.get(name) or example(text()["components"]["schemas"][name])
    if "anyOf" in schema:
        return example(next(s for s in schema["anyOf"] if s.get("type") != "null"))
    if schema.get("type") == "object":
        parts = schema["properties"].items()
        return {name: PLAUSIBLE.get(name) or example(part) for name, part in parts}
    if schema.get("type") == "array":
        return [example(schema["items"])]
    return schema["enum"][0] if "enum" in schema else PLAIN[schema.get("format", schema["type"])]


def unknown_fields(value):
    """The fields of a document that its type does not know, at any depth."""
    if isinstance(value, Part):
        names = [name for name in value.__struct_fields__ if name != "extra"]
        nested = [name for own in names for name in unknown_fields(getattr(value, own))]
        return [*value.extra, *nested]
    if isinstance(value, tuple):
        return [name for item in value for name in unknown_fields(item)]
    return []


def test_the_table_has_every_collection():
    """The table has exactly the collections of Oura."""
    assert {name for name in routes() if "/" not in name} == set(COLLECTIONS)


def test_parameters():
    """The table names exactly the query parameters of each collection."""
    for name, collection in COLLECTIONS.items():
        known = {parameter["name"] for parameter in routes()[name].get("parameters", [])}
        assert known == set(collection.parameters), name


def test_single_documents():
    """A document can be read by its id exactly where the table says so."""
    for name, collection in COLLECTIONS.items():
        has_route = f"{name}/{{document_id}}" in routes()
        assert has_route == (collection.single is Single.BY_ID), name


def test_fields():
    """A document type has exactly the fields of Oura's schema."""
    for name, collection in COLLECTIONS.items():
        fields = set(text()["components"]["schemas"][schema_name(name)]["properties"])
        assert fields == set(collection.fields), name


def test_a_full_document_is_read_whole():
    """A document with every field of Oura's schema is read without unknown or missing fields."""
    for name, collection in COLLECTIONS.items():
        raw = example({"$ref": f"#/components/schemas/{schema_name(name)}"})
        document = read_document(collection.document, raw)
        assert unknown_fields(document) == [], name
        assert all(getattr(document, field) is not None for field in collection.fields), name


def test_day_and_anchors_are_fields():
    """A collection that is queried by day has a day field, and its anchors are fields."""
    for name, collection in COLLECTIONS.items():
        assert (collection.query is Query.DAY) == bool(collection.day), name
        assert set(collection.anchors) <= set(collection.fields), name
        assert collection.day in (*collection.fields, ""), name


def test_samples():
    """The type of samples has exactly the fields of Oura's schema."""
    fields = set(text()["components"]["schemas"]["PublicSample"]["properties"])
    assert fields == set(Sample.__struct_fields__) - {"extra"}


def test_webhook_types():
    """The table names exactly the webhook data types of Oura, but ``meal``."""
    types = set(text()["components"]["schemas"]["ExtApiV2DataType"]["enum"])
    named = {collection.webhook for collection in COLLECTIONS.values() if collection.webhook}
    assert named == types - {"meal"}
