"""``annulet status``: whether the connection works, in a few lines."""

from __future__ import annotations

from annulet.cli.output import streams
from annulet.settings import Settings
from annulet.toolkit.answers import answer
from annulet.toolkit.tool import Answer
from annulet.wiring import open_context, open_vault

__all__ = ["status"]


async def status(*, account: str = "", json: bool = False) -> None:
    """Ask Oura whether the connection works, and say what it may read.

    Args:
        account: Which connection, if not the default.
        json: Print the status as JSON.
    """
    settings = Settings.from_environ()
    async with open_context(settings, account=account) as context:
        permissions = await answer("oura_permissions", {}, context)
    health: Answer = {
        "summary": permissions["summary"],
        "connected": permissions["connected"],
        "account": permissions["account"],
        "permissions": [row[0] for row in permissions["granted"]["rows"]],
        "missing": [row[0] for row in permissions["missing"]["rows"]],
        "token": permissions["token"],
    }
    if "last_sync" in permissions:
        health["last_sync"] = permissions["last_sync"]
    if settings.access_token is None:
        place = open_vault(settings).key_location()
        if place is not None:
            health["key"] = place.description
    if "notes" in permissions:
        health["notes"] = permissions["notes"]
    if json:
        streams.answer_json(health)
    else:
        _print(health)


def _print(health: Answer) -> None:
    token = health["token"]
    expires = token.get("expires_at", "unknown")
    renews = "renewed by itself" if token["renews"] else "not renewed"
    lines = [
        health["summary"],
        f"  permissions  {', '.join(health['permissions']) or 'none'}",
        f"  token        until {expires}, {renews}",
        f"  last sync    {health.get('last_sync', 'unknown')}",
    ]
    if "key" in health:
        lines.append(f"  vault key    {health['key']}")
    lines += [f"· {note}" for note in health.get("notes", [])]
    streams.write("\n".join(lines))
