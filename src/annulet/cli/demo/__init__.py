"""``annulet demo``: the whole journey against the simulated cloud, shown step by step."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

__all__ = ["demo"]


async def demo(
    *,
    once: Annotated[bool, Parameter(negative=())] = False,
    port: int = 0,
) -> None:
    """Connect a simulated ring through real OAuth, ask the everyday questions, disconnect.

    Args:
        once: End after the transcript.
        port: Where the dashboard is served afterwards; any free port when left out.
    """
    from annulet.cli.demo.local import local_journey
    from annulet.cli.demo.stage import Stage

    del once, port
    with Stage() as stage:
        await local_journey(stage)
