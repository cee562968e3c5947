"""The two ceremonies of WebAuthn: making a passkey, and proving to have one.

The challenge is the token of a one-time link, so each is accepted once, in all replicas, within
five minutes, from the browser that asked for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from annulet.errors import UsageError
from annulet.hosted.accounts.one_time_links import LinkKind, OneTimeLinks
from annulet.hosted.accounts.people import Person
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.passkeys.passkey_store import Passkey, PasskeyStore
from annulet.hosted.strict_json import read_json
from annulet.settings import loopback

_WINDOW_S: Final = 900
_PER_ADDRESS: Final = 60


class PasskeyService:
    """Makes the options of a ceremony and checks how it ended.

    Args:
        public_url: The address of the service. A passkey belongs to its host name.

    Attributes:
        is_available: Whether browsers offer passkeys there: not for an IP address, nor over http.
    """

    def __init__(
        self,
        *,
        store: PasskeyStore,
        links: OneTimeLinks,
        limits: RateLimits,
        audit: AuditLog,
        public_url: str,
    ) -> None:
        self._store = store
        self._links = links
        self._limits = limits
        self._audit = audit
        self._origin = public_url
        self._host = urlsplit(public_url).hostname or ""
        is_safe = public_url.startswith("https://") or loopback(public_url)
        self.is_available = is_safe and not _is_ip_address(self._host)

    async def start_adding(self, person: Person, browser: str) -> str:
        """Make the options for a new passkey, as JSON.

        Args:
            person: Whose passkey it becomes.
            browser: What only this browser can present again.
        """
        import webauthn
        from webauthn.helpers import structs

        known = [
            structs.PublicKeyCredentialDescriptor(id=passkey.credential_id)
            for passkey in await self._store.list_for(person.id)
        ]
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name="annulet",
            user_id=person.id.encode(),
            user_name=person.login,
            user_display_name=person.name,
            challenge=await self._create_challenge("passkey-add", person.id, browser),
            exclude_credentials=known,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
        )
        return webauthn.options_to_json(options)

    async def finish_adding(self, person: Person, browser: str, answer: str, name: str) -> None:
        """Check and store a new passkey.

        Raises:
            UsageError: It is not what was asked for.
        """
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = await self._spend_challenge("passkey-add", person.id, browser, answer)
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except WebAuthnException:
            raise _refusal() from None
        await self._store.add(
            person.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
        )
        await self._audit.record(AuditAction.PASSKEY_ADDED, person.id)

    async def start_proof(self, browser: str, *, address: str, person_id: str | None = None) -> str:
        """Make the options for a proof, as JSON.

        Args:
            browser: What only this browser can present again.
            address: The network address of the browser.
            person_id: Who has to prove it; ``None`` where the passkey will say who signs in.

        Raises:
            TooManyAttemptsError: Too many were asked for from this address.
        """
        import webauthn
        from webauthn.helpers import structs

        budget = Budget(f"passkey-from:{address}", _PER_ADDRESS, _WINDOW_S)
        if wait_s := await self._limits.reserve([budget]):
            raise TooManyAttemptsError(wait_s)
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=await self._create_challenge("passkey-get", person_id, browser),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    async def finish_proof(self, browser: str, answer: str, *, person_id: str | None = None) -> str:
        """Check a proof.

        Returns:
            The id of the person whose passkey it is.

        Raises:
            UsageError: It proves nothing here.
        """
        challenge = await self._spend_challenge("passkey-get", person_id, browser, answer)
        passkey = await self._find_passkey(answer)
        if passkey is None or (person_id is not None and passkey.person_id != person_id):
            raise _refusal()
        sign_count = self._verify_proof(passkey, challenge, answer)
        if not await self._store.record_use(passkey, sign_count):
            raise _refusal()
        return passkey.person_id

    def _verify_proof(self, passkey: Passkey, challenge: bytes, answer: str) -> int:
        """Verify origin, user verification, signature and counter; return the new counter."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            proof = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except WebAuthnException:
            raise _refusal() from None
        return proof.new_sign_count

    async def _create_challenge(self, kind: LinkKind, person_id: str | None, browser: str) -> bytes:
        note = _browser_note(browser)
        return (await self._links.create(kind, person_id=person_id, note=note)).encode()

    async def _spend_challenge(
        self, kind: LinkKind, person_id: str | None, browser: str, answer: str
    ) -> bytes:
        """Return the challenge that an answer was made for, which no other answer can use again."""
        challenge = _read_challenge(answer)
        link = await self._links.find(kind, challenge)
        is_ours = (
            link is not None
            and link.person_id == person_id
            and link.note == _browser_note(browser)
            and await self._links.spend(kind, challenge)
        )
        if not is_ours:
            raise UsageError(
                "This took too long, or was used already.", hint="Try again with your passkey."
            )
        return challenge.encode()

    async def _find_passkey(self, answer: str) -> Passkey | None:
        try:
            return await self._store.find(_decode(read_json(answer)["rawId"]))
        except (ValueError, KeyError, TypeError):
            return None


def _refusal() -> UsageError:
    return UsageError(
        "This passkey was not accepted.", hint="Try another one, or sign in with your password."
    )


def _browser_note(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def _read_challenge(answer: str) -> str:
    """Read the challenge that the browser has signed; empty where there is none."""
    try:
        client_data = read_json(_decode(read_json(answer)["response"]["clientDataJSON"]))
        return _decode(client_data["challenge"]).decode("ascii")
    except (ValueError, KeyError, TypeError):
        return ""


def _decode(text: str) -> bytes:
    """Decode base64url without padding.

    Raises:
        ValueError: It is not base64url.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
