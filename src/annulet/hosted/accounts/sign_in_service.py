"""Sign-up by the policy of the service, sign-in with throttling, and password changes."""

from __future__ import annotations

from typing import Final

from annulet.errors import ConsentError, UsageError
from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.one_time_links import OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords, check_strength
from annulet.hosted.accounts.people import People, Person, check_login, check_zone
from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.settings import Signup

__all__ = ["SignInService", "TooManyAttemptsError"]

_FREE_PER_LOGIN_AND_ADDRESS: Final = 5
_FREE_PER_LOGIN: Final = 25
_FREE_PER_ADDRESS: Final = 30


class TooManyAttemptsError(ConsentError):
    """Too many sign-ins failed, so the next attempt has to wait.

    Args:
        wait_s: Seconds until the next attempt is allowed.
    """

    code = "rate_limited"

    def __init__(self, wait_s: int) -> None:
        minutes = max(1, round(wait_s / 60))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            "There were too many attempts to sign in.",
            hint=f"Wait about {minutes} {unit}, then try again.",
        )
        self.wait_s = wait_s


class SignInService:
    """Signs people up and in, and changes their passwords.

    Args:
        policy: Who may sign up: ``open``, ``invite`` or ``closed``.
    """

    def __init__(
        self,
        *,
        people: People,
        sessions: BrowserSessions,
        links: OneTimeLinks,
        passwords: Passwords,
        throttle: Throttle,
        audit: AuditLog,
        policy: Signup,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._links = links
        self._passwords = passwords
        self._throttle = throttle
        self._audit = audit
        self._policy = policy

    async def may_sign_up(self, invitation: str = "") -> bool:
        """Tell whether the policy lets a visitor with this invitation create an account."""
        if self._policy == "open":
            return True
        if self._policy == "closed" or not invitation:
            return False
        return await self._links.find("invite", invitation) is not None

    async def sign_up(
        self, *, login: str, name: str, password: str, timezone: str, invitation: str = ""
    ) -> Person:
        """Create an account as the policy allows.

        Raises:
            UsageError: Input is wrong, or sign-up is not open to this visitor.
        """
        login, zone = check_login(login), check_zone(timezone)
        check_strength(password, login)
        if not await self.may_sign_up(invitation):
            raise UsageError(
                "This service does not accept new accounts without an invitation.",
                hint="Ask the admin for an invitation link.",
            )
        if await self._people.find_by_login(login) is not None:
            raise UsageError(
                "There is already an account with this e-mail address.",
                hint="Sign in instead, or ask an admin for a reset link.",
            )
        password_hash = await self._passwords.hash(password)
        if self._policy == "invite" and not await self._links.spend("invite", invitation):
            raise UsageError("The invitation was used already.", hint="Ask for another one.")
        person = await self._people.create(login, name, password_hash, role=None, timezone=zone)
        await self._audit.record(AuditAction.ACCOUNT_CREATED, person.id, actor=person.login)
        return person

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

    async def sign_in(self, *, login: str, password: str, address: str) -> Person:
        """Check a password.

        Args:
            login: The e-mail address as typed.
            password: The password as typed.
            address: The network address that the attempt comes from.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            UsageError: The e-mail address or the password is wrong; it does not say which.
        """
        limits = _failure_limits(login.strip().casefold(), address)
        wait_s = max([await self._throttle.wait_s(subject) for subject in limits])
        if wait_s:
            raise TooManyAttemptsError(wait_s)
        person = await self._people.find_by_login(login)
        stored_hash = await self._people.read_password_hash(person.id) if person else None
        is_right = await self._passwords.verify(stored_hash, password)
        if person is None or not is_right or person.disabled_at is not None:
            await self._count_failure(person, limits)
            raise UsageError(
                "The e-mail address or the password is not right.",
                hint="Try again, or ask an admin for a reset link.",
            )
        for subject in list(limits)[:2]:
            await self._throttle.reset(subject)
        if stored_hash is not None and self._passwords.needs_rehash(stored_hash):
            await self._set_password(person, password)
        await self._audit.record(AuditAction.SIGNED_IN, person.id)
        return person

    async def change_password(
        self, person: Person, *, current: str, new: str, keep_session: str
    ) -> None:
        """Change a password and sign every other browser out.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            UsageError: The current password is wrong or the new one too weak.
        """
        subject = f"login:{person.login}"
        if wait_s := await self._throttle.wait_s(subject):
            raise TooManyAttemptsError(wait_s)
        stored_hash = await self._people.read_password_hash(person.id)
        if not await self._passwords.verify(stored_hash, current):
            await self._throttle.count_failure(subject)
            raise UsageError("The current password is not right.", hint="Try again.")
        check_strength(new, person.login)
        await self._set_password(person, new)
        await self._sessions.end_others(person.id, keep_session)
        await self._audit.record(AuditAction.PASSWORD_CHANGED, person.id)

    async def reset_password(self, token: str, new: str) -> Person:
        """Set a new password with a link from an admin, and sign every browser out.

        Raises:
            UsageError: The link is unknown, used or expired, or the password too weak.
        """
        link = await self._links.find("reset", token)
        if link is None or link.person_id is None:
            raise UsageError(
                "This reset link does not work any more.", hint="Ask an admin for another one."
            )
        person = await self._people.get(link.person_id)
        check_strength(new, person.login)
        if not await self._links.spend("reset", token):
            raise UsageError("This reset link was used already.", hint="Ask for another one.")
        await self._set_password(person, new)
        await self._sessions.end_others(person.id)
        await self._throttle.reset(f"login:{person.login}")
        await self._audit.record(AuditAction.PASSWORD_RESET, person.id)
        return person

    async def _count_failure(self, person: Person | None, limits: dict[str, int]) -> None:
        for subject, free in limits.items():
            await self._throttle.count_failure(subject, free=free)
        if person is not None:
            await self._audit.record(AuditAction.SIGN_IN_REFUSED, person.id, status="refused")

    async def _set_password(self, person: Person, new: str) -> None:
        await self._people.change(person.id, password_hash=await self._passwords.hash(new))


def _failure_limits(login: str, address: str) -> dict[str, int]:
    """Return how many failures are free, by subject.

    They are counted apart, so that an attacker elsewhere cannot lock a person out with five
    guesses.
    """
    return {
        f"login:{login}:{address}": _FREE_PER_LOGIN_AND_ADDRESS,
        f"login:{login}": _FREE_PER_LOGIN,
        f"from:{address}": _FREE_PER_ADDRESS,
    }
