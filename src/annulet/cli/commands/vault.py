"""``annulet vault``: what is kept on this machine, by fingerprints only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from cyclopts import App

from annulet.cli.output import streams
from annulet.cli.output.prompts import ask_line, interactive
from annulet.errors import UsageError
from annulet.settings import Settings
from annulet.vault.credential import Credential
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

app = App(name="vault", help="What the vault holds: fingerprints only, never a value.")

_SECRET_FIELDS: Final = ("access_token", "refresh_token", "client_secret")
_PLAIN_FIELDS: Final = ("client_id", "token_url", "issuer", "scopes", "requested")


@app.command(name="list")
def list_(*, json: bool = False) -> None:
    """Every credential: whose, what, fingerprint, where it may be injected, by which tools.

    Args:
        json: Print it as JSON.
    """
    vault = _vault()
    default = next(iter(vault.accounts()), "")
    entries = vault.credentials()
    if json:
        described = [_describe(entry, default) for entry in entries]
        streams.answer_json({"credentials": described, "key": _key(vault)})
        return
    if not entries:
        streams.write("The vault is empty. Connect your ring with: annulet connect")
    for entry in entries:
        mark = " (default)" if entry.account == default else ""
        fingerprints = _format_value(_fingerprints(entry))
        streams.write(f"{entry.account}{mark}  {entry.name}  {fingerprints}")
        for template in entry.policy.templates:
            streams.write(f"    injected as {_template(template.as_dict())}")
        if entry.policy.allowed_tools:
            streams.write(f"    allowed tools: {', '.join(entry.policy.allowed_tools)}")


@app.command
def show(*, account: str = "", json: bool = False) -> None:
    """One account's credentials in full, but for their values.

    Args:
        account: Which account, if not the default.
        json: Print it as JSON.
    """
    vault = _vault()
    chosen = vault.account_or_default(account or Settings.from_environ().account)
    default = next(iter(vault.accounts()), "")
    entries = [
        {**_describe(entry, default), **_details(entry)}
        for entry in vault.credentials()
        if entry.account == chosen
    ]
    if not entries:
        raise _nothing_of(chosen)
    if json:
        streams.answer_json({"credentials": entries, "key": _key(vault)})
        return
    for entry in entries:
        streams.write(f"{entry['account']} / {entry['name']}")
        for name, value in entry.items():
            if name not in {"account", "name"} and value not in ("", [], {}, None):
                streams.write(f"    {name.replace('_', ' ')}: {_format_value(value)}")
    key = _key(vault)
    if key:
        streams.write(f"key {key['id']} in {key['place']}")


@app.command
def rotate(*, json: bool = False) -> None:
    """Reseal everything with a new key, all of it or nothing.

    Args:
        json: Print the outcome as JSON.
    """
    vault = _vault()
    new = vault.rotate_key()
    place = _key(vault).get("place", "")
    summary = f"Everything was resealed with the new key {new}, kept in {place}."
    streams.report({"summary": summary, "key": _key(vault)}, as_json=json)


@app.command
def forget(account: str = "", /, *, yes: bool = False, json: bool = False) -> None:
    """Remove everything of an account from this machine; nothing is told to Oura.

    Args:
        account: Which account, if not the default.
        yes: Do not ask.
        json: Print the outcome as JSON.
    """
    vault = _vault()
    chosen = vault.account_or_default(account or Settings.from_environ().account)
    if chosen not in vault.accounts():
        raise _nothing_of(chosen)
    if interactive() and not (yes or json):
        answer = ask_line(f"Remove everything of “{chosen}” from this machine? [y/N] ")
        if answer.casefold() not in {"y", "yes"}:
            streams.note("Nothing was removed.")
            return
    vault.remove_account(chosen)
    summary = (
        f"Everything of “{chosen}” was removed from this machine. Oura was not told: "
        "revoke the permission in your Oura account if you want to."
    )
    streams.report({"summary": summary, "account": chosen}, as_json=json)


def _vault() -> Vault:
    from annulet.wiring import open_vault

    return open_vault(Settings.from_environ())


def _key(vault: Vault) -> dict[str, str]:
    place = vault.key_location()
    if place is None:
        return {}
    key = {"id": place.key_id, "place": place.description}
    return {**key, "warning": place.warning} if place.warning else key


def _nothing_of(account: str) -> UsageError:
    return UsageError(
        f"The vault holds nothing for the account “{account}”.",
        hint="See what it holds with: annulet vault list",
    )


def _describe(entry: Credential, default: str) -> dict[str, object]:
    return {
        "account": entry.account,
        "default": entry.account == default,
        "name": entry.name,
        "fingerprints": _fingerprints(entry),
        "injection_templates": [template.as_dict() for template in entry.policy.templates],
        "allowed_tools": list(entry.policy.allowed_tools),
        "changed_at": _instant(entry.changed_at),
    }


def _fingerprints(entry: Credential) -> dict[str, str]:
    return {
        name: Secret(str(entry.fields[name])).fingerprint
        for name in _SECRET_FIELDS
        if entry.fields.get(name)
    }


def _details(entry: Credential) -> dict[str, object]:
    details = {name: entry.fields[name] for name in _PLAIN_FIELDS if entry.fields.get(name)}
    expires_at = entry.fields.get("expires_at")
    if isinstance(expires_at, int | float):
        details["expires_at"] = _instant(expires_at)
    state = entry.state
    if state.get("needs_reconnect"):
        details["needs_reconnect"] = state["needs_reconnect"]
    if state.get("intent"):
        details["unfinished_renewal"] = True
    return {**details, "generation": entry.generation, "key_id": entry.key_id}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _format_value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} …{digits}" for name, digits in value.items())
    if isinstance(value, list):
        return ", ".join(_template(v) if isinstance(v, dict) else str(v) for v in value)
    return str(value)


def _template(template: dict[str, str]) -> str:
    return f"{template['headerName']}: {template['valuePrefix']}… for {template['hostPattern']}"
