"""What a fault has cost: connections with Oura, entries of the audit log, refresh tokens."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.hosted.audit.audit_actions import AuditAction
from cluster.members import Member, wait_until
from cluster.tally import ANSWER

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster


def wait_until_well(cluster: Cluster, members: Sequence[Member]) -> None:
    """Wait until every replica is ready and answers every member anew, with a renewed token."""
    wait_until(lambda: all(replica.is_ready() for replica in cluster.replicas))
    for member in members:
        member.expire_token()
        for replica in cluster.replicas:
            member.forget()
            wait_until(lambda m=member, r=replica: m.ask(r).outcome == ANSWER)


def describe_damage(cluster: Cluster, members: Sequence[Member], *, allowed: int = 0) -> str:
    """Check that nothing was lost, or no more than is allowed, and say it.

    Args:
        cluster: Where.
        members: Whose connections have to be whole, and whose answers have to be in the audit log.
        allowed: How many entries may be missing.
    """
    broken = cluster.sql(
        "SELECT login FROM connections JOIN people ON people.id = person_id WHERE login = ANY($1) "
        "AND (sealed IS NULL OR needs_reconnect IS NOT NULL OR lease_owner IS NOT NULL)",
        [member.login for member in members],
    )
    assert not broken, f"connections of {broken} are lost"
    rings = {member.ring for member in members}
    reused = [
        request
        for request in cluster.oura.requests
        if request.outcome == "reused" and request.person in rings
    ]
    assert not reused, "a refresh token was spent twice"
    errors = [line for line in cluster.read_new_logs().splitlines() if '"level": "error"' in line]
    assert not errors, errors[:3]
    missing = _count_missing_entries(cluster, members)
    assert missing <= allowed, f"{missing} answers are not in the audit log"
    return f"{missing} entries of the audit log" if missing else "nothing"


def _count_missing_entries(cluster: Cluster, members: Sequence[Member]) -> int:
    """Count the answers that the audit log does not have, each once."""
    for replica in cluster.replicas:
        # a reader of the log sees every entry, so this page writes those that wait
        headers = {"host": cluster.host}
        assert cluster.admin.http.get(f"{replica.url}/audit", headers=headers).status_code == 200
    rows = cluster.sql(
        "SELECT login, count(*) FROM audit JOIN people ON people.id = person_id "
        "WHERE login = ANY($1) AND action = $2 AND status = 'ok' GROUP BY login",
        [member.login for member in members],
        str(AuditAction.TOOL_CALLED),
    )
    written = dict(map(tuple, rows))
    missing = 0
    for member in members:
        missing += max(0, member.answers - written.get(member.login, 0))
        member.answers = written.get(member.login, 0)
    return missing
