"""oura_permissions: what could not be asked for is named, not passed over."""

import jsonschema
import pytest

from annulet.contract.scopes import SCOPES
from annulet.errors import OuraUnavailable, ScopeMissing
from annulet.toolkit.arguments import validate
from annulet.toolkit.context import Connection
from annulet.toolkit.tools.permissions import TOOL
from tests.unit.toolkit.people import Ring, context


class Silent(Ring):
    """A ring whose newest samples cannot be asked for."""

    def __init__(self, failure):
        super().__init__({})
        self._failure = failure

    async def latest_heartrate(self):
        raise self._failure

    latest_battery_level = latest_heartrate


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OuraUnavailable("Oura is out of order (503).", hint="Try again."), True),
        (ScopeMissing("Not granted.", scope="heartrate"), False),
    ],
)
async def test_an_outage_is_told_though_the_permissions_are_known(failure, told):
    """The grant says what is permitted; whether Oura answers is another matter."""
    asked = context(Silent(failure))

    async def connection():
        return Connection("me", granted=tuple(SCOPES))

    asked.connection = connection
    answer = await TOOL.run(asked, validate(TOOL, {}))
    jsonschema.validate(answer, TOOL.output)
    assert answer["connected"] is True
    assert "last_sync" not in answer
    assert any("last sync" in note for note in answer.get("notes", [])) is told


async def test_verify_asks_oura_though_the_grant_says():
    """What a grant once said and what Oura answers now may differ."""

    class Refusing(Ring):
        async def collection(self, asked, *_args, **_options):
            if asked.name == "workout":
                raise ScopeMissing("Not granted.", scope="workout")
            return []

        async def personal_info(self):
            raise ScopeMissing("Not granted.", scope="personal")

        def clear(self):
            """Nothing is kept."""

    asked = context(Refusing({}))

    async def connection():
        return Connection("me", granted=tuple(SCOPES))

    asked.connection = connection
    granted = {}
    for verify in (False, True):
        answer = await TOOL.run(asked, validate(TOOL, {"verify": verify}))
        granted[verify] = [row[0] for row in answer["granted"]["rows"]]
    assert "workout" in granted[False]
    assert "workout" not in granted[True]
