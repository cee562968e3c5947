"""Requests of a client to the token, revocation and introspection endpoints."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs, unquote

from starlette.requests import Request

from annulet.simulator.responses import RequestError


class OAuthError(RequestError):
    """A request that is refused with an error of RFC 6749."""

    def __init__(self, status: int, error: str, description: str) -> None:
        headers = {"www-authenticate": "Basic"} if status == 401 else None
        body = {"error": error, "error_description": description}
        super().__init__(status, body, title=error, headers=headers)
        self.error = error


async def read_form(request: Request) -> dict[str, str]:
    """Return the form of a request; of repeated fields the last value counts."""
    text = (await request.body()).decode(errors="replace")
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def read_client_credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Return client id and secret from HTTP Basic or the form; empty if there are none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)
