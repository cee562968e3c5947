"""What every framework's adapter does: list, convert for each provider, ask, and report as JSON.

Runs inside the framework's own environment, so it uses the standard library alone.
"""

import asyncio
import inspect
import json
import os
import sys

QUESTIONS = [
    ("oura_daily_summary", {}),
    ("oura_device", {"profile": True}),
    ("oura_trends", {"metrics": ["steps", "hrv_avg_ms"], "window_days": 14}),
]
MISTAKE = ("oura_daily_summary", {"start": "the day before never"})
LONGEST = 300


def stdio_server():
    """The server as a program: ``command``, ``args`` and ``env``, as configurations name them."""
    return json.loads(os.environ["ANNULET_STDIO_SERVER"])


async def settled(value):
    """A value, or what an awaitable brings."""
    return await value if inspect.isawaitable(value) else value


def as_text(answer):
    """An answer as a model would see it."""
    return answer if isinstance(answer, str) else json.dumps(answer, default=str)


def told(problem):
    """An exception on one line."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return f"{type(problem).__name__}: {' '.join(str(problem).split())}"[:LONGEST]


async def report(names, converters, call):
    """Try everything, and print what came of it.

    Args:
        names: The names of the tools as the framework lists them.
        converters: By provider, what turns every schema into the provider's form.
        call: Asks one tool by name and arguments; may raise.
    """
    problems = {}
    for provider, convert in converters.items():
        try:
            await settled(convert())
        except Exception as problem:  # noqa: BLE001 - any failure is a finding
            problems[provider] = told(problem)
    answers = [as_text(await settled(call(name, dict(values)))) for name, values in QUESTIONS]
    try:
        mistake = as_text(await settled(call(MISTAKE[0], dict(MISTAKE[1]))))
    except Exception as problem:  # noqa: BLE001 - any failure is a finding
        mistake = f"raised {told(problem)}"
    outcome = {"tools": list(names), "providers": list(converters), "problems": problems}
    print("\n" + json.dumps(outcome | {"answers": answers, "mistake": mistake}))


def run(main):
    """Run an adapter with the address and the headers of the server."""
    url, key = sys.argv[1:3]
    asyncio.run(main(url, {"Authorization": f"Bearer {key}"}))
