"""Which account an identity of the provider opens, and when one is created.

The subject decides. An e-mail address decides only on the first day, and only where the provider
has verified it, it belongs to an allowed domain, and the account here has proved it, too: an
account that was made with another person's address must never be joined with theirs. Companies
give addresses of people who left to others, so an address never joins an account that an identity
of the company opens already, or has opened before.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from annulet.errors import UsageError
from annulet.hosted.accounts.login_names import check_login
from annulet.hosted.accounts.people import MEMBER, People, Person
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.company_sign_in.id_token import CompanyIdentity
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.row_locks import lock_in_order
from annulet.settings import Settings

_i = tables.identities.c
_PAST: Final = "past:"
"""Begins the digest of the row that says: an identity has opened this account before."""


class CompanyAccounts:
    """Finds, links and creates accounts of people who come from the provider.

    Args:
        settings: The issuer, the allowed domains, and whether accounts are created.
    """

    def __init__(
        self,
        *,
        database: ServiceDatabase,
        clock: Clock,
        people: People,
        audit: AuditLog,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._audit = audit
        self._settings = settings

    async def open_account(self, identity: CompanyIdentity) -> Person:
        """Return the account of an identity; link or create one where that is safe.

        Raises:
            UsageError: There is none and none may be made; it says what the person can do.
        """
        person_id = await self._find(identity)
        if person_id is not None:
            return await self._people.get(person_id)
        login = self._read_login(identity)
        existing = await self._people.find_by_login(login)
        if existing is not None and existing.confirm_by is not None:
            # it was never confirmed, so its maker has shown no right to the address
            await self._people.delete(existing.id)
            existing = None
        if existing is not None and existing.verified_at is None:
            raise UsageError(
                "There is an account with your address, made without your company.",
                hint="Sign in with its password once, and connect your company under Account.",
            )
        person = existing or await self._create(login, identity)
        await self._join(person, identity)
        return person

    async def link(self, person: Person, identity: CompanyIdentity) -> None:
        """Let an identity open the account of a person who is signed in.

        Raises:
            UsageError: It opens another account.
        """
        row = self._build_row(self._digest(identity), person.id)
        if await self._database.execute(row.on_conflict_do_nothing()):
            await self._audit.record(AuditAction.COMPANY_LINKED, person.id)
        elif await self._find(identity) != person.id:
            raise UsageError(
                "This company account opens another account here.",
                hint="Sign in with it, and disconnect it there first.",
            )

    async def count(self, person_id: str) -> int:
        """Count the identities that open the account of a person."""
        query = select(func.count()).where(
            _i.person_id == person_id, _i.digest.not_like(f"{_PAST}%")
        )
        return int(await self._database.fetch_value(query))

    async def unlink(self, person_id: str) -> None:
        """Let no identity open the account of a person any more."""
        row = self._build_row(f"{_PAST}{person_id}", person_id)
        async with self._database.write() as connection:
            await connection.execute(delete(tables.identities).where(_i.person_id == person_id))
            await connection.execute(row)
        await self._audit.record(AuditAction.COMPANY_UNLINKED, person_id)

    async def _join(self, person: Person, identity: CompanyIdentity) -> None:
        """Let an identity open the account of its address, unless another one does or did.

        Raises:
            UsageError: Another one does or did.
        """
        row = self._build_row(self._digest(identity), person.id)
        async with self._database.write() as connection:
            # of two identities with one address at once, the second one sees the first
            await connection.execute(
                lock_in_order(tables.people.c.id, tables.people.c.id == person.id)
            )
            others = await connection.execute(select(_i.digest).where(_i.person_id == person.id))
            digests = set(others.scalars())
            if not digests:
                await connection.execute(row)
        if not digests:
            await self._audit.record(AuditAction.COMPANY_LINKED, person.id)
        elif self._digest(identity) not in digests:
            await self._audit.record(AuditAction.COMPANY_REFUSED, person.id, status="refused")
            raise UsageError(
                "The account with your address belongs to another account of your company.",
                hint="If it is yours, sign in another way and connect your company under Account. "
                "If a colleague had your address before, ask an admin to delete their account. "
                "The admins see this attempt in the audit log.",
            )

    def _build_row(self, digest: str, person_id: str) -> sqlite.Insert | postgresql.Insert:
        return self._database.insert(tables.identities).values(
            digest=digest, person_id=person_id, created_at=to_epoch_s(self._clock())
        )

    async def _find(self, identity: CompanyIdentity) -> str | None:
        query = select(_i.person_id).where(_i.digest == self._digest(identity))
        person_id: str | None = await self._database.fetch_value(query)
        return person_id

    def _read_login(self, identity: CompanyIdentity) -> str:
        """Return the verified address of an allowed domain.

        Raises:
            UsageError: There is no such address.
        """
        if identity.email:
            login = check_login(identity.email)
            if login.partition("@")[2] in self._settings.oidc_domains:
                return login
        raise UsageError(
            "Your company account opens no account here yet.",
            hint="If you have one, sign in with your password and connect your company under "
            "Account. Else ask the operator whether your e-mail domain is allowed.",
        )

    async def _create(self, login: str, identity: CompanyIdentity) -> Person:
        if not self._settings.oidc_create or not await self._people.has_admin():
            raise UsageError(
                "This service makes no accounts by company sign-in.",
                hint="Ask its admin for an invitation.",
            )
        person = await self._people.create(
            login, identity.name, None, role=MEMBER, timezone="UTC", verified=True
        )
        await self._audit.record(AuditAction.ACCOUNT_CREATED, person.id, actor=login)
        return person

    def _digest(self, identity: CompanyIdentity) -> str:
        text = f"{self._settings.oidc_issuer}\n{identity.subject}"
        return hashlib.sha256(text.encode()).hexdigest()
