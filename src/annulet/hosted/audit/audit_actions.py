"""The actions of the audit log, written ``source:subject:action``, and their sentences.

An action is never reused for another meaning. The source is who acted: ``person`` in the browser,
``admin``, ``assistant`` over MCP, ``service`` by itself, ``oura``.
"""

from __future__ import annotations

from enum import StrEnum


class AuditAction(StrEnum):
    """What an entry of the log can say."""

    ACCOUNT_CREATED = "person:account:create"
    SIGNED_IN = "person:session:create"
    SIGN_IN_REFUSED = "person:session:refuse"
    SIGNED_OUT = "person:session:revoke"
    PASSWORD_CHANGED = "person:password:change"  # noqa: S105 - an action, not a password
    PASSWORD_RESET = "person:password:reset"  # noqa: S105 - the same
    ADDRESS_VERIFIED = "person:address:verify"
    PASSKEY_ADDED = "person:passkey:create"
    PASSKEY_REMOVED = "person:passkey:delete"
    COMPANY_LINKED = "person:identity:create"
    COMPANY_UNLINKED = "person:identity:delete"
    COMPANY_REFUSED = "person:identity:refuse"
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
    TOKEN_REVOKED = "assistant:grant:revoke"  # noqa: S105 - an action, not a token
    TOKEN_REUSED = "service:grant:revoke"  # noqa: S105 - the same
    TOOL_CALLED = "assistant:tool:call"
    RESOURCE_READ = "assistant:resource:read"
    PROMPT_FETCHED = "assistant:prompt:get"
    COMPLETION_ASKED = "assistant:completion:complete"
    TODAY_VIEWED = "person:today:view"
    CONNECTION_VIEWED = "person:connection:view"
    ADMIN_APPROVED = "admin:registration:approve"
    ADMIN_CAPACITY = "admin:capacity:change"
    ADMIN_INVITED = "admin:invitation:create"
    ADMIN_INVITATION_WITHDRAWN = "admin:invitation:withdraw"
    ADMIN_RESET_LINK = "admin:reset:create"
    ADMIN_DISABLED = "admin:account:disable"
    ADMIN_ENABLED = "admin:account:enable"
    ADMIN_DELETED = "admin:account:delete"
    ADMIN_CREATED = "admin:account:create"
    ADMIN_ROLE = "admin:role:change"
    ADMIN_AUDIT_EXPORTED = "admin:audit:export"
    ADMIN_KEY_REVOKED = "admin:key:revoke"
    ADMIN_KEY_ROTATED = "admin:sealing-key:rotate"
    ADMIN_SEALED_FORGOTTEN = "admin:sealed-values:forget"
    ADMIN_DISCONNECTED = "admin:connection:end"
    ADMIN_UPDATES_ON = "admin:updates:start"
    ADMIN_UPDATES_OFF = "admin:updates:stop"


def describe_action(action: str) -> str:
    """Return the sentence for an action; an action of a newer annulet is returned as it is."""
    try:
        return _SENTENCES[AuditAction(action)]
    except ValueError:
        return action


_SENTENCES: dict[AuditAction, str] = {
    AuditAction.ACCOUNT_CREATED: "Account created",
    AuditAction.SIGNED_IN: "Signed in",
    AuditAction.SIGN_IN_REFUSED: "Sign-in refused",
    AuditAction.SIGNED_OUT: "Signed out",
    AuditAction.PASSWORD_CHANGED: "Password changed",
    AuditAction.PASSWORD_RESET: "Password set with a reset link",
    AuditAction.ADDRESS_VERIFIED: "E-mail address confirmed",
    AuditAction.PASSKEY_ADDED: "Passkey added",
    AuditAction.PASSKEY_REMOVED: "Passkey removed",
    AuditAction.COMPANY_LINKED: "Company sign-in connected",
    AuditAction.COMPANY_UNLINKED: "Company sign-in disconnected",
    AuditAction.COMPANY_REFUSED: "Company sign-in refused: another company account, same address",
    AuditAction.ACCOUNT_CHANGED: "Account changed",
    AuditAction.ACCOUNT_EXPORTED: "Account exported",
    AuditAction.ACCOUNT_DELETED: "Account deleted",
    AuditAction.REGISTERED: "Registered for Oura Ring",
    AuditAction.REGISTRATION_WITHDRAWN: "Registration cancelled",
    AuditAction.REGISTRATION_APPROVED: "Registration approved",
    AuditAction.CONNECT_STARTED: "Went to Oura to connect",
    AuditAction.CONNECTED: "Oura Ring connected",
    AuditAction.CONNECT_DENIED: "Consent was not given at Oura",
    AuditAction.CONNECT_FAILED: "Connecting failed",
    AuditAction.DISCONNECTED: "Oura Ring disconnected, tokens removed",
    AuditAction.GRANT_LOST: "The connection with Oura ended",
    AuditAction.ENDPOINT_CREATED: "Endpoint created",
    AuditAction.ENDPOINT_CHANGED: "Endpoint changed",
    AuditAction.ENDPOINT_DELETED: "Endpoint deleted",
    AuditAction.KEY_CREATED: "API key created",
    AuditAction.KEY_ROTATED: "API key rotated",
    AuditAction.KEY_REVOKED: "API key revoked",
    AuditAction.CLIENT_ALLOWED: "Assistant allowed",
    AuditAction.CLIENT_DENIED: "Assistant denied",
    AuditAction.CLIENT_REVOKED: "Access of an assistant revoked",
    AuditAction.TOKEN_REVOKED: "An assistant gave its access back",
    AuditAction.TOKEN_REUSED: "Access ended: a used token came back",
    AuditAction.TOOL_CALLED: "Question asked",
    AuditAction.RESOURCE_READ: "Resource read",
    AuditAction.PROMPT_FETCHED: "Prompt fetched",
    AuditAction.COMPLETION_ASKED: "Suggestions fetched",
    AuditAction.TODAY_VIEWED: "Today page opened",
    AuditAction.CONNECTION_VIEWED: "Connection looked at",
    AuditAction.ADMIN_APPROVED: "Registration approved by an admin",
    AuditAction.ADMIN_CAPACITY: "Capacity changed",
    AuditAction.ADMIN_INVITED: "Invitation created",
    AuditAction.ADMIN_INVITATION_WITHDRAWN: "Invitation withdrawn",
    AuditAction.ADMIN_RESET_LINK: "Reset link created by an admin",
    AuditAction.ADMIN_DISABLED: "Account disabled by an admin",
    AuditAction.ADMIN_ENABLED: "Account enabled by an admin",
    AuditAction.ADMIN_DELETED: "Account deleted by an admin",
    AuditAction.ADMIN_CREATED: "Account created by an admin",
    AuditAction.ADMIN_ROLE: "Role changed by an admin",
    AuditAction.ADMIN_AUDIT_EXPORTED: "Audit log exported by an admin",
    AuditAction.ADMIN_KEY_REVOKED: "API key revoked by an admin",
    AuditAction.ADMIN_KEY_ROTATED: "Sealing key rotated",
    AuditAction.ADMIN_SEALED_FORGOTTEN: "Connections whose key is lost forgotten",
    AuditAction.ADMIN_DISCONNECTED: "Ring disconnected by an admin",
    AuditAction.ADMIN_UPDATES_ON: "Updates from Oura switched on",
    AuditAction.ADMIN_UPDATES_OFF: "Updates from Oura switched off",
}
