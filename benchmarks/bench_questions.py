"""The nine everyday questions through ``annulet mcp``, beside the PyPI peer ``mcp-oura``.

Everybody in the simulated cloud is asked, by the SDK's own client on stdio; the simulator's truth
says what is right. Budgets: nine right; 2,800 tokens, 10 upstream requests (14 with the fewest
arguments) and 0.35 MB for all nine together; nothing upstream and 10 ms for a repeat; 150 ms for a
question with one round trip of 120 ms, 280 ms with two. The peer is installed under ``.bench/``
when it can be.

Arguments: ``--quick`` only tells right from wrong: no peer, no download, no times.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from annulet.simulator import SimulatedOura
from benchmarks.questions.floor import floor
from benchmarks.questions.peer import installed
from benchmarks.questions.peer_verdicts import COMPUTED
from benchmarks.questions.question_list import NAMES, QUESTIONS
from benchmarks.questions.runs import Answers, Server, all_nine, annulet, peer_server, single
from benchmarks.questions.tokens import counted

FOLDER = ROOT / ".bench"
LATENCY = 0.12
TIMES = 3
PAUSE = 0.5
PEER = "mcp-oura"
# Besides the cast, three people with a known slope and nothing else that moves HRV for months.
SLOPES = {
    "rising": ("Asia/Kolkata", 1.2),
    "falling": ("America/Sao_Paulo", -1.2),
    "level": ("Pacific/Kiritimati", 0.0),
}
Everybody = Mapping[str, Answers]


async def main(*, quick: bool) -> int:
    """Run and print; 1 where an answer of annulet is wrong."""
    cloud = SimulatedOura(day_always=True)  # the peer counts on `day` in every answer
    for place, (name, (zone, rise)) in enumerate(SLOPES.items()):
        cloud.add_person(name, zone, 400, 300 + place, drift=False, season=False, hrv_rise=rise)
    people = [name for name in cloud.people if name != "lapsed"]
    with cloud.serve() as running, tempfile.TemporaryDirectory() as home:
        servers = {
            "annulet": annulet(home),
            "zone not named": annulet(home, named_zone=False),
            "fewest arguments": annulet(home, plain=True),
        }
        if quick:
            runs = await all_runs(cloud, running.url, people, servers)
            print_right(runs)
        else:
            runs = await measured(cloud, running.url, people, servers, home)
    return any(
        judged.wrong
        for run, people_answers in runs.items()
        if run != PEER
        for answers in people_answers.values()
        for judged in answers.judged.values()
    )


async def measured(
    cloud: SimulatedOura,
    url: str,
    people: Sequence[str],
    servers: dict[str, Server],
    home: str,
) -> dict[str, Everybody]:
    """Ask everybody, the peer too, and print right answers, tokens, work and times."""
    command, peer_version = installed(FOLDER)
    if command:
        servers = servers | {PEER: peer_server(command, home)}
    for name in people:  # draws everybody's world, so that nobody's first question waits for it
        await all_nine(cloud, url, name, servers["annulet"])
    runs = await all_runs(cloud, url, people, servers)
    print(f"Beside: {peer_version}\n")
    print_right(runs)
    print_sizes(runs, "plain")
    print_work(runs)
    timed = {name: server for name, server in servers.items() if name != "fewest arguments"}
    await print_times(cloud, url, timed)
    return runs


async def all_runs(
    cloud: SimulatedOura, url: str, people: Sequence[str], servers: Mapping[str, Server]
) -> dict[str, Everybody]:
    """All nine questions for each person, by each server."""
    return {
        run: {name: await all_nine(cloud, url, name, server) for name in people}
        for run, server in servers.items()
    }


def print_right(runs: Mapping[str, Everybody]) -> None:
    """Who was answered rightly, and what was wrong."""
    print("Right answers (people with the data; r: complete rows, the model must judge)")
    print(f"{'':15}" + "".join(f"{run:>18}" for run in runs))
    for name in NAMES:
        cells = []
        for run, answers in runs.items():
            verdicts = [a.judged[name] for a in answers.values() if name in a.judged]
            mark = " r" if run == PEER and name in COMPUTED else ""
            cells.append(
                f"{sum(not verdict.wrong for verdict in verdicts)} of {len(verdicts)}{mark}"
            )
        print(f"{name:15}" + "".join(f"{cell:>18}" for cell in cells))
    for run, answers in runs.items():
        for person, asked in answers.items():
            for name, judged in asked.judged.items():
                if judged.wrong:
                    print(f"  wrong: {run}, {person}, {name}: {judged.wrong}")
    for name, days in (("anomalies_30d", 30), ("anomalies_90d", 90)):
        verdicts = [asked.judged[name] for asked in runs["annulet"].values()]
        detected = sum(verdict.detected for verdict in verdicts)
        planted = sum(verdict.planted for verdict in verdicts)
        false = sum(verdict.false for verdict in verdicts)
        stated = sum(verdict.stated for verdict in verdicts)
        print(
            f"{name}: {detected} of {planted} illnesses detected; {false} false episodes, ", end=""
        )
        print(f"{30 * false / (days * len(verdicts)):.2f} in 30 days, ", end="")
        print(f"{false / stated:.2f} of what the answers say to expect")


def print_sizes(runs: Mapping[str, Everybody], person: str) -> None:
    """Tokens and upstream work by question, for one person."""
    texts = {
        (run, name): "".join(answers[person].asked[name].texts)
        for run, answers in runs.items()
        for name in answers[person].asked
    }
    figures, by = counted(list(texts.values()), FOLDER)
    tokens = dict(zip(texts, figures, strict=True))
    shown = [run for run in runs if run != "zone not named"]
    print(f"\nTokens ({by}) | characters | requests | KB upstream | round trips, for {person!r}")
    print(f"{'':15}" + "".join(f"{run:>30}" for run in shown))
    for name in NAMES:
        cells = []
        for run in shown:
            asked = runs[run][person].asked[name]
            work = f"{asked.requests:>3} {asked.size / 1000:>6.1f} {asked.trips:>2}"
            cells.append(f"{tokens[run, name]:>7} {asked.characters:>7} {work}")
        print(f"{name:15}" + "".join(f"{cell:>30}" for cell in cells))
    totals = {run: sum(tokens[run, name] for name in NAMES) for run in shown}
    print(f"{'together':15}" + "".join(f"{totals[run]:>22}{'':8}" for run in shown))
    if PEER in totals:
        print(f"annulet / mcp-oura: {totals['annulet'] / totals[PEER]:.3f} of the tokens")


def print_work(runs: Mapping[str, Everybody]) -> None:
    """Upstream work and repeats, all nine questions in one session, worst person and plain."""
    print("\nAll nine in one session")
    print(f"{'':18}{'requests':>12}{'worst':>7}{'KB':>8}{'worst':>8}{'ms':>8}", end="")
    print(f"{'again: requests':>18}{'ms each':>9}{'worst':>8}")
    for run, answers in runs.items():
        requests = {
            p: sum(a.requests for a in person.asked.values()) for p, person in answers.items()
        }
        sizes = {
            p: sum(a.size for a in person.asked.values()) / 1000 for p, person in answers.items()
        }
        wall = 1000 * sum(a.seconds for a in answers["plain"].asked.values())
        again = [a for person in answers.values() for a in person.again.values()]
        each = [1000 * a.seconds for a in again]
        print(f"{run:18}{requests['plain']:>12}{max(requests.values()):>7}", end="")
        print(f"{sizes['plain']:>8.0f}{max(sizes.values()):>8.0f}{wall:>8.0f}", end="")
        print(f"{sum(a.requests for a in again):>18}{sum(each) / len(each):>9.1f}{max(each):>8.1f}")


async def print_times(cloud: SimulatedOura, url: str, servers: Mapping[str, Server]) -> None:
    """Each question as the first of a session, with and without delay; all nine with delay."""
    print(f"\nFirst question of a session, {PAUSE} s after the handshake, for 'plain':")
    print(f"ms without and with {1000 * LATENCY:.0f} ms upstream (median of {TIMES}), round trips")
    print("bare: the same requests as annulet's at once, by an HTTP client and nothing else")
    print(f"{'':15}" + "".join(f"{run:>26}" for run in servers) + f"{'bare':>8}{'ratio':>8}")
    for question in QUESTIONS:
        cells = []
        bare = ratio = 0.0
        for run, server in servers.items():
            cell = ""
            for latency in (0.0, LATENCY):
                cloud.options.latency = latency
                took, trips = await single(cloud, url, "plain", server, question, TIMES, PAUSE)
                cell += f"{took:>8.0f}"
            cells.append(f"{cell} {trips:>2}")
            if run == "annulet":
                bare = await _bare(cloud, url)
                ratio = took / bare
        line = "".join(f"{cell:>26}" for cell in cells)
        print(f"{question.name:15}{line}{bare:>8.0f}{ratio:>8.2f}")
    cloud.options.latency = LATENCY
    for run, server in servers.items():
        answers = await all_nine(cloud, url, "plain", server)
        total = 1000 * sum(asked.seconds for asked in answers.asked.values())
        print(f"all nine in one session, {1000 * LATENCY:.0f} ms upstream: {run} {total:.0f} ms")
    cloud.options.latency = 0.0


async def _bare(cloud: SimulatedOura, url: str) -> float:
    """What the requests of the last question cost by themselves."""
    urls = [f"{url}{request.path}?{urlencode(request.query)}" for request in cloud.requests]
    token = cloud.issue_token("plain")
    took = [await asyncio.to_thread(floor, urls, token) for _ in range(TIMES)]
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(quick="--quick" in sys.argv[1:])))
