"""Mail that a stranger can cause by typing an address, with a limit for each mailbox."""

from __future__ import annotations

from typing import Final

from annulet.hosted.accounts.login_names import normalize_login
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.mail.outbox import Outbox

_MAILS_OF_A_KIND: Final = 3
_HOUR_S: Final = 3600


class AccountMail:
    """Sends mail to an address that was typed by a browser which is not signed in."""

    def __init__(self, outbox: Outbox, limits: RateLimits) -> None:
        self._outbox = outbox
        self._limits = limits

    @property
    def is_on(self) -> bool:
        """Whether the service sends mail at all."""
        return self._outbox.is_on

    async def send(self, kind: MailKind, login: str, person_id: str) -> None:
        """Send a mail, unless the mailbox got three of its kind within the hour.

        Each kind has its own budget: sign-ups by a stranger must not use up the mails with which
        the owner of the address sets a new password. Whether a mail is sent is told to no browser.

        Args:
            kind: Which mail.
            login: The e-mail address as typed.
            person_id: Whose account it is; an unknown one costs the same time and sends nothing.
        """
        budget = Budget(f"mail-to:{kind}:{normalize_login(login)}", _MAILS_OF_A_KIND, _HOUR_S)
        if not await self._limits.reserve([budget]):
            await self._outbox.post(kind, person_id)
