"""``annulet demo``: connects to the simulated cloud and asks questions, shown step by step."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import Parameter

from annulet.cli.ports import Port


async def demo(
    *,
    once: Annotated[bool, Parameter(negative=())] = False,
    port: Port = 0,
) -> None:
    """Connect a simulated ring through real OAuth, ask the everyday questions, disconnect.

    First as one person on one machine, then through the hosted service, whose dashboard is
    served afterwards until Ctrl-C. Without the extra ``server`` the second part is left out.

    Args:
        once: End after the transcript.
        port: Where the hosted service listens; any free port when left out.
    """
    from annulet.cli.commands.demo.environment import DemoEnvironment, free_port, say
    from annulet.cli.commands.demo.local import show_local_install
    from annulet.cli.hosted_shell import is_server_installed

    with DemoEnvironment() as environment:
        await show_local_install(environment)
        if not is_server_installed():
            environment.show_disk()
            say("\nThe hosted service is left out: it needs pip install 'annulet[server]'.")
            return
        from annulet.cli.commands.demo.hosted import serving, show_hosted_service

        async with serving(environment, port or free_port()) as running:
            await show_hosted_service(environment, running)
            environment.show_disk()
            if not once:
                say(f"\nThe dashboard: {running.address}", style="bold")
                say(f"  sign in as {running.login} with the password {running.password}")
                say("  Ctrl-C ends the demo and leaves nothing behind.")
                await asyncio.Event().wait()
