"""A program that speaks OAuth by hand, to try what well-behaved clients never do."""

import base64
import hashlib
import json
import secrets
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2

CALLBACK = "http://127.0.0.1:43117/callback"


class Program:
    """A registered public client in front of a running service.

    Attributes:
        http: Its connection; follows no redirect.
        client_id: As it was registered.
    """

    def __init__(self, base):
        self.http = httpx2.Client(base_url=base, trust_env=False, timeout=60)
        self.client_id = self.register()

    def close(self):
        """Hang up."""
        self.http.close()

    def register(self, prefix=""):
        """Register anew; returns the id."""
        metadata = {
            "client_name": "A program",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
        }
        return self.http.post(f"{prefix}/register", json=metadata).json()["client_id"]

    def authorize(self, person, resource, *, prefix="", **changed):
        """Ask a person, who allows it; returns what the redirect carries, and the verifier."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "resource": resource,
            "state": "s1",
        } | changed
        page = person.http.get(f"{prefix}/authorize?{urlencode(query)}", follow_redirects=False)
        if page.is_success:
            person.page = page
            fields = person.hidden("/authorize") | {"decision": "allow", "endpoint": "new"}
            page = person.http.post(
                urljoin(str(page.url), "/authorize"), data=fields, follow_redirects=False
            )
        return dict(parse_qsl(urlsplit(page.headers.get("location", "")).query)), verifier

    def token(self, *, prefix="", **form):
        """One request at the token endpoint."""
        return self.http.post(f"{prefix}/token", data={"client_id": self.client_id} | form)

    def tokens(self, person, resource, *, prefix=""):
        """The whole way; returns the pair of tokens."""
        answer, verifier = self.authorize(person, resource, prefix=prefix)
        answered = self.token(
            prefix=prefix,
            grant_type="authorization_code",
            code=answer["code"],
            code_verifier=verifier,
            redirect_uri=CALLBACK,
            resource=resource,
        )
        return answered.json()

    def refresh(self, tokens, **form):
        """Ask for the next pair."""
        known = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        return self.token(**(known | form))

    def ask(self, address, bearer, tool="oura_device"):
        """Call a tool; returns the HTTP answer."""
        call = {"name": tool, "arguments": {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        accept = "application/json, text/event-stream"
        headers = {"accept": accept} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        return self.http.post(address, json=body, headers=headers)


def result(answer):
    """The result inside an answer to a call."""
    lines = [line for line in answer.text.splitlines() if line.startswith(("data:", "{"))]
    return json.loads(lines[-1].removeprefix("data:"))["result"]
