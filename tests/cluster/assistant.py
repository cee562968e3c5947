"""An assistant that signs in with OAuth: each step at another replica."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.members import SUMMARY, Member
from cluster.tally import Seen, read_response

if TYPE_CHECKING:
    from cluster.programs import Program
    from cluster.three_replicas import Cluster


_CALLBACK = "http://127.0.0.1:9/callback"


class SignedInAssistant:
    """It registers at the first replica, gets consent at the second and tokens at the third.

    Args:
        cluster: Where.
        member: Who consents.
    """

    def __init__(self, cluster: Cluster, member: Member) -> None:
        self._cluster, self._member = cluster, member
        self._http = httpx2.Client(trust_env=False, timeout=60)
        self._verifier = secrets.token_urlsafe(48)
        first, second, third = cluster.replicas
        document = {
            "client_name": "Shell",
            "redirect_uris": [_CALLBACK],
            "token_endpoint_auth_method": "none",
        }
        registered = self._post(first, "/register", json=document)
        assert registered.status_code == 201, registered.text
        self._client_id = registered.json()["client_id"]
        self._code = self._get_consent(second)
        redeemed = self.redeem(third)
        assert redeemed.status_code == 200, redeemed.text
        self._tokens = redeemed.json()

    def redeem(self, program: Program) -> httpx2.Response:
        """Use the code at one replica."""
        fields = {
            "grant_type": "authorization_code",
            "code": self._code,
            "redirect_uri": _CALLBACK,
            "client_id": self._client_id,
            "code_verifier": self._verifier,
        }
        return self._post(program, "/token", data=fields)

    def revoke(self, program: Program) -> None:
        """Revoke the refresh token, and with it the grant, at one replica."""
        fields = {"token": self._tokens["refresh_token"], "client_id": self._client_id}
        assert self._post(program, "/revoke", data=fields).status_code == 200

    def ask(self, number: int) -> Seen:
        """Ask a question at the replica of this number."""
        sent = time.monotonic()
        call = {"name": SUMMARY, "arguments": {}}
        response = self._post(
            self._cluster.replicas[number],
            "/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={
                "authorization": f"Bearer {self._tokens['access_token']}",
                "accept": "application/json, text/event-stream",
            },
        )
        return read_response(sent, response)

    def _get_consent(self, program: Program) -> str:
        digest = hashlib.sha256(self._verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": _CALLBACK,
            "state": "s",
            "scope": "oura:read",
            "resource": f"{self._cluster.url}/mcp",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        browser = self._member.browser_at(program)
        browser.http.follow_redirects = False
        browser.get(f"/authorize?{urlencode(query)}")
        browser.submit("/authorize", decision="allow", endpoint="new")
        location = browser.page.headers["location"]
        browser.close()
        return parse_qs(urlsplit(location).query)["code"][0]

    def _post(self, program: Program, path: str, **request: object) -> httpx2.Response:
        headers = {"host": self._cluster.host, **request.pop("headers", {})}
        return self._http.post(f"{program.url}{path}", headers=headers, **request)
