"""``annulet setup``: guides a person from registering an application to asking an assistant."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Final

from cyclopts import Parameter

from annulet.cli.application_form import FORM, PORTAL, redirect_uris
from annulet.cli.checks import gather_facts
from annulet.cli.commands.doctor import format_lines
from annulet.cli.diagnosis import CheckResult, Facts, first_error, run_checks
from annulet.cli.output import streams
from annulet.cli.output.prompts import ask_hidden, ask_line, interactive
from annulet.cli.preflight import preflight
from annulet.errors import AnnuletError, NotConnected
from annulet.settings import Settings
from annulet.vault.secret import Secret

_REQUIRED_CHECKS: Final = frozenset({"settings", "vault", "network"})
_REPORTED_CHECKS: Final = frozenset({"settings", "port", "vault", "files", "network", "clock"})


async def setup(
    *,
    browser: Annotated[
        bool, Parameter(help="Open pages in the browser.", negative="--no-browser")
    ] = True,
    account: Annotated[str, Parameter(help="A name for this connection.")] = "",
    json: Annotated[bool, Parameter(help="Print the outcome as JSON.")] = False,
) -> int:
    """Connect your ring step by step: application form, consent, check, assistants.

    Without a terminal it asks nothing and waits for nothing: it says what is there and what the
    next step is.
    """
    facts = await gather_facts(account=account)
    results = run_checks(facts)
    if json or not interactive():
        return _report(facts, results, as_json=json)
    return await _guide(facts, results, browser=browser, account=account)


def _report(facts: Facts, results: list[CheckResult], *, as_json: bool) -> int:
    """Report the state and the next commands, where no person can be asked."""
    error = _find_problem(facts, results)
    next_steps = _next_steps(facts, error)
    if as_json:
        body: dict[str, object] = {
            "summary": _state(error),
            "connected": error is None,
            "next": next_steps,
        }
        if not facts.client_id and not facts.bare_token:
            body |= {"page": PORTAL, "form": _form()}
        streams.answer_json(body | (error.as_dict() if error else {}))
    else:
        streams.write("\n".join([_state(error), *_format_form(facts), "", "Next:", *next_steps]))
    return error.exit_code if error else 0


async def _guide(facts: Facts, results: list[CheckResult], *, browser: bool, account: str) -> int:
    blocked = next((s.error for s in results if s.name in _REQUIRED_CHECKS and s.error), None)
    if blocked is not None:
        raise blocked
    error = _find_problem(facts, results)
    if error is None:
        streams.note("Your ring is connected already. Checking it, and looking for assistants.")
    else:
        _write_remarks(results)
        settings = await _register(facts, browser=browser)
        await _connect(settings, browser=browser, account=account)
    after = run_checks(await gather_facts(account=account))
    streams.write("\n".join(["", *format_lines(after)]))
    failed = first_error(after)
    if failed is None:
        _install_in_assistants()
        streams.note("\nTry it:  annulet sleep")
    return failed.exit_code if failed else 0


def _write_remarks(results: list[CheckResult]) -> None:
    for result in results:
        if result.name in _REPORTED_CHECKS and result.state in {"remark", "problem"}:
            streams.note(f"· {result.finding} {result.todo}".rstrip())


async def _register(facts: Facts, *, browser: bool) -> Settings:
    """Return the settings with the application, which the person registers now where needed."""
    settings = Settings.from_environ()
    if facts.client_id and facts.secret_known:
        streams.note(f"1. Your application is known already (from {facts.application_from}).")
        return settings
    streams.note(
        "1. Oura lets everybody register an application of their own. Sign in with your Oura "
        f"account at\n\n     {PORTAL}\n\n   choose to create an application, and fill in:\n"
    )
    for line in _format_form(facts):
        streams.note(f"   {line}")
    if browser:
        with suppress(webbrowser.Error, OSError):  # the address is on the screen in any case
            webbrowser.open(PORTAL)
    streams.note("\n   Save it. The page then shows a client id and a client secret.\n")
    while True:
        client_id = ask_line("   Client id: ")
        secret = Secret(ask_hidden("   Client secret (not shown): "))
        complaint = await preflight(settings, client_id, secret)
        if not complaint:
            return replace(settings, client_id=client_id, client_secret=secret)
        streams.note(f"   {complaint}\n")


async def _connect(settings: Settings, *, browser: bool, account: str) -> None:
    from annulet.cli.commands.connect import connect_account

    streams.note(
        "\n2. Connect. On Oura's page you choose what may be read; annulet only ever reads.\n"
        f"   Oura leads your browser back to {redirect_uris()[0]} on this machine.\n"
    )
    outcome = await connect_account(settings, browser=browser, scopes=[], account=account)
    streams.note(f"   {outcome['summary']}\n\n3. Check.")


def _install_in_assistants() -> None:
    from annulet.cli.checks import list_assistants
    from annulet.cli.commands.mcp import install
    from annulet.mcp_server.install.installable import list_installable

    without = [title for title, is_there in list_assistants().items() if not is_there]
    if without:
        streams.note("\n4. Your assistants. annulet adds one entry and keeps a copy of the file.")
    for assistant in list_installable():
        if assistant.title not in without:
            continue
        if ask_line(f"   Add annulet to {assistant.title}? [y/N] ").casefold() in {"y", "yes"}:
            try:
                install(client=assistant.name)
            except AnnuletError as problem:
                streams.note(f"   {problem.message} {problem.hint}")


def _find_problem(facts: Facts, results: list[CheckResult]) -> AnnuletError | None:
    error = first_error(results)
    if error is None and not facts.connected:
        return NotConnected("No ring is connected yet.", hint="Run: annulet setup")
    return error


def _state(error: AnnuletError | None) -> str:
    return "Your ring is connected." if error is None else error.message


def _next_steps(facts: Facts, error: AnnuletError | None) -> list[str]:
    if error is None:
        return ["annulet daily", "annulet mcp install --client NAME"]
    if error.code not in {"not_connected", "needs_reconnect"}:
        return [error.hint, "annulet doctor"]
    if facts.client_id and facts.secret_known:
        return [
            "Where there is a browser: annulet connect",
            "Elsewhere, in a terminal: annulet connect --no-browser",
        ]
    return [
        f"Register an application at {PORTAL} with the fields above.",
        "Then, in a terminal of your own: annulet setup (it asks for client id and secret).",
        "Or set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET_FILE, and run: annulet connect",
    ]


def _form() -> list[dict[str, str]]:
    return [{"field": each.name, "value": each.value, "why": each.why} for each in FORM]


def _format_form(facts: Facts) -> list[str]:
    if facts.client_id or facts.connected:
        return []
    shown = ["", f"The form at {PORTAL}:", ""]
    for each in FORM:
        first, *rest = each.value.splitlines()
        shown.append(f"{each.name:17} {first}")
        shown += [f"{'':17} {more}" for more in rest]
        if each.why:
            shown.append(f"{'':17} ({each.why})")
    return shown
