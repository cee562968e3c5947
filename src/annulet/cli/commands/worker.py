"""``annulet worker``: the jobs of the hosted service in a process of their own."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from annulet.cli.commands.serve import show_metrics_address
from annulet.cli.hosted_shell import run
from annulet.cli.output import streams
from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.hosted.admin.admin_actions import AdminActions
    from annulet.hosted.service import Service


def worker() -> None:
    """Run the jobs of a service on PostgreSQL, until Ctrl-C.

    Any number of workers may run beside each other, and beside annulet serve --no-jobs: each job
    runs once. Jobs renew idle connections, tell Oura of ended ones, keep the subscriptions and
    delete what has expired.
    """
    from annulet.hosted.database.engine import database_url
    from annulet.hosted.observability.observers import build_observers
    from annulet.hosted.web.metrics_server import open_metrics_listener
    from annulet.settings import Settings

    settings = Settings.from_environ()
    # asked before anything is opened: opening SQLite would make an empty database
    if database_url(settings.database_url, settings.home).startswith("sqlite"):
        raise UsageError(
            "With SQLite the jobs run inside annulet serve, and a worker has nothing to do.",
            hint="Set ANNULET_DATABASE_URL to the PostgreSQL database of the service.",
        )
    # a worker answers no questions, so it has nothing to trace
    observers = build_observers(replace(settings.observability, traces_url=""))
    with open_metrics_listener(settings.observability) or nullcontext() as listener:
        run(partial(_work, metrics_listener=listener), observers=observers)


async def _work(
    service: Service, _admin: AdminActions, metrics_listener: socket.socket | None
) -> None:
    from annulet.hosted.lifespan import start_metrics
    from annulet.hosted.lost_connections import log_lost_connections
    from annulet.hosted.web.json_log import log_as_json

    log_as_json()
    log_lost_connections(asyncio.get_running_loop())
    received: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, _end_once, received, name)
    streams.note("annulet runs the jobs of the service until Ctrl-C.")
    show_metrics_address(metrics_listener)
    start_metrics(service, metrics_listener)
    service.background.start("jobs", service.jobs.run)
    ending = await received
    await service.background.stop()
    if ending is signal.SIGINT:
        raise KeyboardInterrupt


def _end_once(received: asyncio.Future[signal.Signals], name: signal.Signals) -> None:
    """Tell the first signal; another one changes nothing."""
    if not received.done():
        received.set_result(name)
