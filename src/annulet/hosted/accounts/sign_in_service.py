"""Signs people in, and changes and resets their passwords."""

from __future__ import annotations

import contextlib
from typing import Final

from annulet.errors import ConsentError, UsageError
from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.hashing_queue import HashingPriority
from annulet.hosted.accounts.known_browsers import KnownBrowsers
from annulet.hosted.accounts.login_names import normalize_login
from annulet.hosted.accounts.one_time_links import OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords, check_strength
from annulet.hosted.accounts.people import People, Person
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.accounts.sign_in_limits import choose_attempt
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.errors import OverloadedError

_HOUR_S: Final = 3600
_QUARTER_S: Final = 900
_CURRENT_PASSWORDS: Final = 10
_WRONG_LINKS_PER_ADDRESS: Final = 30
_WRONG_LINKS: Final = 1000


class TooManyAttemptsError(ConsentError):
    """Too many attempts were made, so the next one has to wait.

    Args:
        wait_s: Seconds until the next attempt is allowed.
    """

    code = "rate_limited"

    def __init__(self, wait_s: int) -> None:
        minutes = max(1, round(wait_s / 60))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            "There were too many attempts.",
            hint=f"Wait about {minutes} {unit}, then try again. A reset link works at once.",
        )
        self.wait_s = wait_s


class SignInService:
    """Signs people in, and changes and resets their passwords."""

    def __init__(
        self,
        *,
        people: People,
        sessions: BrowserSessions,
        links: OneTimeLinks,
        passwords: Passwords,
        limits: RateLimits,
        known_browsers: KnownBrowsers,
        audit: AuditLog,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._links = links
        self._passwords = passwords
        self._limits = limits
        self._known_browsers = known_browsers
        self._audit = audit

    async def sign_in(
        self, *, login: str, password: str, address: str, browser_token: str = ""
    ) -> Person:
        """Check a password.

        Args:
            login: The e-mail address as typed.
            password: The password as typed.
            address: The network address that the attempt comes from.
            browser_token: What the browser presents as a known one; possibly empty.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            OverloadedError: Too many people sign in at this moment.
            UsageError: The e-mail address or the password is wrong; it does not say which.
        """
        person = await self._people.find_by_login(login)
        attempt = await choose_attempt(
            self._known_browsers,
            login=normalize_login(login),
            person=person,
            address=address,
            browser_token=browser_token,
        )
        stored_hash = await self._people.read_password_hash(person.id) if person else None
        is_right = await self._try_password(
            stored_hash, password, attempt.budgets, attempt.priority
        )
        if person is None or not is_right or person.disabled_at is not None:
            if person is not None:
                await self._audit.record(AuditAction.SIGN_IN_REFUSED, person.id, status="refused")
            raise UsageError(
                "The e-mail address or the password is not right.",
                hint="Try again, or ask an admin for a reset link.",
            )
        await self._limits.refund(attempt.budgets)
        await self._limits.clear(attempt.cleared_subjects)
        if stored_hash is not None and self._passwords.needs_rehash(stored_hash):
            with contextlib.suppress(OverloadedError):  # the next sign-in has time for it
                await self._set_password(person, password)
        await self._audit.record(AuditAction.SIGNED_IN, person.id)
        return person

    async def change_password(
        self, person: Person, *, current: str, new: str, keep_session: str
    ) -> None:
        """Change a password, sign every other browser out and end every reset link.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            OverloadedError: Too many people sign in at this moment.
            UsageError: The current password is wrong or the new one too weak.
        """
        # a budget of the account's own: only a signed-in browser can spend it
        budget = Budget(f"change:{person.id}", _CURRENT_PASSWORDS, _QUARTER_S)
        stored_hash = await self._people.read_password_hash(person.id)
        priority = HashingPriority.KNOWN_BROWSER
        if not await self._try_password(stored_hash, current, (budget,), priority):
            raise UsageError("The current password is not right.", hint="Try again.")
        await self._limits.clear([budget.subject])
        check_strength(new, person.login)
        await self._set_password(person, new)
        await self._sessions.end_others(person.id, keep_session)
        await self._links.delete_for(person.id)
        await self._audit.record(AuditAction.PASSWORD_CHANGED, person.id)

    async def reset_password(self, token: str, new: str, *, address: str) -> Person:
        """Set a new password with a link from an admin.

        Every browser is signed out, and every other link of the person ends.

        Raises:
            TooManyAttemptsError: Too many wrong links came before; a right one always works.
            OverloadedError: Too many people set passwords at this moment.
            UsageError: The link is unknown, used or expired, or the password too weak.
        """
        link = await self._links.find("reset", token)
        if link is None or link.person_id is None:
            await self._count_wrong_link(address)
            raise UsageError(
                "This reset link does not work any more.", hint="Ask an admin for another one."
            )
        person = await self._people.get(link.person_id)
        check_strength(new, person.login)
        password_hash = await self._passwords.hash(new)
        if not await self._links.spend("reset", token):
            raise UsageError("This reset link was used already.", hint="Ask for another one.")
        await self._people.change(person.id, password_hash=password_hash)
        await self._sessions.end_others(person.id)
        await self._links.delete_for(person.id)
        await self._limits.clear([f"login:{person.login}"])
        await self._audit.record(AuditAction.PASSWORD_RESET, person.id)
        return person

    async def _try_password(
        self,
        stored_hash: str | None,
        password: str,
        budgets: tuple[Budget, ...],
        priority: HashingPriority,
    ) -> bool:
        """Reserve an attempt, then check the password."""
        if wait_s := await self._limits.reserve(budgets):
            raise TooManyAttemptsError(wait_s)
        try:
            return await self._passwords.verify(stored_hash, password, priority)
        except OverloadedError:
            await self._limits.refund(budgets)  # nothing was checked
            raise

    async def _count_wrong_link(self, address: str) -> None:
        wait_s = await self._limits.reserve(
            (
                Budget(f"reset-from:{address}", _WRONG_LINKS_PER_ADDRESS, _HOUR_S),
                Budget("reset", _WRONG_LINKS, _HOUR_S),
            )
        )
        if wait_s:
            raise TooManyAttemptsError(wait_s)

    async def _set_password(self, person: Person, new: str) -> None:
        await self._people.change(person.id, password_hash=await self._passwords.hash(new))
