"""The words of the audit log: ``source:subject:action``.

A word is never reused for another meaning. The source is who acted: ``person`` in the browser,
``admin``, ``assistant`` over MCP, ``service`` by itself, ``oura``.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SENTENCES", "Word"]


class Word(StrEnum):
    """What can stand in the log."""

    ACCOUNT_CREATED = "person:account:create"
    SIGNED_IN = "person:session:create"
    SIGN_IN_REFUSED = "person:session:refuse"
    SIGNED_OUT = "person:session:revoke"
    PASSWORD_CHANGED = "person:password:change"  # noqa: S105 - a word, not a password
    PASSWORD_RESET = "person:password:reset"  # noqa: S105 - the same
    ACCOUNT_CHANGED = "person:account:change"
    ACCOUNT_EXPORTED = "person:account:export"
    ACCOUNT_DELETED = "person:account:delete"
    REGISTERED = "person:registration:create"
    REGISTRATION_WITHDRAWN = "person:registration:delete"
    REGISTRATION_APPROVED = "service:registration:approve"
    CONNECT_STARTED = "person:connection:start"
    CONNECTED = "oura:connection:create"
    CONNECT_DENIED = "oura:connection:refuse"
    CONNECT_FAILED = "oura:connection:fail"
    DISCONNECTED = "person:connection:delete"
    GRANT_LOST = "oura:connection:lose"
    ENDPOINT_CREATED = "person:endpoint:create"
    ENDPOINT_CHANGED = "person:endpoint:change"
    ENDPOINT_DELETED = "person:endpoint:delete"
    KEY_CREATED = "person:key:create"
    KEY_ROTATED = "person:key:rotate"
    KEY_REVOKED = "person:key:revoke"
    CLIENT_ALLOWED = "person:grant:create"
    CLIENT_DENIED = "person:grant:refuse"
    CLIENT_REVOKED = "person:grant:revoke"
    TOKEN_REVOKED = "assistant:grant:revoke"  # noqa: S105 - a word, not a token
    TOKEN_REUSED = "service:grant:revoke"  # noqa: S105 - the same
    TOOL_CALLED = "assistant:tool:call"
    TODAY_VIEWED = "person:today:view"
    ADMIN_APPROVED = "admin:registration:approve"
    ADMIN_CAPACITY = "admin:capacity:change"
    ADMIN_INVITED = "admin:invitation:create"
    ADMIN_RESET_LINK = "admin:reset:create"
    ADMIN_DISABLED = "admin:account:disable"
    ADMIN_ENABLED = "admin:account:enable"
    ADMIN_DELETED = "admin:account:delete"
    ADMIN_CREATED = "admin:account:create"
    ADMIN_KEY_REVOKED = "admin:key:revoke"
    ADMIN_KEY_ROTATED = "admin:sealing-key:rotate"
    ADMIN_UPDATES_ON = "admin:updates:start"
    ADMIN_UPDATES_OFF = "admin:updates:stop"


SENTENCES: dict[Word, str] = {
    Word.ACCOUNT_CREATED: "Account created",
    Word.SIGNED_IN: "Signed in",
    Word.SIGN_IN_REFUSED: "Sign-in refused",
    Word.SIGNED_OUT: "Signed out",
    Word.PASSWORD_CHANGED: "Password changed",
    Word.PASSWORD_RESET: "Password set with a reset link",
    Word.ACCOUNT_CHANGED: "Account changed",
    Word.ACCOUNT_EXPORTED: "Account exported",
    Word.ACCOUNT_DELETED: "Account deleted",
    Word.REGISTERED: "Registered for Oura Ring",
    Word.REGISTRATION_WITHDRAWN: "Registration cancelled",
    Word.REGISTRATION_APPROVED: "Registration approved",
    Word.CONNECT_STARTED: "Went to Oura to connect",
    Word.CONNECTED: "Oura Ring connected",
    Word.CONNECT_DENIED: "Consent was not given at Oura",
    Word.CONNECT_FAILED: "Connecting failed",
    Word.DISCONNECTED: "Oura Ring disconnected, tokens removed",
    Word.GRANT_LOST: "The connection with Oura ended",
    Word.ENDPOINT_CREATED: "Endpoint created",
    Word.ENDPOINT_CHANGED: "Endpoint changed",
    Word.ENDPOINT_DELETED: "Endpoint deleted",
    Word.KEY_CREATED: "API key created",
    Word.KEY_ROTATED: "API key rotated",
    Word.KEY_REVOKED: "API key revoked",
    Word.CLIENT_ALLOWED: "Assistant allowed",
    Word.CLIENT_DENIED: "Assistant denied",
    Word.CLIENT_REVOKED: "Access of an assistant revoked",
    Word.TOKEN_REVOKED: "An assistant gave its access back",
    Word.TOKEN_REUSED: "Access ended: a used token came back",
    Word.TOOL_CALLED: "Question asked",
    Word.TODAY_VIEWED: "Today page opened",
    Word.ADMIN_APPROVED: "Registration approved by an admin",
    Word.ADMIN_CAPACITY: "Capacity changed",
    Word.ADMIN_INVITED: "Invitation created",
    Word.ADMIN_RESET_LINK: "Reset link created by an admin",
    Word.ADMIN_DISABLED: "Account disabled by an admin",
    Word.ADMIN_ENABLED: "Account enabled by an admin",
    Word.ADMIN_DELETED: "Account deleted by an admin",
    Word.ADMIN_CREATED: "Account created by an admin",
    Word.ADMIN_KEY_REVOKED: "API key revoked by an admin",
    Word.ADMIN_KEY_ROTATED: "Sealing key rotated",
    Word.ADMIN_UPDATES_ON: "Updates from Oura switched on",
    Word.ADMIN_UPDATES_OFF: "Updates from Oura switched off",
}
