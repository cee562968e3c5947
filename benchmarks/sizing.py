"""How large a service has to be for so many people, computed from inputs that say whence they are.

``python benchmarks/sizing.py`` writes the tables of ``docs/explanation/sizing.md``;
``--write`` puts them into the page, and ``questions=4 rooms=…`` changes inputs by their names.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/explanation/sizing.md"
PEOPLE = (100, 1_000, 10_000, 100_000, 1_000_000)
DAY_S = 86_400
_WORKERS = 1  # in each shard
BEGIN, END = "<!-- sizing: {} -->", "<!-- end -->"


def given(value: float, unit: str, source: str) -> float:
    """An input with its unit and where it comes from."""
    described: float = field(default=value, metadata={"unit": unit, "source": source})
    return described


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the tables are computed from."""

    questions: float = given(6, "questions a person and day", "assumed")
    sessions: float = given(2, "sessions a person and day, five minutes and more apart", "assumed")
    busiest_hour: float = given(0.15, "of a day's questions in its busiest hour", "assumed")
    unevenness: float = given(1.5, "times as much in the busiest five minutes of it", "assumed")
    oura_requests: float = given(
        9, "requests to Oura a session", "`bench_sizing.py`, `bench_questions.py`"
    )
    oura_limit: float = given(
        4_500, "requests in five minutes and application", "`ANNULET_OURA_REQUESTS`; Oura: 5,000"
    )
    replica_ms: float = given(
        2.1, "ms of a core a question, documents in memory", "`bench_sizing.py`"
    )
    first_ms: float = given(33, "ms of a core the first question of a session", "`bench_sizing.py`")
    database_ms: float = given(0.3, "ms of a core of the database a question", "`bench_sizing.py`")
    statements: float = given(2.0, "statements a question", "`bench_sizing.py`")
    busy: float = given(0.5, "of a core in use at most", "assumed: so that waits stay short")
    fewest: float = given(3, "replicas at least", "decision 33")
    base_mb: float = given(134, "MB of a replica with one person", "`bench_sizing.py`")
    person_kb: float = given(46, "kB of memory for each person who asks", "`bench_sizing.py`")
    contexts_mb: float = given(64, "MB at most for them in a replica", "`ANNULET_CONTEXTS_MB`")
    kept_min: float = given(
        5, "minutes that documents stay in memory", "`client/response_cache.py`"
    )
    pool: float = given(10, "connections of a process to the database", "`ANNULET_DATABASE_POOL`")
    jobs_pool: float = given(
        4, "connections of a process for jobs", "`jobs/procrastinate_runner.py`"
    )
    disk_kb: float = given(2.5, "kB in the database a person", "`bench_sizing.py`")
    audit_bytes: float = given(
        340, "bytes in the database an entry of the audit log", "measured with 20,000 entries"
    )
    audit_days: float = given(400, "days that entries are kept", "`ANNULET_AUDIT_DAYS`")
    token_days: float = given(
        1, "days that an access token of Oura lives", "Oura says 1 and 30; the shorter one"
    )
    shard_people: float = given(
        100_000, "people a shard", "chosen: a database that is restored in an hour"
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What so many people need."""

    people: int
    given: Inputs

    @property
    def peak_share(self) -> float:
        """The share of a day's questions that comes in its busiest five minutes."""
        return self.given.busiest_hour / 12 * self.given.unevenness

    @property
    def questions_s(self) -> float:
        """Questions a second in the busiest five minutes."""
        return self.people * self.given.questions * self.peak_share / 300

    @property
    def oura_in_five_min(self) -> float:
        """Requests to Oura in the busiest five minutes."""
        return self.people * self.given.sessions * self.given.oura_requests * self.peak_share

    @property
    def applications(self) -> int:
        """Applications at Oura that this takes; no two shards share one."""
        return self.shards * math.ceil(self.oura_in_five_min / self.shards / self.given.oura_limit)

    @property
    def cores(self) -> float:
        """Cores that questions keep busy in the busiest five minutes."""
        first = self.given.sessions / self.given.questions
        mean_ms = first * self.given.first_ms + (1 - first) * self.given.replica_ms
        return self.questions_s * mean_ms / 1000

    @property
    def replicas(self) -> int:
        """Replicas of one core in all shards, one more in each than needed, so that one may end."""
        needed = math.ceil(self.cores / self.shards / self.given.busy)
        return self.shards * max(int(self.given.fewest), needed + 1)

    @property
    def connections(self) -> int:
        """Connections to the database of one shard, while one replica more is rolled out."""
        processes = self.replicas // self.shards + 1 + _WORKERS
        return int(processes * (self.given.pool + self.given.jobs_pool))

    @property
    def replica_mb(self) -> float:
        """Memory of a replica, those who ask within the time that documents are kept among it."""
        # of those whose session began within the time that documents are kept
        active = self.people * self.given.sessions * self.peak_share * self.given.kept_min / 5
        mine = active / self.replicas * self.given.person_kb / 1024
        return self.given.base_mb + min(mine, self.given.contexts_mb)

    @property
    def database_cores(self) -> float:
        """Cores that the databases keep busy."""
        return self.questions_s * self.given.database_ms / 1000

    @property
    def disk_gb(self) -> float:
        """Disk of all databases: people and audit log."""
        entries = self.people * self.given.questions * self.given.audit_days
        return (self.people * self.given.disk_kb * 1024 + entries * self.given.audit_bytes) / 1e9

    @property
    def renewals_s(self) -> float:
        """Renewals of tokens a second, all day."""
        return self.people / (self.given.token_days * DAY_S)

    @property
    def shards(self) -> int:
        """Shards that this is divided into."""
        return math.ceil(self.people / self.given.shard_people)

    def limit_of_one_application(self) -> int:
        """The people for whom one application is enough."""
        alone = replace(self, people=1)
        return int(self.given.oura_limit / alone.oura_in_five_min)


COLUMNS: tuple[tuple[str, Callable[[Size], str]], ...] = (
    ("people", lambda s: f"{s.people:,}"),
    ("questions a second, busiest five minutes", lambda s: number(s.questions_s)),
    ("requests to Oura in them", lambda s: number(s.oura_in_five_min)),
    ("applications at Oura", lambda s: f"{s.applications}"),
    ("cores busy", lambda s: number(s.cores)),
    ("replicas of one core, of all shards", lambda s: f"{s.replicas}"),
    ("MB a replica", lambda s: f"{s.replica_mb:.0f}"),
    ("connections to the database of a shard", lambda s: f"{s.connections}"),
    ("databases: statements a second", lambda s: number(s.questions_s * s.given.statements)),
    ("databases: cores busy", lambda s: number(s.database_cores)),
    ("databases: GB", lambda s: number(s.disk_gb)),
    ("renewals a second", lambda s: number(s.renewals_s)),
    ("shards", lambda s: f"{s.shards}"),
)


def number(value: float) -> str:
    """A figure with two digits that count.

    >>> number(0.0123), number(4.56), number(1234.5)
    ('0.012', '4.6', '1,200')
    """
    if value == 0:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, digits)}f}"


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows as a Markdown table; the first one is its head."""
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + " --- |" * head.count(" | ") + " --- |", *body])


def inputs_table(given_values: Inputs) -> str:
    """Every input, its unit and its source."""
    rows = [
        (
            f"`{f.name}`",
            f"{getattr(given_values, f.name):,g}",
            f.metadata["unit"],
            f.metadata["source"],
        )
        for f in fields(Inputs)
    ]
    return table([("input", "value", "is", "from"), *rows])


def sizes_table(given_values: Inputs) -> str:
    """One line a figure, one column a number of people."""
    sizes = [Size(people, given_values) for people in PEOPLE]
    return table((name, *(show(size) for size in sizes)) for name, show in COLUMNS)


def ceiling_table(given_values: Inputs) -> str:
    """How many people one application is enough for, by how they use it."""
    rows = [("sessions a day", *(f"{n} requests a session" for n in (2, 9, 16)))]
    for sessions in (1, 2, 4, 8):
        changed = [replace(given_values, sessions=sessions, oura_requests=n) for n in (2, 9, 16)]
        limits = (Size(1, each).limit_of_one_application() for each in changed)
        rows.append((str(sessions), *(number(limit) for limit in limits)))
    return table(rows)


def tables(given_values: Inputs) -> dict[str, str]:
    """Every table of the page, by its name there."""
    return {
        "inputs": inputs_table(given_values),
        "sizes": sizes_table(given_values),
        "ceiling": ceiling_table(given_values),
    }


def fill(page: str, given_values: Inputs) -> str:
    """The page with its tables written anew."""
    for name, text in tables(given_values).items():
        mark = BEGIN.format(name)
        page = re.sub(
            f"{re.escape(mark)}.*?{re.escape(END)}", f"{mark}\n{text}\n{END}", page, flags=re.DOTALL
        )
    return page


def main(arguments: list[str]) -> int:
    """Print the tables, or write them into the page."""
    pairs = [argument.split("=", 1) for argument in arguments if "=" in argument]
    given_values = replace(Inputs(), **{name: float(value) for name, value in pairs})
    if "--write" in arguments:
        PAGE.write_text(fill(PAGE.read_text("utf-8"), given_values), "utf-8")
        return 0
    print("\n\n".join(tables(given_values).values()))
    limit = Size(1, given_values).limit_of_one_application()
    print(f"\nOne application is enough for {limit:,} people.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
