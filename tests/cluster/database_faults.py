"""The database is away, crashes, or keeps rows locked, while people ask."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.damage import describe_damage, wait_until_well
from cluster.members import keep_asking, wait_until
from cluster.tally import ANSWER, Finding, Seen

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster

_AWAY = "HTTP 503"


def be_away(cluster: Cluster, seconds: float, how: signal.Signals = signal.SIGINT) -> Finding:
    """Stop the database for a time, while three people ask and one looks at pages.

    During the outage a question is a 503 that says when to try again; afterwards everything works,
    and every answer is in the audit log.
    """
    assert cluster.server is not None
    members = cluster.regulars(3)
    with keep_asking(members) as tally:
        cluster.server.stop(how)
        time.sleep(seconds)
        page = members[0].http.get("/dashboard")
        cluster.server.start()
        wait_until_well(cluster, members)
    tally.require(_AWAY)
    assert page.status_code == 503, page.text
    assert page.headers["retry-after"]
    return Finding(
        f"{tally.describe()}; a page is a 503 that says when to try again",
        describe_damage(cluster, members),
    )


def be_away_3_s(cluster: Cluster) -> Finding:
    """G2: a short outage."""
    return be_away(cluster, 3)


def be_away_30_s(cluster: Cluster) -> Finding:
    """G2: an outage that is longer than every time limit."""
    return be_away(cluster, 30)


def crash(cluster: Cluster) -> Finding:
    """The server ends without a word, and recovers when it starts again."""
    return be_away(cluster, 0.5, signal.SIGQUIT)


def be_away_in_renewal(cluster: Cluster) -> Finding:
    """G4: Oura has given a new pair, and it cannot be written for 4 s."""
    assert cluster.server is not None
    (member,) = cluster.regulars(1)
    first, second, third = cluster.replicas
    member.expire_token()
    member.forget()
    cluster.oura.faults.add("delay", 2, path="oauth-token")
    before = cluster.oura.requests.count("oauth-token")
    asked: list[Seen] = []
    question = threading.Thread(target=lambda: asked.append(member.ask(first)))
    question.start()
    wait_until(lambda: cluster.oura.requests.count("oauth-token") > before)
    cluster.server.stop()
    time.sleep(4)
    cluster.server.start()
    others = [member.ask(replica) for replica in (second, third)]
    question.join()
    cluster.oura.faults.clear()
    renewals = cluster.oura.requests.count("oauth-token") - before
    assert renewals == 1, "one renewal for all"
    wait_until_well(cluster, [member])
    outcomes = ", ".join(f"`{seen.outcome}`" for seen in (*asked, *others))
    return Finding(
        f"first the one who asked, then on the other replicas: {outcomes}; one renewal",
        describe_damage(cluster, [member]),
    )


def restart_pooler(cluster: Cluster) -> Finding:
    """The replica behind the pooler loses all its connections at once."""
    assert cluster.pooler is not None
    members = cluster.regulars(2)
    with keep_asking(members, cluster.replicas[2]) as tally:
        cluster.pooler.stop()
        time.sleep(1)
        cluster.pooler.start()
        wait_until_well(cluster, members)
    tally.require(_AWAY)
    return Finding(tally.describe(), describe_damage(cluster, members))


def lock_rows(cluster: Cluster) -> Finding:
    """G19: everything of one person is locked; no other person notices, not even at a page."""
    locked, witness = cluster.regulars(2)
    with keep_asking([witness]) as tally:
        hold = _Lock(cluster.address, locked.login)
        locked_seen = locked.ask()
        end = time.monotonic() + 6
        while time.monotonic() < end:
            assert witness.http.get("/audit").status_code == 200
            assert cluster.admin.http.get("/admin").status_code == 200
        hold.release()
    tally.require()
    assert locked.ask().outcome == ANSWER
    lost = describe_damage(cluster, [locked, witness])
    return Finding(
        f"others: {tally.describe()}; the person concerned: `{locked_seen.outcome}`", lost
    )


class _Lock:
    """Rows of one person, locked by a transaction in a thread of its own."""

    def __init__(self, address: str, login: str) -> None:
        self._address, self._login = address, login
        self._is_held, self._is_over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._hold()))
        self._thread.start()
        assert self._is_held.wait(30)

    async def _hold(self) -> None:
        connection = await asyncpg.connect(self._address)
        async with connection.transaction():
            person_id = await connection.fetchval(
                "SELECT id FROM people WHERE login = $1 FOR UPDATE", self._login
            )
            for table in ("endpoints", "connections", "api_keys"):
                lock = f"SELECT 1 FROM {table} WHERE person_id = $1 FOR UPDATE"  # noqa: S608 - names of this file
                await connection.fetch(lock, person_id)
            self._is_held.set()
            await asyncio.to_thread(self._is_over.wait, 60)
        await connection.close()

    def release(self) -> None:
        """Let the rows go."""
        self._is_over.set()
        self._thread.join()
