"""The stored connection as an object: every collection, and the eleven answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from difflib import get_close_matches
from typing import Literal, overload

import msgspec

from annulet.client.collections import Collections
from annulet.errors import UsageError
from annulet.library.answer_types import (
    ANSWER_TYPES,
    AnomaliesAnswer,
    CompareAnswer,
    DailySummaryAnswer,
    DeviceAnswer,
    EffectsAnswer,
    EventsAnswer,
    IntradayAnswer,
    PermissionsAnswer,
    QueryAnswer,
    SleepSessionsAnswer,
    TrendsAnswer,
    TypedAnswer,
)
from annulet.settings import Settings
from annulet.toolkit.answers import TOOLS, answer
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Tool
from annulet.wiring import open_context


class ConnectedClient(Collections):
    """One person's connection: a method for each collection, and ``answer`` for the questions.

    Args:
        context: Whose connection.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context.client.reader)
        self._context = context

    # fmt: off
    @overload
    async def answer(
        self, name: Literal["permissions"], /, **arguments: object) -> PermissionsAnswer: ...
    @overload
    async def answer(self, name: Literal["device"], /, **arguments: object) -> DeviceAnswer: ...
    @overload
    async def answer(
        self, name: Literal["daily_summary"], /, **arguments: object) -> DailySummaryAnswer: ...
    @overload
    async def answer(
        self, name: Literal["sleep_sessions"], /, **arguments: object) -> SleepSessionsAnswer: ...
    @overload
    async def answer(self, name: Literal["intraday"], /, **arguments: object) -> IntradayAnswer: ...
    @overload
    async def answer(self, name: Literal["trends"], /, **arguments: object) -> TrendsAnswer: ...
    @overload
    async def answer(
        self, name: Literal["anomalies"], /, **arguments: object) -> AnomaliesAnswer: ...
    @overload
    async def answer(self, name: Literal["compare"], /, **arguments: object) -> CompareAnswer: ...
    @overload
    async def answer(self, name: Literal["events"], /, **arguments: object) -> EventsAnswer: ...
    @overload
    async def answer(self, name: Literal["effects"], /, **arguments: object) -> EffectsAnswer: ...
    @overload
    async def answer(self, name: Literal["query"], /, **arguments: object) -> QueryAnswer: ...
    @overload
    async def answer(self, name: str, /, **arguments: object) -> TypedAnswer: ...
    # fmt: on

    async def answer(self, name: str, /, **arguments: object) -> TypedAnswer:
        """Answer one of the eleven questions, as an assistant would get it.

        Args:
            name: ``trends``, ``sleep_sessions`` and so on, with or without ``oura_``; the names
                of the commands (``sleep``, ``daily``) do as well.
            arguments: The parameters of the tool; days may be dates or words.

        Raises:
            UsageError: No such answer or parameter; the hint names the nearest.
            AnnuletError: It cannot be answered now.
        """
        tool = _find_tool(name)
        plain = {key: _as_argument(value) for key, value in arguments.items()}
        data = await answer(tool.name, plain, self._context)
        typed: TypedAnswer = msgspec.convert(data, ANSWER_TYPES[tool.name])
        typed.data = data
        return typed


@asynccontextmanager
async def connect(account: str = "") -> AsyncIterator[ConnectedClient]:
    """Open the connection that ``annulet connect`` has stored, or ``ANNULET_ACCESS_TOKEN``.

    ::

        import annulet

        async with annulet.connect() as oura:
            trends = await oura.answer("trends", metrics=["hrv_avg_ms"])
            print(trends.summary)

    Args:
        account: Which connection; the default one when left out.

    Raises:
        NotConnected: There is no such connection; the hint says how to make it.
        AnnuletError: A setting is wrong, or the vault cannot be opened.
    """
    async with open_context(Settings.from_environ(), account=account) as context:
        if context.ready is not None:
            await context.ready()
        yield ConnectedClient(context)


def _find_tool(name: object) -> Tool:
    by_name = {tool.command: tool for tool in TOOLS.values()}
    by_name |= {tool.name.removeprefix("oura_"): tool for tool in TOOLS.values()}
    if not isinstance(name, str):
        raise UsageError(
            "An answer is asked for by its name, a text.",
            hint=f"Choose from: {', '.join(by_name)}.",
        )
    bare = name.removeprefix("oura_")
    if bare in by_name:
        return by_name[bare]
    near = get_close_matches(bare, by_name, n=1)
    hint = f"Did you mean “{near[0]}”?" if near else f"Choose from: {', '.join(by_name)}."
    raise UsageError(f"There is no answer “{name[:40]}”.", hint=hint)


def _as_argument(value: object) -> object:
    """An argument as JSON has it: days and times as ISO text, collections as lists."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return [_as_argument(item) for item in value]
    return value
