"""Replicas that die, stand still or have a wrong clock, and the balancer that goes."""

from __future__ import annotations

import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.damage import describe_damage, wait_until_well
from cluster.members import keep_asking, wait_until
from cluster.tally import ANSWER, CUT, Finding, Seen, Tally

if TYPE_CHECKING:
    from cluster.members import Member
    from cluster.three_replicas import Cluster

_GATEWAY_ERRORS = ("HTTP 502", "HTTP 503", "HTTP 504", CUT)
_RENEWING = "oura_unavailable"


def kill(cluster: Cluster) -> Finding:
    """A replica dies without a word: questions under way there are cut, the others go on."""
    members = cluster.regulars(3)
    with keep_asking(members) as tally:
        cluster.replicas[0].stop(signal.SIGKILL)
        time.sleep(3)
        cluster.replicas[0].start()
        wait_until_well(cluster, members)
    tally.require(*_GATEWAY_ERRORS)
    # what a process that dies has not written yet: the answers of its last second
    lost = describe_damage(cluster, members, allowed=30)
    return Finding(tally.describe(), lost)


def _ask_for_renewal(
    cluster: Cluster, member: Member, delay_s: float, *, after: bool = False
) -> list[Seen]:
    """Let the first replica renew a token, for which Oura takes a while; return its outcome.

    Args:
        cluster: Where.
        member: Whose token.
        delay_s: How long Oura takes.
        after: Whether Oura has spent the old token before that time and not after it.
    """
    member.expire_token()
    member.forget()
    cluster.oura.faults.add("delay", delay_s, path="oauth-token", after=after)
    before = cluster.oura.requests.count("oauth-token")
    asked: list[Seen] = []
    threading.Thread(target=lambda: asked.append(member.ask(cluster.replicas[0]))).start()
    wait_until(lambda: cluster.oura.requests.count("oauth-token") > before)
    return asked


def kill_in_renewal(cluster: Cluster) -> Finding:
    """G6: the new pair dies with the process; no client can close this window."""
    member = cluster.new_member()
    asked = _ask_for_renewal(cluster, member, 5, after=True)
    cluster.replicas[0].stop(signal.SIGKILL)
    cluster.oura.faults.clear()
    tally = Tally()
    while tally.count("needs_reconnect") == 0:
        tally.add(member.ask(cluster.replicas[1]))
        assert not tally.count(), "the token was spent, so there can be no answer"
    cluster.replicas[0].start()
    wait_until(lambda: bool(asked))
    (first_end, *_), (refusal, *_) = tally.list(), tally.list("needs_reconnect")
    assert "interrupted" in refusal.message, refusal.message
    member.get("/dashboard")
    member.submit("/connect/oura")
    answer = {"person": member.ring, "decision": "allow", "scopes_shown": "1"}
    member.post(str(member.page.url), {**answer, "scope": ["daily", "personal"]})
    assert member.ask().outcome == ANSWER
    return Finding(
        f"the question on another replica ends after {first_end.seconds:.0f} s with "
        f"`{first_end.outcome}`; then: “{refusal.message}”",
        "the connection of one person, who connects again",
    )


def pause_in_renewal(cluster: Cluster) -> Finding:
    """The holder of the lease stands still for less than its lease: no replica spends its token."""
    (member,) = cluster.regulars(1)
    before = cluster.oura.requests.count("oauth-token")
    asked = _ask_for_renewal(cluster, member, 2)
    cluster.replicas[0].send(signal.SIGSTOP)
    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(member.ask, replica) for replica in cluster.replicas[1:]]
        time.sleep(12)
        cluster.replicas[0].send(signal.SIGCONT)
        seen = [question.result() for question in others]
    wait_until(lambda: bool(asked))
    cluster.oura.faults.clear()
    renewals = cluster.oura.requests.count("oauth-token") - before
    assert renewals == 1, "one renewal for all"
    tally = Tally()
    for each in (*asked, *seen):
        tally.add(each)
    tally.require(_RENEWING)
    wait_until_well(cluster, [member])
    return Finding(f"{tally.describe()}; one renewal for all", describe_damage(cluster, [member]))


def pause(cluster: Cluster) -> Finding:
    """A replica stands still: its questions wait, and the balancer goes around it."""
    members = cluster.regulars(3)
    with keep_asking(members) as tally:
        cluster.replicas[0].send(signal.SIGSTOP)
        time.sleep(5)
        cluster.replicas[0].send(signal.SIGCONT)
        wait_until_well(cluster, members)
    tally.require(*_GATEWAY_ERRORS)
    return Finding(tally.describe(), describe_damage(cluster, members))


def _set_clock(cluster: Cluster, error_s: int) -> Finding:
    """G3: whichever replica renews, each token is spent once, and no one reads "revoked"."""
    members = cluster.regulars(2)
    replica = cluster.replicas[1]
    replica.set_clock(error_s)
    time.sleep(2)  # the clock of the process is read again once a second
    try:
        with keep_asking(members, forgets=True) as tally:
            for _ in range(5):
                for member in members:
                    member.expire_token()
                asked = tally.count()
                wait_until(lambda n=asked: tally.count() > n + 6)
    finally:
        replica.set_clock(0)
    time.sleep(2)
    wait_until_well(cluster, members)
    tally.require()
    return Finding(tally.describe(), describe_damage(cluster, members))


def set_clock_ahead(cluster: Cluster) -> Finding:
    """One replica is ten minutes ahead."""
    return _set_clock(cluster, 600)


def set_clock_behind(cluster: Cluster) -> Finding:
    """One replica is ten minutes behind."""
    return _set_clock(cluster, -600)


def stop_under_load(cluster: Cluster) -> Finding:
    """G17: answers under way end whole, then the process ends."""
    members = cluster.regulars(2)
    replica = cluster.replicas[0]
    for member in members:
        member.forget()
    cluster.oura.faults.add("delay", 3, path="usercollection")
    before = cluster.oura.requests.count("usercollection")
    with ThreadPoolExecutor(8) as pool:
        questions = [
            pool.submit(members[number % 2].ask, replica, start=f"last {number + 1} days")
            for number in range(8)
        ]
        wait_until(lambda: cluster.oura.requests.count("usercollection") > before)
        time.sleep(0.5)
        replica.stop()
        tally = Tally()
        for question in questions:
            tally.add(question.result())
    cluster.oura.faults.clear()
    replica.start()
    tally.require()
    return Finding(tally.describe(), describe_damage(cluster, members))


def restart_all(cluster: Cluster) -> Finding:
    """One after the other: the balancer sends questions to those that are ready."""
    members = cluster.regulars(3)
    with keep_asking(members) as tally:
        for replica in cluster.replicas:
            replica.stop()
            replica.start()
            time.sleep(3)  # the balancer has to notice
        wait_until_well(cluster, members)
    tally.require("HTTP 503")
    return Finding(tally.describe(), describe_damage(cluster, members))


def restart_balancer(cluster: Cluster) -> Finding:
    """While it is away no one reaches the service; afterwards all do."""
    assert cluster.balancer is not None
    members = cluster.regulars(2)
    with keep_asking(members) as tally:
        cluster.balancer.stop()
        time.sleep(1)
        cluster.balancer.start()
        wait_until_well(cluster, members)
    tally.require(*_GATEWAY_ERRORS)
    return Finding(tally.describe(), describe_damage(cluster, members))
