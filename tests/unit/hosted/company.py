"""A small OpenID Connect provider of a company, with the switches of an attacker."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "annulet-service"
CLIENT_SECRET = "made-up: secret+of/the company"


class Company:
    """A provider that signs in whom a test names.

    Attributes:
        url: Its issuer.
        claims: What it says about the person, over what is usual.
        requests: How often each of its addresses was asked.
    """

    def __init__(self, clock: Any, url: str = "") -> None:
        self.clock, self.url = clock, url
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.requests: dict[str, int] = {}
        self.algorithm, self.is_down = "RS256", False
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate()
        paths = {
            "/.well-known/openid-configuration": (self._metadata, "GET"),
            "/authorize": (self._authorize, "GET"),
            "/token": (self._token, "POST"),
            "/keys": (self._keys, "GET"),
        }
        self.app = Starlette(
            routes=[
                Route(path, answer, methods=[method]) for path, (answer, method) in paths.items()
            ]
        )

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.key_id = secrets.token_hex(4)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign an ID token."""
        key: Any = self._key if self.algorithm == "RS256" else self._public_pem()
        if self.algorithm == "none":
            key = None
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.key_id})

    def _public_pem(self) -> bytes:
        # PyJWT refuses to sign with a PEM, so the bytes of the key stand for it
        return hashlib.sha512(str(self._key.public_key().public_numbers()).encode()).digest()

    def _count(self, name: str) -> None:
        self.requests[name] = self.requests.get(name, 0) + 1

    async def _metadata(self, _request: Request) -> Response:
        self._count("metadata")
        if self.is_down:
            return JSONResponse({"error": "down"}, status_code=503)
        usual = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return JSONResponse({**usual, **self.metadata})

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        assert (query["client_id"], query["code_challenge_method"]) == (CLIENT_ID, "S256")
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        answer = {"code": code, "state": query["state"]}
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}", status_code=302)

    async def _token(self, request: Request) -> Response:
        self._count("token")
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        query = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        expected = urlencode({"a": CLIENT_ID})[2:] + ":" + urlencode({"a": CLIENT_SECRET})[2:]
        basic = "Basic " + base64.b64encode(expected.encode()).decode()
        is_right = request.headers.get("authorization") == basic
        if query is None or challenge != query["code_challenge"] or not is_right:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse({"id_token": self.sign(self._claims(query)), "token_type": "Bearer"})

    async def _keys(self, _request: Request) -> Response:
        self._count("keys")
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return JSONResponse({"keys": [{**public, "kid": self.key_id, "use": "sig"}]})

    def _claims(self, query: dict[str, str]) -> dict[str, Any]:
        now: datetime = self.clock()
        usual = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "email": "anna@company.example",
            "email_verified": True,
            "name": "Anna",
            "nonce": query["nonce"],
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + 300,
        }
        return {name: v for name, v in {**usual, **self.claims}.items() if v is not None}
