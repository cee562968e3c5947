"""Our table and documents against Oura's own text, where it is at hand."""

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
    found = text()["components"]["schemas"][envelope]
    if "data" in found["properties"]:
        return found["properties"]["data"]["items"]["$ref"].rsplit("/", 1)[1]
    return envelope


def example(schema):
    """A value that fits a schema, every property filled."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return EXAMPLES.get(name) or example(text()["components"]["schemas"][name])
    if "anyOf" in schema:
        return example(next(s for s in schema["anyOf"] if s.get("type") != "null"))
    if schema.get("type") == "object":
        return {name: example(part) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(schema["items"])]
    return schema["enum"][0] if "enum" in schema else PLAIN[schema.get("format", schema["type"])]


def strangers(value):
    """Whatever ended up in ``extra``, at any depth."""
    if isinstance(value, Part):
        own = list(value.extra)
        return own + [
            found
            for name in value.__struct_fields__
            if name != "extra"
            for found in strangers(getattr(value, name))
        ]
    if isinstance(value, tuple):
        return [found for item in value for found in strangers(item)]
    return []


def test_every_collection_of_oura_is_in_the_table():
    """No collection is missing and none is made up."""
    assert {name for name in routes() if "/" not in name} == set(COLLECTIONS)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_parameters_are_oura_s(name):
    """The table names exactly the query parameters Oura knows."""
    known = {parameter["name"] for parameter in routes()[name].get("parameters", [])}
    assert known == set(COLLECTIONS[name].parameters)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_single_documents_are_asked_only_where_oura_has_them(name):
    """A document by id exists exactly where the table says so."""
    has_route = f"{name}/{{document_id}}" in routes()
    assert has_route == (COLLECTIONS[name].single is Single.BY_ID)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_fields_are_oura_s(name):
    """A document knows every field of Oura's schema and no other."""
    fields = set(text()["components"]["schemas"][schema_name(name)]["properties"])
    assert fields == set(COLLECTIONS[name].fields)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_full_document_is_understood_whole(name):
    """A document filled after Oura's schema leaves nothing over, at any depth."""
    raw = example({"$ref": f"#/components/schemas/{schema_name(name)}"})
    document = read_document(COLLECTIONS[name].document, raw)
    assert strangers(document) == []
    assert all(getattr(document, field) is not None for field in COLLECTIONS[name].fields)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_day_anchor_is_a_field_of_the_document(name):
    """Whatever is trimmed by day has a day to be trimmed by."""
    collection = COLLECTIONS[name]
    assert (collection.query is Query.DAY) == bool(collection.day)
    assert set(collection.anchors) <= set(collection.fields)
    assert collection.day in (*collection.fields, "")


def test_samples_have_oura_s_fields():
    """Series inside documents are typed as Oura describes them."""
    fields = set(text()["components"]["schemas"]["PublicSample"]["properties"])
    assert fields == set(Sample.__struct_fields__) - {"extra"}


def test_webhook_types_are_oura_s():
    """Every webhook type of the table is one Oura can notify about."""
    types = set(text()["components"]["schemas"]["ExtApiV2DataType"]["enum"])
    assert {c.webhook for c in COLLECTIONS.values() if c.webhook} == types - {"meal"}
