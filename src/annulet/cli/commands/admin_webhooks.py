"""``annulet admin webhooks``: whether Oura tells the service of new data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts import App

from annulet.cli.hosted_shell import run
from annulet.cli.output import streams
from annulet.errors import OuraUnavailable

if TYPE_CHECKING:
    from annulet.hosted.admin.admin_actions import AdminActions
    from annulet.hosted.service import Service
    from annulet.hosted.webhooks.subscription_settings import Report
    from annulet.hosted.webhooks.subscription_status import Standing

__all__ = ["app"]

app = App(name="webhooks", help="Whether Oura tells the service when there is new data.")


@app.command
def on(*, json: bool = False) -> None:
    """Switch on: Oura asks the running service to prove its address, so it must be reachable.

    Args:
        json: Print how it stands as JSON.
    """

    async def work(service: Service, admin: AdminActions) -> None:
        await admin.updates_on()
        await service.webhooks.reconciler.settle(_counting("Subscribed"))
        _tell(await service.updates(), as_json=json)

    run(work)


@app.command
def off(*, json: bool = False) -> None:
    """Switch off: the subscriptions that lead to this service are ended at Oura, no others.

    Args:
        json: Print how it stands as JSON.
    """

    async def work(service: Service, admin: AdminActions) -> None:
        await admin.updates_off()
        await service.webhooks.reconciler.settle(_counting("Left"))
        _tell(await service.updates(), as_json=json)

    run(work)


@app.command
def status(*, json: bool = False) -> None:
    """How it stands, as the service last saw it.

    Args:
        json: Print it as JSON.
    """

    async def work(service: Service, _admin: AdminActions) -> None:
        _tell(await service.updates(), as_json=json, failing=False)

    run(work)


def _counting(word: str) -> Any:
    """Notes every twelfth step, the first and the last of many."""

    def tell(report: Report) -> None:
        if report.active % 12 == 0:
            streams.note(f"{word}: {report.active}")

    return tell


def _tell(standing: Standing, *, as_json: bool, failing: bool = True) -> None:
    """Print how it stands.

    Raises:
        OuraUnavailable: It is not as it was wanted.
    """
    if standing.hint and failing:
        raise OuraUnavailable(standing.said, hint=standing.hint)
    if as_json:
        streams.answer_json(standing.as_dict())
    else:
        streams.write(f"{standing.said} {standing.hint}".rstrip())
