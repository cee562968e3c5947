"""``annulet simulate``: a simulated Oura cloud on this machine, until Ctrl-C."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from annulet.cli.output import streams
from annulet.cli.ports import Port
from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.simulator import SimulatedOura

_PORT: Final = 8790
_FAULT_HELP: Final = (
    "A fault, repeatable: KIND[:VALUE][@PATH][,OPTION=VALUE...]. Kinds: status:503, html:502, "
    "empty:500, delay:SECONDS, cut, truncate, repeat_token, pages:N. Options: person, method, "
    "page, skip, times, probability, retry_after, after=1. Example: status:503@sleep,times=2"
)


def simulate(
    *,
    port: Annotated[
        Port, Parameter(help="The port on 127.0.0.1; 0 for any free one.", show_default=True)
    ] = _PORT,
    people: Annotated[
        list[str] | None,
        Parameter(help="Who lives there, as a,b; everybody when left out."),
    ] = None,
    fault: Annotated[list[str] | None, Parameter(help=_FAULT_HELP)] = None,
    latency_ms: Annotated[int, Parameter(help="What every answer takes at least.")] = 0,
    expires_in: Annotated[
        int, Parameter(help="Life of an access token, in seconds.", show_default=True)
    ] = 86_400,
    now: Annotated[
        str, Parameter(help="Stop the clock at an instant, such as 2026-03-29T09:00:00Z.")
    ] = "",
    seed: Annotated[int, Parameter(help="Another seed gives other people of the same kind.")] = 0,
    application: Annotated[
        str,
        Parameter(
            help="The kind of application to print: new, legacy or mixed.", show_default=True
        ),
    ] = "new",
    approve: Annotated[
        str, Parameter(help="A person in whose name every consent is given without a page.")
    ] = "",
    token: Annotated[str, Parameter(help="A person to print an access token for.")] = "",
) -> None:
    """Serve a simulated Oura cloud: OAuth, the data API and people with known truths.

    Prints the environment to copy. Tests in other processes turn clock, faults and people under
    /_control.
    """
    from annulet.simulator import SimulatedOura

    cloud = SimulatedOura(
        [name for part in people for name in part.split(",")] if people else None,
        _instant(now),
        seed=seed,
        expires_in=expires_in,
        latency=latency_ms / 1000,
        auto_approve=approve or None,
    )
    for spec in fault or []:
        cloud.faults.add(spec)
    with cloud.serve(port) as server:
        for line in _environment(cloud, server.url, application, token):
            streams.write(line)
        streams.note(f"The simulated Oura cloud answers at {server.url} until Ctrl-C.")
        threading.Event().wait()


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"“{text}” is no instant.", hint="Write one such as 2026-03-29T09:00:00Z."
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _environment(cloud: SimulatedOura, url: str, kind: str, person: str) -> list[str]:
    """The settings with which annulet uses this cloud, one a line."""
    credentials = cloud.application_of(kind)
    settings = {"OURA_API_URL": url, "OURA_ISSUER_URL": f"{url}/oauth/v2/ext/oauth-anonymous"}
    if kind != "new":
        settings |= {
            "OURA_AUTHORIZE_URL": f"{url}/oauth/authorize",
            "OURA_TOKEN_URL": f"{url}/oauth/token",
            "OURA_REVOKE_URL": f"{url}/oauth/revoke",
        }
    settings |= {"CLIENT_ID": credentials.client_id, "CLIENT_SECRET": credentials.client_secret}
    if person:
        settings["ACCESS_TOKEN"] = cloud.issue_token(person)
    return [f"export ANNULET_{name}={value}" for name, value in settings.items()]
