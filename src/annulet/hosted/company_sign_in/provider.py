"""The provider: its metadata, its keys, and the exchange of a code (OpenID Connect Core, RFC 8414).

Metadata and keys are read again after an hour. A key that is not known is looked for once a minute
at most, so that a provider may rotate its keys and a forged token makes no flood of requests.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from annulet.contract.addresses import is_safe_for_tokens
from annulet.errors import UsageError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.strict_json import read_json
from annulet.hosted.web.json_log import LOGGER
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

_LIFETIME_S: Final = 3600
_KEYS_INTERVAL_S: Final = 60
_TIMEOUT_S: Final = 5.0
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What the provider says about itself.

    Attributes:
        authorization_endpoint: Where the browser goes.
        token_endpoint: Where a code is exchanged.
        jwks_uri: Where the keys are.
        posts_secret: Whether the client secret goes into the body instead of the header.
        sends_issuer: Whether every callback names the issuer (RFC 9207).
        read_at: When it was read.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    posts_secret: bool
    sends_issuer: bool
    read_at: int


class CompanyProvider:
    """Reads from the provider of the settings.

    Args:
        settings: Issuer, client id and client secret.
        clock: Returns the present.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.issuer: Final = settings.oidc_issuer
        self.client_id: Final = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._clock = clock
        self._http: httpx2.AsyncClient | None = None
        self._metadata: ProviderMetadata | None = None
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._keys_read_at = 0

    async def read_metadata(self) -> ProviderMetadata:
        """Read the metadata, or return what was read within the hour.

        Raises:
            UsageError: The provider cannot be reached, or is another one than the settings name.
        """
        now = to_epoch_s(self._clock())
        if self._metadata is None or now - self._metadata.read_at > _LIFETIME_S:
            url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            self._metadata = self._check_metadata(await self._request("GET", url), now)
        return self._metadata

    async def find_key(self, key_id: str) -> Mapping[str, Any] | None:
        """Find the public key of this id; an empty id stands for the only key there is.

        Raises:
            UsageError: The provider cannot be reached.
        """
        metadata, now = await self.read_metadata(), to_epoch_s(self._clock())
        is_missing = not (key_id in self._keys or (not key_id and len(self._keys) == 1))
        age_s = now - self._keys_read_at
        if age_s > _LIFETIME_S or (is_missing and age_s >= _KEYS_INTERVAL_S):
            document = await self._request("GET", metadata.jwks_uri)
            keys = document.get("keys")
            self._keys = {
                str(key.get("kid", "")): key
                for key in (keys if isinstance(keys, list) else [])
                # a symmetric key is no public key, and one for encryption signs nothing
                if isinstance(key, dict) and key.get("kty") != "oct" and key.get("use") != "enc"
            }
            self._keys_read_at = now
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        """Exchange a code for an ID token.

        Raises:
            UsageError: The provider refuses, or cannot be reached.
        """
        metadata = await self.read_metadata()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        auth = None
        if self._secret is None:
            fields["client_id"] = self.client_id
        elif metadata.posts_secret:
            fields |= {"client_id": self.client_id, "client_secret": self._secret.reveal()}
        else:  # RFC 6749 §2.3.1: both are form-encoded first
            auth = (quote_plus(self.client_id), quote_plus(self._secret.reveal()))
        tokens = await self._request("POST", metadata.token_endpoint, data=fields, auth=auth)
        return str(tokens.get("id_token", ""))

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def _check_metadata(self, document: Mapping[str, Any], now: int) -> ProviderMetadata:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        urls = [str(document.get(name, "")) for name in names]
        # RFC 8414 §3.3: metadata of another issuer is not to be used
        if document.get("issuer") != self.issuer or not all(map(is_safe_for_tokens, urls)):
            logging.getLogger(LOGGER).error("the metadata does not fit ANNULET_OIDC_ISSUER")
            raise _unreachable()
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return ProviderMetadata(
            authorization_endpoint=urls[0],
            token_endpoint=urls[1],
            jwks_uri=urls[2],
            posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
            sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            read_at=now,
        )

    async def _request(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        """Request a JSON object.

        Raises:
            UsageError: There is none; the log says what came instead.
        """
        import httpx2

        if self._http is None:
            self._http = httpx2.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)
        problem = ""
        try:
            response = await self._http.request(method, url, **more)
            document = read_json(response.content) if len(response.content) <= _MAX_BYTES else None
            if response.is_success and isinstance(document, dict):
                return document
            problem = str(response.status_code)
        except (httpx2.HTTPError, ValueError) as error:
            problem = type(error).__name__
        logging.getLogger(LOGGER).warning("the company's provider did not answer: %s", problem)
        raise _unreachable()


def _unreachable() -> UsageError:
    return UsageError(
        "Your company’s sign-in does not work at this moment.",
        hint="Try again in a minute. If it stays so, tell the operator of this service.",
    )
