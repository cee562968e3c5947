"""How people get in: sign-up by the service's policy, sign-in with throttling, resets."""

from __future__ import annotations

from annulet.errors import ConsentError, UsageError
from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.one_time_links import INVITE, RESET, OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords, check_strength
from annulet.hosted.accounts.people import People, Person, checked_login, checked_zone
from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog

__all__ = ["SignInService", "TooManyAttemptsError"]

_FREE_HERE = 5
_FREE_ANYWHERE = 25
_FREE_PER_ADDRESS = 30


class TooManyAttemptsError(ConsentError):
    """Sign-in has to wait."""

    code = "rate_limited"

    def __init__(self, wait: int) -> None:
        minutes = max(1, round(wait / 60))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            "There were too many attempts to sign in.",
            hint=f"Wait about {minutes} {unit}, then try again.",
        )
        self.wait = wait


class SignInService:
    """Sign-up, sign-in, reset."""

    def __init__(
        self,
        *,
        people: People,
        sessions: BrowserSessions,
        links: OneTimeLinks,
        passwords: Passwords,
        throttle: Throttle,
        journal: AuditLog,
        policy: str,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._links = links
        self._passwords = passwords
        self._throttle = throttle
        self._journal = journal
        self.policy = policy

    async def may_sign_up(self, invitation: str = "") -> bool:
        """Whether this visitor may create an account."""
        if self.policy == "open":
            return True
        if self.policy == "closed" or not invitation:
            return False
        return await self._links.find(INVITE, invitation) is not None

    async def sign_up(
        self, *, login: str, name: str, password: str, timezone: str, invitation: str = ""
    ) -> Person:
        """Create an account as the policy allows.

        Raises:
            UsageError: Input is wrong, or sign-up is not open to this visitor.
        """
        login, zone = checked_login(login), checked_zone(timezone)
        check_strength(password, login)
        if not await self.may_sign_up(invitation):
            raise UsageError(
                "This service does not accept new accounts without an invitation.",
                hint="Ask whoever runs it for an invitation link.",
            )
        if await self._people.by_login(login) is not None:
            raise UsageError(
                "There is already an account with this e-mail address.",
                hint="Sign in instead, or ask an admin for a reset link.",
            )
        hashed = await self._passwords.hash(password)
        if self.policy == "invite" and not await self._links.spend(INVITE, invitation):
            raise UsageError("The invitation was used already.", hint="Ask for another one.")
        person = await self._people.create(login, name, hashed, role=None, timezone=zone)
        await self._journal.record(AuditAction.ACCOUNT_CREATED, person.id, actor=person.login)
        return person

    async def create(self, *, login: str, password: str, role: str) -> Person:
        """Create an account from the shell, whatever the policy.

        Raises:
            UsageError: Input is wrong or the address is taken.
        """
        login = checked_login(login)
        check_strength(password, login)
        hashed = await self._passwords.hash(password)
        person = await self._people.create(login, "", hashed, role=role, timezone="UTC")
        await self._journal.record(AuditAction.ADMIN_CREATED, person.id, actor="shell")
        return person

    async def sign_in(self, *, login: str, password: str, address: str) -> Person:
        """Check a password.

        Args:
            login: The e-mail address as typed.
            password: The password as typed.
            address: Where the attempt comes from.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            UsageError: The address or the password is wrong; it does not say which.
        """
        # counted apart, so that a stranger elsewhere cannot lock somebody out with five guesses
        name = login.strip().casefold()
        subjects = {
            f"login:{name}:{address}": _FREE_HERE,
            f"login:{name}": _FREE_ANYWHERE,
            f"from:{address}": _FREE_PER_ADDRESS,
        }
        wait = max([await self._throttle.wait(subject) for subject in subjects])
        if wait:
            raise TooManyAttemptsError(wait)
        person = await self._people.by_login(login)
        kept = await self._people.password_hash(person.id) if person else None
        right = await self._passwords.verify(kept, password)
        if person is None or not right or person.disabled_at is not None:
            for subject, free in subjects.items():
                await self._throttle.failed(subject, free=free)
            if person is not None:
                await self._journal.record(AuditAction.SIGN_IN_REFUSED, person.id, status="refused")
            raise UsageError(
                "The e-mail address or the password is not right.",
                hint="Try again, or ask an admin for a reset link.",
            )
        for subject in list(subjects)[:2]:
            await self._throttle.succeeded(subject)
        if kept is not None and self._passwords.outdated(kept):
            await self._people.change(person.id, password_hash=await self._passwords.hash(password))
        await self._journal.record(AuditAction.SIGNED_IN, person.id)
        return person

    async def change_password(
        self, person: Person, *, current: str, new: str, keep_session: str
    ) -> None:
        """Change a password and sign every other browser out.

        Raises:
            UsageError: The current password is wrong or the new one too weak.
        """
        subject = f"login:{person.login}"
        if wait := await self._throttle.wait(subject):
            raise TooManyAttemptsError(wait)
        kept = await self._people.password_hash(person.id)
        if not await self._passwords.verify(kept, current):
            await self._throttle.failed(subject)
            raise UsageError("The current password is not right.", hint="Try again.")
        await self._set_password(person, new)
        await self._sessions.end_others(person.id, keep_session)
        await self._journal.record(AuditAction.PASSWORD_CHANGED, person.id)

    async def reset(self, token: str, new: str) -> Person:
        """Set a new password with a link from an admin; every browser is signed out.

        Raises:
            UsageError: The link is unknown, used or expired, or the password too weak.
        """
        link = await self._links.find(RESET, token)
        if link is None or link.person_id is None:
            raise UsageError(
                "This reset link does not work any more.", hint="Ask an admin for another one."
            )
        person = await self._people.get(link.person_id)
        check_strength(new, person.login)
        if not await self._links.spend(RESET, token):
            raise UsageError("This reset link was used already.", hint="Ask for another one.")
        await self._set_password(person, new)
        await self._sessions.end_others(person.id)
        await self._throttle.succeeded(f"login:{person.login}")
        await self._journal.record(AuditAction.PASSWORD_RESET, person.id)
        return person

    async def _set_password(self, person: Person, new: str) -> None:
        check_strength(new, person.login)
        await self._people.change(person.id, password_hash=await self._passwords.hash(new))
