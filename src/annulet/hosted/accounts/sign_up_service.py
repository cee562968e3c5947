"""Creates accounts, as the policy of the service allows."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from annulet.environment_reader import Signup
from annulet.errors import UsageError
from annulet.hosted.accounts.account_mail import AccountMail
from annulet.hosted.accounts.login_names import check_login
from annulet.hosted.accounts.one_time_links import LinkKind, OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords, check_strength
from annulet.hosted.accounts.people import ADMIN, MEMBER, People, Person, check_zone
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.errors import FieldError
from annulet.hosted.mail.mail_texts import MailKind

_HOUR_S: Final = 3600
_PER_ADDRESS: Final = 20
_TOGETHER: Final = 500
_CONFIRM_S: Final = 7 * 86_400
"""After this time an account that was never confirmed is deleted."""


class SignUpAccess(StrEnum):
    """Whether a visitor may create an account, and what it becomes."""

    OPEN = "open"
    INVITED = "invited"
    FIRST_ADMIN = "first_admin"
    """The first account of a service on loopback, which becomes the admin."""
    SETUP = "setup"
    """The visitor has the set-up link, so the account becomes the admin."""
    NOT_SET_UP = "not_set_up"
    """There is no admin yet, and the visitor does not have the set-up link."""
    CLOSED = "closed"

    @property
    def is_allowed(self) -> bool:
        """Whether the visitor may create an account."""
        return self not in {SignUpAccess.NOT_SET_UP, SignUpAccess.CLOSED}


_STARTED_TOGETHER_S: Final = 600
_LINK_KINDS: Final[dict[SignUpAccess, LinkKind]] = {
    SignUpAccess.INVITED: "invite",
    SignUpAccess.SETUP: "setup",
}
_CONFIRMED_BY_MAIL: Final = frozenset({SignUpAccess.OPEN, SignUpAccess.INVITED})
"""The others have no admin yet who could help where the mail server does not work."""
_REFUSALS: Final = {
    SignUpAccess.CLOSED: (
        "This service does not accept new accounts without an invitation.",
        "Ask the admin for an invitation link.",
    ),
    SignUpAccess.NOT_SET_UP: (
        "This service has no admin yet.",
        "Open the set-up link that annulet serve prints when it starts.",
    ),
}


class SignUpService:
    """Creates accounts.

    Args:
        policy: Who may sign up: ``open``, ``invite`` or ``closed``.
        first_is_admin: Whether the first account becomes the admin without a set-up link, which is
            safe only where no other machine reaches the service.
    """

    def __init__(
        self,
        *,
        people: People,
        links: OneTimeLinks,
        passwords: Passwords,
        limits: RateLimits,
        audit: AuditLog,
        mail: AccountMail,
        clock: Clock,
        policy: Signup,
        first_is_admin: bool,
    ) -> None:
        self._people = people
        self._links = links
        self._passwords = passwords
        self._limits = limits
        self._audit = audit
        self._mail = mail
        self._clock = clock
        self._policy = policy
        self._first_is_admin = first_is_admin

    async def read_access(self, token: str = "") -> SignUpAccess:
        """Read what a visitor with this invitation or set-up link may do."""
        has_admin = await self._people.has_admin()
        if token and not has_admin and await self._links.find("setup", token) is not None:
            return SignUpAccess.SETUP
        if not self._first_is_admin and not has_admin:
            return SignUpAccess.NOT_SET_UP
        if token and await self._links.find("invite", token) is not None:
            return SignUpAccess.INVITED
        if self._policy != "open":
            return SignUpAccess.CLOSED
        if self._first_is_admin and not await self._people.has_had_admin():
            return SignUpAccess.FIRST_ADMIN
        return SignUpAccess.OPEN

    async def create_setup_token(self) -> str:
        """Make the token of a set-up link, while the service needs one; empty when it does not.

        Replicas that start together each print a link, and each works until one has been used.
        """
        if await self._people.has_admin():
            return ""
        if await self.read_access() is SignUpAccess.FIRST_ADMIN:
            return ""
        await self._links.delete_older("setup", _STARTED_TOGETHER_S)
        return await self._links.create("setup", note="set-up")

    async def sign_up(
        self,
        *,
        login: str,
        name: str,
        password: str,
        timezone: str,
        address: str,
        invitation: str = "",
    ) -> Person | None:
        """Create an account as the policy allows.

        Returns:
            The person, who is signed in now. ``None`` where a mail has to be answered first; it
            is the same for an address that has an account, whose owner is told by mail.

        Raises:
            TooManyAttemptsError: Too many accounts were created from this address, or at all.
            OverloadedError: Too many people set passwords at this moment.
            UsageError: Input is wrong, or sign-up is not open to this visitor.
        """
        login, zone = check_login(login), check_zone(timezone)
        check_strength(password, login)
        access = await self.read_access(invitation)
        if not access.is_allowed:
            message, hint = _REFUSALS[access]
            raise UsageError(message, hint=hint)
        await self._reserve(address)
        existing = await self._people.find_by_login(login)
        needs_mail = self._mail.is_on and access in _CONFIRMED_BY_MAIL
        if existing is not None and not needs_mail:
            raise FieldError(
                "login",
                "There is already an account with this e-mail address.",
                hint="Sign in instead, or ask an admin for a reset link.",
            )
        password_hash = await self._passwords.hash(password)
        kind = _LINK_KINDS.get(access)
        if kind is not None and not await self._spend(kind, invitation):
            raise UsageError("The invitation was used already.", hint="Ask for another one.")
        role = {SignUpAccess.SETUP: ADMIN, SignUpAccess.FIRST_ADMIN: None}.get(access, MEMBER)
        if existing is None:
            confirm_by = to_epoch_s(self._clock()) + _CONFIRM_S if needs_mail else None
            try:
                person = await self._people.create(
                    login, name, password_hash, role=role, timezone=zone, confirm_by=confirm_by
                )
            except FieldError:
                # another sign-up was faster, and with mail no answer may tell that it was there
                existing = await self._people.find_by_login(login)
                if existing is None or not needs_mail:
                    raise
            else:
                return await self._welcome(person)
        await self._sign_up_again(existing, password_hash)
        return None

    async def _welcome(self, person: Person) -> Person | None:
        """Return a new person who is signed in now; ``None`` when a mail has to be answered."""
        await self._audit.record(AuditAction.ACCOUNT_CREATED, person.id, actor=person.login)
        if person.confirm_by is None:
            return person
        await self._mail.send(MailKind.VERIFY, person.login, person.id)
        return None

    async def _spend(self, kind: LinkKind, token: str) -> bool:
        if kind == "setup":
            return await self._links.spend_every(kind, token)
        return await self._links.spend(kind, token)

    async def create_from_shell(self, *, login: str, password: str, role: str) -> Person:
        """Create an account, whatever the policy is.

        Raises:
            UsageError: Input is wrong or the address is taken.
        """
        login = check_login(login)
        check_strength(password, login)
        password_hash = await self._passwords.hash(password)
        person = await self._people.create(login, "", password_hash, role=role, timezone="UTC")
        await self._audit.record(AuditAction.ADMIN_CREATED, person.id, actor="shell")
        return person

    async def _sign_up_again(self, existing: Person, password_hash: str) -> None:
        """Answer a sign-up with an address that has an account, by mail to its owner alone."""
        if existing.confirm_by is None:
            await self._mail.send(MailKind.ACCOUNT_EXISTS, existing.login, existing.id)
            return
        # the newest password counts: a squatter's is useless to the owner of the address
        await self._people.change(existing.id, password_hash=password_hash)
        await self._mail.send(MailKind.VERIFY, existing.login, existing.id)

    async def _reserve(self, address: str) -> None:
        wait_s = await self._limits.reserve(
            (
                Budget(f"sign-up-from:{address}", _PER_ADDRESS, _HOUR_S),
                Budget("sign-up", _TOGETHER, _HOUR_S),
            )
        )
        if wait_s:
            raise TooManyAttemptsError(wait_s)
