"""The runs: all people are asked for right and wrong, one person for work and time."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from annulet.simulator import SimulatedOura
from benchmarks.questions.peer_verdicts import judge_rows
from benchmarks.questions.question_list import QUESTIONS, Call, Question
from benchmarks.questions.sessions import Asked, open_session
from benchmarks.questions.truth import PersonTruth
from benchmarks.questions.verdicts import Verdict, judge

__all__ = ["Answers", "Server", "all_nine", "annulet", "peer_server", "single"]


@dataclass(frozen=True, slots=True)
class Server:
    """A server to ask.

    Attributes:
        command: What starts it.
        environment: Its environment, by access token, address of the cloud and zone.
        calls: Its calls for a question.
        judge: Whether its answer is right.
    """

    command: Sequence[str]
    environment: Callable[[str, str, str], dict[str, str]]
    calls: Callable[[Question, date, str], list[Call]]
    judge: Callable[[str, PersonTruth, Asked], Verdict]


@dataclass(slots=True)
class Answers:
    """The nine questions of one person in one session, and once more."""

    asked: dict[str, Asked] = field(default_factory=dict)
    again: dict[str, Asked] = field(default_factory=dict)
    judged: dict[str, Verdict] = field(default_factory=dict)


def annulet(home: str, *, named_zone: bool = True, plain: bool = False) -> Server:
    """Our own server.

    Args:
        home: An empty data folder.
        named_zone: Whether the machine knows the person's zone; else it says UTC.
        plain: Ask with the fewest arguments instead of the chosen ones.
    """

    def environment(token: str, url: str, zone: str) -> dict[str, str]:
        settings = {
            "ANNULET_HOME": home,
            "ANNULET_OURA_API_URL": url,
            "ANNULET_ACCESS_TOKEN": token,
        }
        return {**settings, "ANNULET_TIMEZONE": zone} if named_zone else settings

    def calls(question: Question, _today: date, _zone: str) -> list[Call]:
        return [(question.tool, question.plain if plain else question.chosen)]

    def judged(question: str, known: PersonTruth, asked: Asked) -> Verdict:
        if asked.failed:
            return Verdict("an error: " + asked.texts[0][:80])
        return judge(question, known, asked.structured[0])

    return Server([sys.executable, "-m", "annulet", "mcp"], environment, calls, judged)


def peer_server(command: Sequence[str], home: str) -> Server:
    """The peer, which knows the person's zone."""

    def environment(token: str, url: str, zone: str) -> dict[str, str]:
        return {
            "HOME": home,
            "OURA_PAT": token,
            "OURA_API_BASE_URL": f"{url}/v2/usercollection",
            "OURA_TIMEZONE": zone,
        }

    return Server(
        command,
        environment,
        lambda question, today, zone: question.peer(today, zone),
        lambda question, known, asked: judge_rows(question, known, asked.texts),
    )


async def all_nine(
    cloud: SimulatedOura,
    url: str,
    name: str,
    server: Server,
    only: Iterable[str] | None = None,
) -> Answers:
    """All questions in one session, each judged, then all once more."""
    wanted = None if only is None else set(only)
    known, answers = PersonTruth(cloud, name), Answers()
    environment = server.environment(cloud.issue_token(name), url, known.zone)
    questions = [
        question
        for question in QUESTIONS
        if known.has(question.scope) and (wanted is None or question.name in wanted)
    ]
    async with open_session(cloud, server.command, environment) as session:
        for question in questions:
            asked = await session.ask(server.calls(question, known.today, known.zone))
            answers.asked[question.name] = asked
            answers.judged[question.name] = server.judge(question.name, known, asked)
        for question in questions:
            calls = server.calls(question, known.today, known.zone)
            answers.again[question.name] = await session.ask(calls)
    return answers


async def single(
    cloud: SimulatedOura,
    url: str,
    name: str,
    server: Server,
    question: Question,
    times: int,
    pause: float,
) -> tuple[float, int]:
    """One question as the first of a fresh session: milliseconds (median) and round trips.

    The question comes a pause after the handshake, as from a person who has to type it.
    """
    known, asked = PersonTruth(cloud, name), []
    for _ in range(times):
        environment = server.environment(cloud.issue_token(name), url, known.zone)
        async with open_session(cloud, server.command, environment) as session:
            await asyncio.sleep(pause)
            asked.append(await session.ask(server.calls(question, known.today, known.zone)))
    return 1000 * statistics.median(question.seconds for question in asked), asked[-1].trips
