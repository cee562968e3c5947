"""What a question meets in Oura's responses, beyond a readable page."""

from datetime import date

import httpx2
import pytest

from annulet.errors import OuraRejectedRequest, OuraUnavailable, ScopeMissing

DAY = date(2026, 5, 6)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_missing_permission_is_asked_once(oura, connect, status):
    """The token is not renewed and the request is not repeated."""
    body = {"detail": "Token is not authorized access spo2 scope."}
    oura.script = [httpx2.Response(status, json=body)]
    async with connect() as client:
        with pytest.raises(ScopeMissing):
            await client.daily_spo2(DAY, DAY)
    assert len(oura.requests) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b'{"data":', b"[]", b"null", b'{"data":{}}', b'{"data":[1]}', b"{}"],
)
async def test_an_unreadable_200_is_an_outage(oura, connect, content):
    """A body that is no envelope is not taken for an empty collection."""
    oura.script = [httpx2.Response(200, content=content)] * 10
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)


async def test_redirects_are_not_followed(oura, connect):
    """The token goes nowhere but to the address it was meant for, and is sent once."""
    oura.script = [httpx2.Response(302, headers={"location": "https://elsewhere.example/"})] * 5
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 1


async def test_a_missing_document_is_told(oura, connect):
    """404 on one document is not an outage."""
    oura.script = [httpx2.Response(404, json={"detail": "Document not found."})]
    async with connect() as client:
        with pytest.raises(OuraRejectedRequest, match="404"):
            await client.document("daily_sleep", "gone")
