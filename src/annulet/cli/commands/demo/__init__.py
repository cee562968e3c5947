"""``annulet demo``: the whole journey against the simulated cloud, shown step by step."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import Parameter

from annulet.cli.ports import Port

__all__ = ["demo"]


async def demo(
    *,
    once: Annotated[bool, Parameter(negative=())] = False,
    port: Port = 0,
) -> None:
    """Connect a simulated ring through real OAuth, ask the everyday questions, disconnect.

    First as one person on one machine, then through the hosted service, whose dashboard is
    served afterwards until Ctrl-C.

    Args:
        once: End after the transcript.
        port: Where the hosted service listens; any free port when left out.
    """
    from annulet.cli.commands.demo.hosted import hosted_journey, serving
    from annulet.cli.commands.demo.local import local_journey
    from annulet.cli.commands.demo.stage import Stage, free_port, say

    with Stage() as stage:
        await local_journey(stage)
        async with serving(stage, port or free_port()) as running:
            await hosted_journey(stage, running)
            stage.show_disk()
            if not once:
                say(f"\nThe dashboard: {running.address}", style="bold")
                say(f"  sign in as {running.login} with the password {running.password}")
                say("  Ctrl-C ends the demo and leaves nothing behind.")
                await asyncio.Event().wait()
