"""Is the value of one call right? Forms of questions for all simulated people, and their cost.

    python benchmarks/bench_query.py

The truth is counted by plain loops over the simulator's world, never by the engine.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx2

from annulet.client import OuraClient
from annulet.errors import AnnuletError
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Memory, Zone
from benchmarks.query_forms.forms import DAYS, Facts, Form, forms
from benchmarks.questions.tokens import counted

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
PEOPLE = (
    *("plain", "traveller", "fareast", "farwest", "shift", "sparse"),
    *("newcomer", "longtime", "unsynced"),
)


def facts_of(cloud: SimulatedOura, name: str) -> Facts:
    """What is true of a person, as plain values by day."""
    person = cloud.people[name]
    truth, zone = person.truth, ZoneInfo(person.traits.zone)
    now = cloud.clock().astimezone(zone)
    today, open_day = now.date(), (now - timedelta(hours=4)).date()
    days = [today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    around = [days[0] - timedelta(days=1), *days]
    values = {
        column: {}
        for column in ("steps", "total_sleep_min", "deep_min", "hrv_avg_ms", "hr_lowest_bpm")
    }
    naps = []
    for day in around:
        activity, night = truth.activity(day), truth.night(day)
        if activity is not None and activity.steps is not None and day < open_day:
            values["steps"][day] = activity.steps
        if night is not None:
            values["total_sleep_min"][day] = night.total / 60
            values["deep_min"][day] = night.deep / 60
            if night.has_heart_rate:
                values["hrv_avg_ms"][day] = night.hrv
                values["hr_lowest_bpm"][day] = night.lowest
        if day in days:
            main = () if night is None else night.parts
            naps += [s.total / 60 for s in truth.sleeps(day) if s not in main]
    tags = defaultdict(set)
    for tag in truth.tags(around[0], today):
        if tag.start > cloud.clock():
            continue  # the evening is still to come
        tags[tag.start.astimezone(zone).date()].add(str(tag.code).removeprefix("tag_generic_"))
    workouts = [
        (w.start.date(), w.activity, (w.end - w.start).total_seconds() / 60, w.distance)
        for w in truth.workouts(days[0], today)
    ]
    return Facts(days, values, tags, workouts, naps)


def is_right(form: Form, response: dict, facts: Facts) -> bool:
    """Whether the value stands in the table."""
    table = response["table"]
    place = table["columns"].index(form.figure)
    expected = form.truth(facts)
    if isinstance(expected, dict):
        got = {row[0]: row[place] for row in table["rows"]}
        return all(near(got.get(name), value, form.figure) for name, value in expected.items())
    value = table["rows"][0][place]
    return value in (None, 0) if expected is None else near(value, expected, form.figure)


def near(value: float | None, expected: float, figure: str) -> bool:
    """Equal as far as it is shown: single values whole, averages with a decimal."""
    whole = abs(expected) >= 1000 or figure in {"min", "max", "sum"}
    return value is not None and abs(value - expected) <= (0.501 if whole else 0.051)


async def person_results(cloud: SimulatedOura, name: str) -> list[tuple[Form, bool, str, int]]:
    """Every form for one person: right, the text, the requests."""
    facts = facts_of(cloud, name)
    home = cloud.people[name].traits.zone
    results = []
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app)) as http:

        async def connection() -> Connection:
            return Connection("default")

        client = OuraClient(cloud.issue_token(name), http=http)
        context = Context(client, cloud.clock, Zone(ZoneInfo(home), home), connection)
        for form in forms():
            client.clear()
            context.memory = Memory()
            cloud.requests.clear()
            arguments = {"start": f"last {DAYS} days", **form.arguments}
            try:
                response = await answer("oura_query", arguments, context)
            except AnnuletError as error:
                results.append((form, False, error.message, len(cloud.requests)))
                continue
            text = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
            right = is_right(form, response, facts)
            if not right:
                print(
                    name,
                    json.dumps(form.arguments),
                    form.truth(facts),
                    response["table"]["rows"][:3],
                )
            results.append((form, right, text, len(cloud.requests)))
    return results


async def own_time(days: int) -> float:
    """Milliseconds of processor for a question whose documents are in memory, the best of six."""
    cloud = SimulatedOura(people=[], now=NOW)
    cloud.add_person("someone", days=days, caffeine=0.3)
    best = float("inf")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app)) as http:

        async def connection() -> Connection:
            return Connection("default")

        client = OuraClient(cloud.issue_token("someone"), http=http)
        context = Context(client, cloud.clock, Zone(UTC, "UTC"), connection)
        arguments = {
            "start": f"last {days} days",
            "metrics": ["total_sleep_min", "hrv_avg_ms"],
            "where": ["previous.steps >= 8000"],
            "by": "month",
        }
        for _ in range(6):
            context.memory = Memory()
            begun = time.process_time()
            await answer("oura_query", arguments, context)
            best = min(best, time.process_time() - begun)
    return 1000 * best


async def main() -> None:
    cloud = SimulatedOura(now=NOW)
    families: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    texts, requests = [], []
    for name in PEOPLE:
        for form, right, text, asked in await person_results(cloud, name):
            families[form.family].append((right, form.alone))
            texts.append(text)
            requests.append(asked)
    print("| family | forms × people | right in one call | sayable in one call by the ten tools |")
    print("|---|---|---|---|")
    for family, results in families.items():
        right = sum(is_good for is_good, _ in results) / len(results)
        before = sum(alone for _, alone in results) / len(results)
        print(f"| {family} | {len(results)} | {right:.1%} | {before:.0%} |")
    everything = [result for results in families.values() for result in results]
    print(
        f"| all | {len(everything)} | {sum(r for r, _ in everything) / len(everything):.1%} "
        f"| {sum(a for _, a in everything) / len(everything):.0%} |"
    )
    tokens, how = counted(texts, Path(".bench"))
    print(f"forms: {len(list(forms()))}; people: {len(PEOPLE)}")
    print(f"tokens an answer ({how}): mean {sum(tokens) / len(tokens):.0f}, most {max(tokens)}")
    print(f"requests an answer: mean {sum(requests) / len(requests):.1f}, most {max(requests)}")
    print(
        f"processor time, documents in memory: a year {await own_time(365):.0f} ms, "
        f"ten years {await own_time(3650):.0f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
