"""The texts of each kind of mail, and the message that is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from html import escape
from typing import Final, Literal


class MailKind(StrEnum):
    """What a mail is about."""

    VERIFY = "verify"
    ACCOUNT_EXISTS = "account_exists"
    RESET = "reset"
    APPROVED = "approved"
    RECONNECT = "reconnect"
    NEW_SIGN_IN = "new_sign_in"
    INVITED = "invited"


@dataclass(frozen=True, slots=True)
class _MailText:
    """The words of a mail; ``{…}`` are facts.

    Attributes:
        subject: The subject.
        text: What stands above the link.
        button: The words of the link.
        path: Where in the service it leads.
        closing: What stands below the link.
    """

    subject: str
    text: str
    button: str
    path: str
    closing: str


MailLinkKind = Literal["verify", "mail-reset"]
LINK_KINDS: Final[dict[MailKind, MailLinkKind]] = {
    MailKind.VERIFY: "verify",
    MailKind.RESET: "mail-reset",
}
"""The mails with a one-time link, and its kind."""
_IGNORE: Final = "If you did not ask for this, ignore this mail: nothing changes."
_TEXTS: Final = {
    MailKind.VERIFY: _MailText(
        "Confirm your e-mail address",
        "A person signed up at {host} with this e-mail address.",
        "Confirm the address",
        "/verify?link={token}",
        "The link works once and for a day, together with the password that was chosen. If it was "
        "not you, ignore this mail: the account is deleted after a week.",
    ),
    MailKind.ACCOUNT_EXISTS: _MailText(
        "You already have an account",
        "A person wanted to sign up at {host} with this e-mail address, which has an account "
        "already. Nothing was changed.",
        "Sign in",
        "/sign-in",
        "Forgotten the password? The sign-in page leads to a new one.",
    ),
    MailKind.RESET: _MailText(
        "Set a new password",
        "A new password was asked for at {host}.",
        "Set a new password",
        "/reset?link={token}",
        f"The link works once and for an hour. {_IGNORE}",
    ),
    MailKind.APPROVED: _MailText(
        "It is your turn: connect your ring",
        "You are approved at {host} and can connect your Oura Ring now.",
        "Connect your ring",
        "/dashboard",
        "You get this mail because you registered for a place.",
    ),
    MailKind.RECONNECT: _MailText(
        "Reconnect your ring",
        "Oura no longer accepts the connection with {host}: it was revoked or has expired "
        "there. Your assistants get no answers until you reconnect.",
        "Reconnect",
        "/dashboard",
        "If you ended it yourself, there is nothing to do.",
    ),
    MailKind.INVITED: _MailText(
        "You are invited",
        "The admin of {host} invites you to connect your Oura Ring with your AI assistant there.",
        "Sign up",
        "/sign-up?invitation={token}",
        "The link works once and for two weeks.",
    ),
    MailKind.NEW_SIGN_IN: _MailText(
        "New sign-in to your account",
        "Your account at {host} was signed in to from a new browser: {browser}, {when}.",
        "See signed-in browsers",
        "/account",
        "If it was not you, set a new password at {public_url}/forgot. That signs every browser "
        "out.",
    ),
}


def build_message(
    kind: MailKind,
    *,
    sender: str,
    recipient: str,
    public_url: str,
    sent_at: datetime,
    facts: Mapping[str, str],
) -> EmailMessage:
    """Build the message, as plain text and as HTML with the same words.

    Args:
        kind: What the mail says.
        sender: The address in ``From``.
        recipient: The address in ``To``.
        public_url: The address of the service from its settings; no request can change it.
        sent_at: The time in ``Date``.
        facts: What the text needs: ``token``, ``browser``, ``when``.
    """
    words = _TEXTS[kind]
    known = {"host": public_url.partition("://")[2], "public_url": public_url, **facts}
    text, closing = words.text.format_map(known), words.closing.format_map(known)
    link = public_url + words.path.format_map(known)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, recipient
    message["Subject"] = f"annulet: {words.subject}"
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    message.set_content(f"{text}\n\n{words.button}:\n{link}\n\n{closing}\n")
    message.add_alternative(_build_html(words, text, closing, link), subtype="html")
    return message


def _build_html(words: _MailText, text: str, closing: str, link: str) -> str:
    """Write the page; it loads nothing, so opening it tells no server."""
    subject = escape(words.subject)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{subject}</title></head>\n<body>\n<h1>{subject}</h1>\n<p>{escape(text)}</p>\n"
        f'<p><a href="{escape(link)}">{escape(words.button)}</a></p>\n'
        f"<p>{escape(closing)}</p>\n</body></html>\n"
    )
