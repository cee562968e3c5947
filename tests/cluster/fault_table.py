"""The faults as data: what happens, and which test holds what the people then see."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster import consent_faults as consent
from cluster import database_faults as database
from cluster import load_faults as load
from cluster import oura_faults as oura
from cluster import process_faults as process

if TYPE_CHECKING:
    from cluster.tally import Finding
    from cluster.three_replicas import Cluster


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the page.

    Attributes:
        name: Of the test's parameter.
        title: What happens, in words.
        run: Makes it happen, asserts what has to hold, and returns what was seen.
        needs: The program without which it cannot happen.
    """

    name: str
    title: str
    run: Callable[[Cluster], Finding]
    needs: str = ""


FAULTS: Final = (
    Fault("disconnection", "a person disconnects on one replica", consent.disconnect),
    Fault("another-ring", "and connects another ring there", consent.connect_another),
    Fault("key-revoked", "an API key is revoked on one replica", consent.revoke_key),
    Fault("tool-off", "a tool is switched off on one replica", consent.switch_tool_off),
    Fault("zone", "a time zone is changed on one replica", consent.change_zone),
    Fault("endpoint-deleted", "an endpoint is deleted on one replica", consent.delete_endpoint),
    Fault("disabled", "an admin disables a person on one replica", consent.disable_person),
    Fault("deleted", "a person deletes the account on one replica", consent.delete_account),
    Fault("session-ended", "a person signs out on one replica", consent.sign_out),
    Fault(
        "assistant-revoked",
        "an assistant's access is ended on one replica",
        consent.revoke_assistant,
    ),
    Fault("code-replayed", "a code is used again on another replica", consent.replay_code),
    Fault(
        "client-new",
        "a client registers on one replica and signs in on others",
        consent.register_client,
    ),
    Fault("event", "Oura's event about new data reaches one replica", consent.receive_event),
    Fault("revoked-at-oura", "a person ends access in Oura's app", oura.revoke_at_oura),
    Fault(
        "two-admins", "two admins disable each other on two replicas", consent.disable_each_other
    ),
    Fault("database-3-s", "the database is away for 3 s", database.be_away_3_s, "PostgreSQL"),
    Fault("database-30-s", "the database is away for 30 s", database.be_away_30_s, "PostgreSQL"),
    Fault("database-crash", "the database crashes and recovers", database.crash, "PostgreSQL"),
    Fault(
        "database-in-renewal",
        "the database goes while Oura renews a token",
        database.be_away_in_renewal,
        "PostgreSQL",
    ),
    Fault("pgbouncer", "pgbouncer is restarted", database.restart_pooler, "pgbouncer"),
    Fault(
        "locked-row",
        "another transaction keeps one person's rows locked for 6 s",
        database.lock_rows,
    ),
    Fault("killed", "a replica is killed (`kill -9`)", process.kill),
    Fault(
        "killed-in-renewal",
        "a replica is killed while Oura renews a token",
        process.kill_in_renewal,
    ),
    Fault(
        "paused-in-renewal",
        "a replica stands still for 12 s while Oura renews a token",
        process.pause_in_renewal,
    ),
    Fault("paused", "a replica stands still for 5 s", process.pause),
    Fault(
        "clock-ahead", "the clock of a replica is 10 min ahead", process.set_clock_ahead, "faketime"
    ),
    Fault(
        "clock-behind",
        "the clock of a replica is 10 min behind",
        process.set_clock_behind,
        "faketime",
    ),
    Fault(
        "sigterm", "a replica is stopped while it answers eight questions", process.stop_under_load
    ),
    Fault(
        "rolling-restart", "all replicas are restarted one by one", process.restart_all, "haproxy"
    ),
    Fault("balancer", "the balancer is restarted", process.restart_balancer, "haproxy"),
    Fault("first-time", "a new client registers on all replicas at once", load.register_at_once),
    Fault("busy", "ten people ask 15 questions a second and open their pages", load.ask_much),
    Fault("typing-errors", "another address guesses a password 33 times", load.guess),
    Fault("greedy", "one person asks 24 questions at a time", load.be_greedy),
    Fault("connections", "all replicas are busy at once", load.count_connections),
    Fault("slow-oura", "Oura takes 8 s for a page", oura.be_slow),
    Fault("oura-500", "Oura answers 500 to every second request", oura.fail_often),
    Fault("oura-down", "Oura answers 503 to everything for 5 s", oura.be_down),
    Fault("oura-429", "Oura limits the application (429)", oura.limit),
    Fault("oura-cut", "Oura cuts connections without an answer", oura.cut),
    Fault(
        "membership", "Oura answers one request with 403, and later ones again", oura.refuse_once
    ),
    Fault(
        "renewal-slow",
        "Oura takes 6 s to renew a token, and all replicas need it",
        oura.renew_slowly,
    ),
    Fault("renewal-503", "Oura answers 503 to a renewal", oura.renew_later),
    Fault("renewal-lost", "Oura's answer to a renewal is lost", oura.lose_renewal),
)
