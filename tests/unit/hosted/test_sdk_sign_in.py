"""The MCP SDK's own client signs in, asks, renews and is revoked."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

PUBLIC = "http://127.0.0.1:8080"
CALLBACK = "http://localhost:43117/callback"


class Storage:
    """What a client keeps."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class SdkClient:
    """The SDK's client with a person in front of the browser."""

    def __init__(self, hosted: Any, browser: Any, url: str, **choice: str) -> None:
        self.hosted, self.browser, self.url, self.choice = hosted, browser, url, choice
        self.storage = Storage()
        self.landed = ""
        self.consent_text = ""

    async def redirected(self, address: str) -> None:
        await self.browser.get(address.removeprefix(PUBLIC))
        self.consent_text = self.browser.text
        form = self.browser.form("/authorize")
        assert form is not None, self.browser.text
        answer = await self.browser.post("/authorize", {**form, "decision": "allow", **self.choice})
        self.landed = answer.headers["location"]

    async def called_back(self) -> AuthorizationCodeResult:
        query = dict(parse_qsl(urlsplit(self.landed).query))
        return AuthorizationCodeResult(
            code=query["code"], state=query.get("state"), iss=query.get("iss")
        )

    async def ask(self, tool: str, **arguments: Any) -> Any:
        auth = OAuthClientProvider(
            server_url=self.url,
            client_metadata=OAuthClientMetadata(
                redirect_uris=[CALLBACK], client_name="Test assistant"
            ),
            storage=self.storage,
            redirect_handler=self.redirected,
            callback_handler=self.called_back,
        )
        transport = httpx2.ASGITransport(self.hosted.app)
        async with (
            httpx2.AsyncClient(transport=transport, auth=auth, timeout=30) as http,
            Client(streamable_http_client(self.url, http_client=http)) as client,
        ):
            return await client.call_tool(tool, arguments)


async def test_the_common_address_makes_an_endpoint_at_consent(hosted) -> None:
    """An assistant that knows only /mcp is let in by one consent and gets its own endpoint."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    sdk = SdkClient(hosted, browser, f"{PUBLIC}/mcp")
    result = await sdk.ask("oura_sleep_sessions")
    assert not result.is_error
    assert result.structured_content["coverage"]["with_data"] == 1
    assert "Test assistant" in sdk.consent_text
    assert "this computer" in sdk.consent_text
    assert f"iss={PUBLIC.replace(':', '%3A').replace('/', '%2F')}" in sdk.landed
    await browser.get("/keys")
    assert "Test assistant" in browser.text


async def test_an_endpoint_address_is_its_own_audience(hosted) -> None:
    """A token for one endpoint opens no other address."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.get("/endpoints/new")
    await browser.submit("/endpoints", kind="claude_code", name="Laptop", auth="")
    endpoint = str(browser.page.url).rsplit("/", 1)[1]
    sdk = SdkClient(hosted, browser, f"{PUBLIC}/mcp/{endpoint}")
    result = await sdk.ask("oura_device")
    assert result.structured_content["error"]["code"] == "not_connected"
    token = {"authorization": f"Bearer {sdk.storage.tokens.access_token}"}
    refused = await browser.http.post("/mcp", json={}, headers=token)
    assert refused.status_code == 401
    assert "invalid_token" in refused.headers["www-authenticate"]


async def test_an_expired_token_is_renewed_without_the_person(hosted) -> None:
    """After an hour the client refreshes by itself; after revocation it cannot."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    sdk = SdkClient(hosted, browser, f"{PUBLIC}/mcp")
    await sdk.ask("oura_device")
    first = sdk.storage.tokens
    hosted.clock.advance(hours=2)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(hosted.app)) as http:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": first.refresh_token,
            "client_id": sdk.storage.client.client_id,
            "client_secret": sdk.storage.client.client_secret or "",
        }
        renewed = (await http.post(f"{PUBLIC}/token", data=form)).json()
        assert renewed["access_token"] != first.access_token
        again = await http.post(f"{PUBLIC}/token", data=form)
        assert again.status_code == 200, "two refreshes at once must not end the grant"
        hosted.clock.advance(minutes=61)
        late = await http.post(f"{PUBLIC}/token", data=form)
        assert late.json()["error"] == "invalid_grant"
        newest = {**form, "refresh_token": renewed["refresh_token"]}
        ended = await http.post(f"{PUBLIC}/token", data=newest)
        assert ended.json()["error"] == "invalid_grant", "a stolen token ends the whole grant"
    await browser.get("/audit")
    assert "a used token came back" in browser.text


async def test_revoking_a_grant_ends_it_at_once(hosted) -> None:
    """What a person revokes under Access stops working with the next request."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    sdk = SdkClient(hosted, browser, f"{PUBLIC}/mcp")
    await sdk.ask("oura_device")
    await browser.get("/keys")
    action = re.search(r"/grants/[0-9a-f]+/revoke", browser.page.text).group(0)
    await browser.submit(action)
    token = {"authorization": f"Bearer {sdk.storage.tokens.access_token}"}
    assert (await browser.http.post("/mcp", json={}, headers=token)).status_code == 401
