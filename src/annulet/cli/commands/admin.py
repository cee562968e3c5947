"""``annulet admin``: the hosted service from the shell, beside the running service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from annulet.cli.commands.admin_webhooks import app as webhooks
from annulet.cli.hosted_shell import run, run_bare
from annulet.cli.output import streams
from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.hosted.admin.admin_actions import AdminActions
    from annulet.hosted.service import Service

app = App(name="admin", help="Users, approvals, capacity and keys of the hosted service.")

app.command(webhooks)

_Switch = Annotated[bool, Parameter(negative=())]


@app.command
def show() -> None:
    """Places, queue and accounts."""

    async def work(service: Service, _admin: AdminActions) -> None:
        queue = service.toolkit.queue
        streams.write(
            f"Places: {await queue.count_approved()} of {await queue.read_capacity()} taken"
        )
        for pending in await queue.list_pending():
            streams.write(f"Waiting {pending.position}: {pending.login}")
        for person in await service.accounts.people.list_all():
            stage = (await service.toolkit.statuses.read(person.id)).stage.value.replace("_", " ")
            marks = [person.role, stage] + (["disabled"] if person.disabled_at else [])
            streams.write(f"{person.login}: {', '.join(marks)}")

    run(work)


@app.command
def jobs() -> None:
    """How the last run of each job ended."""

    async def work(service: Service, _admin: AdminActions) -> None:
        for job in await service.job_runs.read_all():
            ended = from_epoch_s(job.ended_at).isoformat()
            outcome = f"failed {job.failures} times: {job.problem}" if job.problem else "ok"
            streams.write(f"{job.name}: {outcome}, {ended}")

    from annulet.hosted.clock import from_epoch_s

    run(work)


@app.command
def create(login: str, *, member: _Switch = False, password_stdin: _Switch = False) -> None:
    """Create an account, an admin unless told otherwise.

    Args:
        login: The e-mail address to sign in with.
        member: Create an ordinary account.
        password_stdin: Read the password from standard input; else a link is printed with which
            the person sets one.
    """
    from annulet.hosted.accounts.people import ADMIN, MEMBER
    from annulet.hosted.opaque_tokens import new_token

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else new_token()

    async def work(service: Service, admin: AdminActions) -> None:
        role = MEMBER if member else ADMIN
        person = await service.accounts.sign_up.create_from_shell(
            login=login, password=password, role=role
        )
        streams.note(f"Created {person.login} ({person.role}).")
        if not password_stdin:
            streams.write(await admin.create_reset_link(person.id))

    run(work)


@app.command
def role(login: str, role: str) -> None:
    """Change what a person may do: member, support (sees states, changes nothing) or admin."""
    _change_person(login, lambda admin, person_id: admin.set_role(person_id, role), f"Now {role}.")


@app.command
def approve(login: str) -> None:
    """Approve a waiting person, also beyond the capacity."""
    _change_person(login, lambda admin, person_id: admin.approve(person_id), "Approved.")


@app.command
def capacity(number: int) -> None:
    """Change how many people are approved without being asked."""

    async def work(_service: Service, admin: AdminActions) -> None:
        approved = await admin.set_capacity(number)
        streams.note(f"Capacity is {number}; {approved} waiting people were approved by that.")

    run(work)


@app.command
def invite(*, note: str = "") -> None:
    """Print an invitation link.

    Args:
        note: For whom it is.
    """

    async def work(_service: Service, admin: AdminActions) -> None:
        streams.write(await admin.create_invitation(note))

    run(work)


@app.command
def reset_link(login: str) -> None:
    """Print a link with which a person sets a new password."""

    async def work(_service: Service, admin: AdminActions) -> None:
        streams.write(await admin.create_reset_link((await admin.find_person(login)).id))

    run(work)


@app.command
def disable(login: str) -> None:
    """Lock an account; nothing is deleted."""
    _change_person(login, lambda admin, person_id: admin.disable(person_id), "Disabled.")


@app.command
def enable(login: str) -> None:
    """Unlock an account."""
    _change_person(login, lambda admin, person_id: admin.enable(person_id), "Enabled.")


@app.command
def delete(login: str, *, yes: _Switch = False) -> None:
    """Revoke a person's grant at Oura and delete the account.

    Args:
        login: Whose account.
        yes: Do it; without it you are only told what would happen.
    """
    if not yes:
        raise UsageError(
            f"This deletes everything of {login}.", hint="Say --yes if that is what you want."
        )
    _change_person(login, lambda admin, person_id: admin.delete(person_id), "Deleted.")


def _change_person(
    login: str, change: Callable[[AdminActions, str], Awaitable[object]], note: str
) -> None:
    async def work(_service: Service, admin: AdminActions) -> None:
        await change(admin, (await admin.find_person(login)).id)
        streams.note(note)

    run(work)


@app.command
def disconnect(login: str = "", *, everyone: _Switch = False, yes: _Switch = False) -> None:
    """End a person's connection with Oura, or everyone's, and revoke it there.

    Args:
        login: Whose connection.
        everyone: All connections, after a theft of the database and its key.
        yes: Do it for everyone; without it you are only told what would happen.
    """
    if bool(login) == everyone:
        raise UsageError("Name a person, or say --everyone.", hint="See: annulet admin show")
    if login:
        _change_person(login, lambda admin, person_id: admin.disconnect(person_id), "Disconnected.")
        return
    if not yes:
        raise UsageError(
            "This ends the connection of every person; each has to connect again.",
            hint="Say --yes if that is what you want.",
        )

    async def work(_service: Service, admin: AdminActions) -> None:
        streams.note(f"Disconnected {await admin.disconnect_everyone()} people.")

    run(work)


@app.command
def forget_unreadable(*, yes: _Switch = False) -> None:
    """Forget what was sealed with a key that is lost; stop the service first.

    Args:
        yes: Do it; without it you are only told how much it is.
    """
    from annulet.hosted.admin import key_rotation
    from annulet.hosted.database.format import ensure_format

    async def work(service: Service) -> None:
        await ensure_format(service.database)
        count = await key_rotation.forget_unreadable(service, only_count=not yes)
        if yes:
            streams.note(f"Forgot {count} values. The people concerned connect again.")
        else:
            streams.note(f"{count} values open with no key. Say --yes to forget them.")

    run_bare(work)


@app.command
def keys() -> None:
    """API keys of everybody, by prefix."""

    async def work(service: Service, _admin: AdminActions) -> None:
        for key in await service.authorization.api_keys.list_all():
            streams.write(f"{key.prefix}…  {key.login}")

    run(work)


@app.command
def revoke_key(prefix: str) -> None:
    """End an API key.

    Args:
        prefix: As `annulet admin keys` shows it.
    """

    async def work(service: Service, admin: AdminActions) -> None:
        wanted = prefix.rstrip("….")
        keys = await service.authorization.api_keys.list_all()
        matching = [key for key in keys if key.prefix == wanted]
        if len(matching) != 1:
            raise UsageError("There is no such key.", hint="See: annulet admin keys")
        await admin.revoke_key(matching[0].id)
        streams.note("Revoked.")

    run(work)


@app.command
def rotate_key(*, reseal: _Switch = False) -> None:
    """Seal every stored token with a new key; the service may run meanwhile.

    Args:
        reseal: Make no new key, only seal everything with the first one of ANNULET_KEY.
    """
    from annulet.hosted.admin import key_rotation

    async def work(service: Service, _admin: AdminActions) -> None:
        count = await (key_rotation.reseal(service) if reseal else key_rotation.rotate(service))
        streams.note(f"Sealed {count} rows with key {service.sealing_keys.current_id}.")

    run(work)


@app.command
def backup(file: Path) -> None:
    """Copy the SQLite database into a new file, also while the service runs."""
    from annulet.hosted.database.backup import back_up

    async def work(service: Service, _admin: AdminActions) -> None:
        await asyncio.to_thread(back_up, service.database, file)
        streams.note(f"Copied to {file}. Keep the key apart from it: {service.sealing_keys.place}.")

    run(work)


@app.command
def restore(file: Path) -> None:
    """Put a copy in the place of the SQLite database; stop the service first."""
    from annulet.hosted.database.backup import restore as replace_database

    async def work(service: Service) -> None:
        former = await asyncio.to_thread(replace_database, service.database, file)
        streams.note("Restored." + (f" What was there before is in {former}." if former else ""))

    run_bare(work)


@app.command
def migrate() -> None:
    """Bring the database to the format of this annulet; SQLite is copied first."""
    from annulet.hosted.database.backup import back_up
    from annulet.hosted.database.format import create_private_file, read_format
    from annulet.hosted.database.tables import FORMAT
    from annulet.hosted.migrations.upgrade import upgrade

    async def work(service: Service) -> None:
        database = service.database
        create_private_file(database)
        version = await read_format(database)
        if database.file is not None and 0 < version < FORMAT:
            copy = database.file.with_name(f"{database.file.name}.format-{version}")
            await asyncio.to_thread(back_up, database, copy)
            streams.note(f"Copied to {copy}.")
        before, after = await upgrade(database)
        streams.note(
            f"The database has format {after}" + (f" (it had {before})." if before else ".")
        )

    run_bare(work, statement_timeout_s=0)  # a migration of a large table takes its time
