"""``annulet grant``: mint, list and revoke the capability tokens of the credential proxy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from annulet.cli.output import streams
from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.proxy.capability import Capability
    from annulet.settings import Settings

app: Final = App(name="grant", help_format="plaintext")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LISTED_AFTER_END: Final = timedelta(days=7)


@app.default
def grant(
    *,
    tool: Annotated[str, Parameter(help="The tool that will ask, such as bash.")],
    ttl: Annotated[
        str, Parameter(help="How long it lives: 15m, 1h, at most 24h.", show_default=True)
    ] = "1h",
    collections: Annotated[
        list[str] | None,
        Parameter(help="What it may read, with commas between; all when left out."),
    ] = None,
    budget: Annotated[
        int, Parameter(help="How many requests it may make.", show_default=True)
    ] = 1000,
    max_days: Annotated[
        int, Parameter(help="The longest range of one request, in days.", show_default=True)
    ] = 366,
    start: Annotated[date | None, Parameter(help="The first day it may see.")] = None,
    end: Annotated[date | None, Parameter(help="The last day it may see.")] = None,
    sandbox: Annotated[bool, Parameter(help="For Oura's made-up data instead.")] = False,
    account: Annotated[str, Parameter(help="Which connection, if not the default.")] = "",
    json: Annotated[bool, Parameter(help="Print it as JSON.")] = False,
) -> None:
    """Mint a capability: a short-lived stand-in for the credential, shown once."""
    from annulet.proxy.capability import mint
    from annulet.proxy.data_files import open_capability_store
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    settings, now = Settings.from_environ(), utc_now()
    minted = mint(
        account=_account(settings, account),
        tool=tool,
        now=now,
        ttl=duration(ttl),
        collections=_names(collections),
        budget=budget,
        max_days=max_days,
        earliest=start,
        latest=end,
        sandbox=sandbox,
    )
    _allow(settings, minted.capability)
    store = open_capability_store(settings.home)
    store.remove_expired(now - _LISTED_AFTER_END)
    store.add(minted)
    entry, token = minted.capability, minted.token.reveal()
    if json:
        streams.answer_json({"token": token, "capability": describe(entry, now)})
        return
    streams.write(token)
    streams.note(
        f"{entry.id}: for {tool}, {_format_collections(entry)}, {entry.budget} requests, "
        f"until {entry.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again.\n"
        f"Use it as the bearer of requests to annulet proxy; revoke it with: "
        f"annulet grant revoke {entry.id}"
    )


@app.command(name="list")
def list_(
    *,
    account: Annotated[str, Parameter(help="Which connection, if not the default.")] = "",
    json: Annotated[bool, Parameter(help="Print it as JSON.")] = False,
) -> None:
    """List the capabilities and what is left of them; their tokens are not kept."""
    from annulet.proxy.data_files import open_capability_store
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    settings, now = Settings.from_environ(), utc_now()
    entries = open_capability_store(settings.home).list(account or None)
    if json:
        streams.answer_json({"capabilities": [describe(entry, now) for entry in entries]})
        return
    for entry in entries:
        streams.write(
            f"{entry.id}  {entry.state(now):8}  {entry.tool}  {_format_collections(entry)}  "
            f"{entry.requests_left} of {entry.budget} requests left  "
            f"until {entry.expires_at:%Y-%m-%d %H:%M} UTC  account {entry.account}"
        )
    if not entries:
        streams.note("There are no capabilities. Mint one with: annulet grant --tool NAME")


@app.command
def revoke(
    capability: Annotated[str | None, Parameter(help="Its id, such as cap_1a2b3c4d.")] = None,
    /,
    *,
    every: Annotated[bool, Parameter(name="--all", help="Revoke all of them.")] = False,
    json: Annotated[bool, Parameter(help="Print it as JSON.")] = False,
) -> None:
    """Take a capability back at once; the next request with it is refused."""
    from annulet.proxy.data_files import open_capability_store
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    if (capability is None) is not every:
        raise UsageError("Name one capability, or --all.", hint="See them with: annulet grant list")
    settings, now = Settings.from_environ(), utc_now()
    store = open_capability_store(settings.home)
    wanted = [entry.id for entry in store.list()] if capability is None else [capability]
    revoked = [name for name in wanted if store.revoke(name, now)]
    if not revoked and capability is not None:
        raise UsageError(
            "There is no such capability to revoke.", hint="See them with: annulet grant list"
        )
    if json:
        streams.answer_json({"revoked": revoked})
    else:
        streams.write(f"Revoked: {', '.join(revoked) or 'nothing'}.")


def duration(text: str) -> timedelta:
    """Read a time such as ``15m``, ``1h`` or ``1d``.

    Raises:
        UsageError: The text has another form.
    """
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if match is None:
        raise UsageError(
            "The time a capability lives is not understood.", hint="Write it as 15m, 1h or 24h."
        )
    return timedelta(seconds=int(match.group(1)) * _UNITS[match.group(2)])


def describe(entry: Capability, now: datetime) -> dict[str, object]:
    """Describe a capability as JSON."""
    optional = {
        "max_days": entry.max_days,
        "earliest": entry.earliest and entry.earliest.isoformat(),
        "latest": entry.latest and entry.latest.isoformat(),
    }
    return {
        "id": entry.id,
        "account": entry.account,
        "tool": entry.tool,
        "state": entry.state(now),
        "collections": sorted(entry.collections),
        "budget": entry.budget,
        "left": entry.requests_left,
        "created_at": entry.created_at.isoformat(),
        "expires_at": entry.expires_at.isoformat(),
        "sandbox": entry.sandbox,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _account(settings: Settings, account: str) -> str:
    """Return the account whose data the capability will read.

    Raises:
        NotConnected: The account has no grant yet.
        UsageError: A token from the environment was stated, too.
    """
    from annulet.cli.commands.proxy import ENVIRONMENT
    from annulet.errors import NotConnected
    from annulet.oauth.vault_grants import GRANT_CREDENTIAL
    from annulet.wiring import connect_hint, open_vault, stated_token

    if stated_token(settings, account) is not None:
        return ENVIRONMENT
    vault = open_vault(settings)
    chosen = vault.account_or_default(account or settings.account)
    if vault.get(chosen, GRANT_CREDENTIAL) is None:
        raise NotConnected(
            "No ring is connected to this account yet.", hint=connect_hint(vault, chosen)
        )
    return chosen


def _allow(settings: Settings, capability: Capability) -> None:
    """Add the tool to the credential's allowed tools, because granting includes allowing."""
    from annulet.oauth.vault_grants import GRANT_CREDENTIAL
    from annulet.wiring import open_vault

    if settings.access_token is None:
        vault = open_vault(settings)
        entry = vault.get(capability.account, GRANT_CREDENTIAL)
        if entry is not None and not entry.policy.allows(capability.tool):
            vault.allow_tool(capability.account, GRANT_CREDENTIAL, capability.tool)


def _names(collections: Sequence[str] | None) -> frozenset[str] | None:
    if collections is None:
        return None
    return frozenset(
        name.strip() for each in collections for name in each.split(",") if name.strip()
    )


def _format_collections(entry: Capability) -> str:
    from annulet.contract.collections import COLLECTIONS

    everything = entry.collections == frozenset(COLLECTIONS)
    return "every collection" if everything else ", ".join(sorted(entry.collections))
