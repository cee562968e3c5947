"""Signs people in, and changes and resets their passwords."""

from __future__ import annotations

import contextlib
from typing import Final

from annulet.errors import ConsentError, UsageError
from annulet.hosted.accounts.account_mail import AccountMail
from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.hashing_queue import HashingPriority
from annulet.hosted.accounts.known_browsers import KnownBrowsers
from annulet.hosted.accounts.login_names import normalize_login
from annulet.hosted.accounts.one_time_links import OneTimeLink, OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords, check_strength
from annulet.hosted.accounts.people import People, Person
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.accounts.sign_in_limits import choose_attempt
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.errors import FieldError, OverloadedError
from annulet.hosted.mail.mail_texts import MailKind

_HOUR_S: Final = 3600
_QUARTER_S: Final = 900
_CURRENT_PASSWORDS: Final = 10
_CURRENT_PASSWORDS_ELSEWHERE: Final = 30
_WRONG_LINKS_PER_ADDRESS: Final = 30
_WRONG_LINKS: Final = 1000
_MAILS_PER_ADDRESS: Final = 20
_MAILS: Final = 1000


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
        mail: AccountMail,
        clock: Clock,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._links = links
        self._passwords = passwords
        self._limits = limits
        self._known_browsers = known_browsers
        self._audit = audit
        self._mail = mail
        self._clock = clock

    async def sign_in(
        self,
        *,
        login: str,
        password: str,
        address: str,
        browser_token: str = "",
        verification: str = "",
    ) -> Person:
        """Check a password.

        Args:
            login: The e-mail address as typed.
            password: The password as typed.
            address: The network address that the attempt comes from.
            browser_token: What the browser presents as a known one; possibly empty.
            verification: The token of a mailed link that proves the e-mail address; possibly empty.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            OverloadedError: Too many people sign in at this moment.
            UsageError: The e-mail address or the password is wrong; it does not say which. Or the
                password is right, and the account is disabled or not confirmed.
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
        if person is None or not is_right:
            if person is not None:
                await self._audit.record(AuditAction.SIGN_IN_REFUSED, person.id, status="refused")
            other_way = (
                "set a new password" if self._mail.is_on else "ask an admin for a reset link"
            )
            raise UsageError(
                "The e-mail address or the password is not right.",
                hint=f"Try again, or {other_way}.",
            )
        await self._limits.refund(attempt.budgets)
        await self._limits.clear(attempt.cleared_subjects)
        await self.check_open(person, verification)
        if stored_hash is not None and self._passwords.needs_rehash(stored_hash):
            with contextlib.suppress(OverloadedError):  # the next sign-in has time for it
                await self._set_password(person, password)
        await self._audit.record(AuditAction.SIGNED_IN, person.id)
        return person

    async def check_open(self, person: Person, verification: str = "") -> None:
        """Check that a person who has proved to be one may come in.

        Raises:
            UsageError: The account is disabled, or waits for the confirmation of its address.
        """
        if person.disabled_at is not None:
            await self._audit.record(AuditAction.SIGN_IN_REFUSED, person.id, status="disabled")
            raise UsageError(
                "This account is disabled.", hint="Nothing is deleted. Ask an admin of the service."
            )
        if verification:
            link = await self._links.find("verify", verification)
            is_theirs = link is not None and link.person_id == person.id
            if is_theirs and await self._links.spend("verify", verification):
                await self._set_verified(person)
                return
        if person.confirm_by is not None:
            await self.send_mail(MailKind.VERIFY, person.login)
            raise UsageError(
                "Your e-mail address is not confirmed yet.",
                hint="Open the link in the newest mail; it was sent again just now.",
            )

    async def send_mail(self, kind: MailKind, login: str, *, address: str = "") -> None:
        """Send a person a mail with a link; nothing tells whether there is an account.

        Args:
            kind: Which mail.
            login: The e-mail address as typed.
            address: The network address of a browser that is not signed in.

        Raises:
            TooManyAttemptsError: Too much mail was asked for from this network address, or at all.
        """
        budgets = [Budget("mail", _MAILS, _HOUR_S)]
        if address:
            budgets.append(Budget(f"mail-from:{address}", _MAILS_PER_ADDRESS, _HOUR_S))
        if wait_s := await self._limits.reserve(budgets):
            raise TooManyAttemptsError(wait_s)
        person = await self._people.find_by_login(login)
        await self._mail.send(kind, login, person.id if person else "")

    async def find_reset_link(self, token: str) -> OneTimeLink | None:
        """Find the link of an admin or of a mail with which a password can be set."""
        return await self._links.find("reset", token) or await self._links.find("mail-reset", token)

    async def check_password(
        self, person: Person, password: str, *, session: str, address: str
    ) -> None:
        """Check the password of a person who is signed in.

        Args:
            person: Who is signed in.
            password: As typed.
            session: The id of the browser's session. A copy of its cookie elsewhere has attempts
                of its own, so it cannot use up those of the person.
            address: The network address of the browser. Addresses from which the person has never
                signed in share a limit besides, or copies at many of them could go on guessing.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            OverloadedError: Too many people sign in at this moment.
            UsageError: It is wrong.
        """
        own = Budget(f"change:{person.id}:{session}:{address}", _CURRENT_PASSWORDS, _QUARTER_S)
        elsewhere = Budget(f"change:{person.id}", _CURRENT_PASSWORDS_ELSEWHERE, _QUARTER_S)
        is_known = await self._known_browsers.is_known_address(person.id, address)
        budgets = (own,) if is_known else (own, elsewhere)
        stored_hash = await self._people.read_password_hash(person.id)
        priority = HashingPriority.KNOWN_BROWSER
        if not await self._try_password(stored_hash, password, budgets, priority):
            raise FieldError("current", "The current password is not right.", hint="Try again.")
        await self._limits.refund(budgets)
        await self._limits.clear([own.subject])

    async def change_password(
        self, person: Person, *, current: str, new: str, session: str, address: str
    ) -> None:
        """Change a password, sign every other browser out and end every reset link.

        A person without a password, who signs in with a passkey or through a company, sets one.

        Raises:
            TooManyAttemptsError: Too many attempts failed before.
            OverloadedError: Too many people sign in at this moment.
            UsageError: The current password is wrong or the new one too weak.
        """
        if await self._people.read_password_hash(person.id) is not None:
            await self.check_password(person, current, session=session, address=address)
        check_strength(new, person.login)
        await self._set_password(person, new)
        await self._sessions.end_others(person.id, session)
        await self._links.delete_for(person.id)
        await self._audit.record(AuditAction.PASSWORD_CHANGED, person.id)

    async def reset_password(self, token: str, new: str, *, address: str) -> Person:
        """Set a new password with a link from an admin or from a mail.

        Every browser is signed out, and every other link of the person ends.

        Raises:
            TooManyAttemptsError: Too many wrong links came before; a right one always works.
            OverloadedError: Too many people set passwords at this moment.
            UsageError: The link is unknown, used or expired, or the password too weak.
        """
        link = await self.find_reset_link(token)
        if link is None or link.person_id is None:
            await self._count_wrong_link(address)
            raise UsageError("This reset link does not work any more.", hint="Ask for another one.")
        person = await self._people.get(link.person_id)
        check_strength(new, person.login)
        password_hash = await self._passwords.hash(new)
        if not await self._links.spend(link.kind, token):
            raise UsageError("This reset link was used already.", hint="Ask for another one.")
        await self._people.change(person.id, password_hash=password_hash, confirm_by=None)
        if link.kind == "mail-reset":
            await self._set_verified(person)
        await self._sessions.end_others(person.id)
        await self._links.delete_for(person.id)
        await self._limits.clear([f"login:{person.login}"])
        await self._audit.record(AuditAction.PASSWORD_RESET, person.id)
        return person

    async def _set_verified(self, person: Person) -> None:
        """Note that the person receives mail at the address of the account."""
        now = to_epoch_s(self._clock())
        await self._people.change(person.id, verified_at=now, confirm_by=None)
        await self._audit.record(AuditAction.ADDRESS_VERIFIED, person.id)

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
