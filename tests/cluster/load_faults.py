"""Many people, first times and greedy people."""

from __future__ import annotations

import statistics
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cluster.damage import describe_damage
from cluster.members import PASSWORD, Member, Person, keep_asking, wait_until
from cluster.tally import Finding, Tally

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster


def register_at_once(cluster: Cluster) -> Finding:
    """G18: 120 first registrations from a new address, on all replicas at once."""
    document = {
        "client_name": "Shell",
        "redirect_uris": ["http://127.0.0.1:9/callback"],
        "token_endpoint_auth_method": "none",
    }

    def register(number: int) -> int:
        replica = cluster.replicas[number % len(cluster.replicas)]
        headers = {"host": cluster.host, "x-forwarded-for": "198.51.100.7"}
        return http.post(f"{replica.url}/register", json=document, headers=headers).status_code

    with ThreadPoolExecutor(24) as pool, httpx2.Client(trust_env=False, timeout=60) as http:
        statuses = Counter(pool.map(register, range(120)))
    assert set(statuses) == {201, 429}, statuses
    assert statuses[201] == 100, statuses
    return Finding("100 of 120 registered, 20 × 429: the limit of an hour, to the request")


def ask_much(cluster: Cluster) -> Finding:
    """G5: no deadlock, no page that fails."""
    members = cluster.regulars(10)
    pages: Counter[int] = Counter()
    with keep_asking(members, pause_s=0.5) as tally:
        for _ in range(8):
            for member in members:
                for path in ("/dashboard", "/audit"):
                    pages[member.http.get(path).status_code] += 1
    tally.require()
    assert set(pages) == {200}, pages
    lost = describe_damage(cluster, members)
    return Finding(f"{tally.describe()}; {pages[200]} pages, all of them 200", lost)


def guess(cluster: Cluster) -> Finding:
    """G10, H4: guesses from one address lock no one out at another one, through the balancer."""
    member = cluster.new_member()
    attacker = Person(cluster.url, "127.0.1.251")
    attacker.get("/sign-in")
    form = attacker.hidden("/sign-in")
    statuses = Counter(
        attacker.http.post(
            "/sign-in", data={**form, "login": member.login, "password": f"guess {number}"}
        ).status_code
        for number in range(33)
    )
    attacker.close()
    assert statuses[400] == 10, statuses
    honest = Person(cluster.url, "127.0.1.252")
    honest.get("/sign-in")
    honest.submit("/sign-in", login=member.login, password=PASSWORD)
    assert "/dashboard" in str(honest.page.url), honest.page.text
    honest.close()
    return Finding(
        f"the guesser: 10 answers, {statuses[429]} × 429; the person signs in elsewhere at once"
    )


def be_greedy(cluster: Cluster) -> Finding:
    """G11: a person who asks 24 at a time waits for themselves, and not the three others."""
    greedy, *others = cluster.regulars(4)
    with keep_asking(others) as alone:
        wait_until(lambda: alone.count() > 60)
    is_over = threading.Event()
    own = Tally()

    def ask(member: Member) -> None:
        while not is_over.is_set():
            own.add(member.ask())

    threads = [threading.Thread(target=ask, args=(greedy,)) for _ in range(24)]
    for thread in threads:
        thread.start()
    try:
        with keep_asking(others) as beside:
            wait_until(lambda: beside.count() > 60)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    own.require("HTTP 429")
    beside.require()
    slow, fast = (
        1000 * statistics.median(seen.seconds for seen in tally.list()) for tally in (beside, alone)
    )
    return Finding(
        f"the others: {beside.describe()}; half of their answers take more than {slow:.0f} ms "
        f"instead of {fast:.0f} ms. The greedy one: {own.describe()}"
    )


def count_connections(cluster: Cluster) -> Finding:
    """G14: the connections of all replicas stay within what they may open."""
    members = cluster.regulars(4)
    most = 0
    with keep_asking(members, pause_s=0.0) as tally:
        for _ in range(20):
            ((count,),) = cluster.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL"
            )
            most = max(most, count)
    tally.require()
    limit = 15 * len(cluster.replicas) + 1  # ten for questions, up to five for jobs
    assert most <= limit, f"{most} connections"
    return Finding(f"{tally.describe()}; at most {most} connections, {limit} allowed")
