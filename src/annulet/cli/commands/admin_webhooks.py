"""``annulet admin webhooks``: whether Oura sends the service events about new data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from annulet.cli.hosted_shell import run
from annulet.cli.output import streams
from annulet.errors import OuraUnavailable

if TYPE_CHECKING:
    from annulet.hosted.admin.admin_actions import AdminActions
    from annulet.hosted.service import Service

app = App(name="webhooks", help="Whether Oura tells the service when there is new data.")
_Json = Annotated[bool, Parameter(help="Print the status as JSON.")]


@app.command
def on(*, json: _Json = False) -> None:
    """Switch on: Oura asks the running service to prove its address, so it must be reachable."""
    _decide(on=True, as_json=json)


@app.command
def off(*, json: _Json = False) -> None:
    """Switch off: the subscriptions that lead to this service are ended at Oura, no others."""
    _decide(on=False, as_json=json)


@app.command
def status(*, json: _Json = False) -> None:
    """Print the status, as the service last saw it."""

    async def work(service: Service, _admin: AdminActions) -> None:
        await _print_status(service, as_json=json, fail_on_problem=False)

    run(work)


def _decide(*, on: bool, as_json: bool) -> None:
    async def work(service: Service, admin: AdminActions) -> None:
        await admin.switch_updates(on=on)
        streams.note("annulet changes the subscriptions at Oura, which can take a minute.")
        await service.webhooks.reconciler.reconcile()
        await _print_status(service, as_json=as_json, fail_on_problem=True)

    run(work)


async def _print_status(service: Service, *, as_json: bool, fail_on_problem: bool) -> None:
    status = await service.webhooks.read_status()
    if status.hint and fail_on_problem:
        raise OuraUnavailable(status.summary, hint=status.hint)
    if as_json:
        streams.answer_json(status.as_dict())
    else:
        streams.write(f"{status.summary} {status.hint}".rstrip())
