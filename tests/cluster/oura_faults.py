"""Oura is slow, fails, limits, or loses answers."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.damage import describe_damage, wait_until_well
from cluster.members import Member, keep_asking, wait_until
from cluster.tally import ANSWER, Finding, Tally

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster

_DATA = "usercollection"
_RENEWAL = "oauth-token"


def _ask_while(cluster: Cluster, questions: int, *allowed: str, **fault: Any) -> Finding:
    """Let people ask Oura anew while a fault lasts, and look at everything afterwards."""
    members = cluster.regulars(2)
    with keep_asking(members, forgets=True) as tally:
        cluster.oura.faults.add(path=_DATA, **fault)
        seen = len(tally.list())
        wait_until(lambda: len(tally.list()) >= seen + questions)
        cluster.oura.faults.clear()
        wait_until_well(cluster, members)
    tally.require(*allowed)
    return Finding(tally.describe(), describe_damage(cluster, members))


def be_slow(cluster: Cluster) -> Finding:
    """A slow page is waited for."""
    return _ask_while(cluster, 4, "oura_unavailable", kind="delay", value=8)


def fail_often(cluster: Cluster) -> Finding:
    """A request that failed is repeated."""
    return _ask_while(cluster, 12, "oura_unavailable", kind="status", value=500, probability=0.5)


def be_down(cluster: Cluster) -> Finding:
    """An outage of Oura is said, and outlived."""
    return _ask_while(cluster, 4, "oura_unavailable", kind="status", value=503)


def limit(cluster: Cluster) -> Finding:
    """Oura's limit is said, with the time to wait."""
    fault = {"kind": "status", "value": 429, "retry_after": "2", "times": 30}
    return _ask_while(cluster, 4, "rate_limited", **fault)


def cut(cluster: Cluster) -> Finding:
    """A connection that was cut is tried again."""
    return _ask_while(cluster, 12, "oura_unavailable", kind="cut", probability=0.3)


def refuse_once(cluster: Cluster) -> Finding:
    """G9: one 403 on one replica; a success on another one ends what the pages say."""
    (member,) = cluster.regulars(1)
    cluster.oura.faults.add("status", 403, path=_DATA, person=member.ring)
    member.forget()
    first = member.ask(cluster.replicas[0])
    assert first.outcome == "membership_inactive", first
    cluster.oura.faults.clear()
    member.forget()
    assert member.ask(cluster.replicas[1]).outcome == ANSWER
    for replica in cluster.replicas:
        browser = member.browser_at(replica)
        assert "membership" not in browser.get("/dashboard").casefold()
        browser.close()
    return Finding(f"`{first.outcome}`, then answers, and no page speaks of it any more")


def revoke_at_oura(cluster: Cluster) -> Finding:
    """Once one replica has learned it, none answers from memory."""
    member = cluster.new_member()
    for replica in cluster.replicas:
        assert member.ask(replica).outcome == ANSWER
    cluster.oura.revoke_grants(member.ring)
    first, *others = cluster.replicas
    seen = [member.ask(first, tool="oura_trends")]
    seen += [member.ask(replica) for replica in others]
    assert {each.outcome for each in seen} == {"needs_reconnect"}, seen
    return Finding(f"on every replica: “{seen[0].message}”", "what the person has ended")


def renew_slowly(cluster: Cluster) -> Finding:
    """All replicas need a new token at once: one of them renews, and all answer."""
    (member,) = cluster.regulars(1)
    tally = _renew_everywhere(cluster, member, kind="delay", value=6)
    tally.require()
    return Finding(f"{tally.describe()}; one renewal for all", describe_damage(cluster, [member]))


def renew_later(cluster: Cluster) -> Finding:
    """A renewal that Oura did not make is tried again, and costs nothing."""
    (member,) = cluster.regulars(1)
    tally = _renew_everywhere(cluster, member, renewals=None, kind="status", value=503, times=1)
    tally.require("oura_unavailable")
    wait_until_well(cluster, [member])
    return Finding(tally.describe(), describe_damage(cluster, [member]))


def lose_renewal(cluster: Cluster) -> Finding:
    """Oura has spent the old token and the new one never came: the sentence says just that."""
    member = cluster.new_member()
    tally = _renew_everywhere(cluster, member, renewals=None, kind="cut", after=True, times=1)
    while tally.count("needs_reconnect") == 0:
        tally.add(member.ask())
        time.sleep(0.5)
    (refusal, *_) = tally.list("needs_reconnect")
    assert "interrupted" in refusal.message, refusal.message
    return Finding(
        f"{tally.describe()}; “{refusal.message}”",
        "the connection of one person, who connects again",
    )


def _renew_everywhere(
    cluster: Cluster, member: Member, *, renewals: int | None = 1, **fault: Any
) -> Tally:
    for replica in cluster.replicas:
        assert member.ask(replica).outcome == ANSWER
    member.expire_token()
    member.forget()
    before = cluster.oura.requests.count(_RENEWAL)
    cluster.oura.faults.add(path=_RENEWAL, **fault)
    tally = Tally()
    with ThreadPoolExecutor(len(cluster.replicas)) as pool:
        for seen in pool.map(member.ask, cluster.replicas):
            tally.add(seen)
    cluster.oura.faults.clear()
    made = cluster.oura.requests.count(_RENEWAL) - before
    assert renewals is None or made == renewals, f"{made} renewals"
    return tally
