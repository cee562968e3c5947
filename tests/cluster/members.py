"""People of the cluster: each with a ring, a browser, an assistant and an address of their own."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "end_to_end" / "hosted"))
from service import PASSWORD, Person

from cluster.tally import ANSWER, CUT, Seen, Tally, read_response

if TYPE_CHECKING:
    from cluster.programs import Program
    from cluster.three_replicas import Cluster


SUMMARY = "oura_daily_summary"


class Member(Person):
    """A person who has signed up, connected a ring and made an endpoint with a key.

    Attributes:
        answers: How many answers the assistant got.

    Args:
        cluster: Where.
        number: Gives the ring, the login and the address on loopback.
    """

    def __init__(self, cluster: Cluster, number: int) -> None:
        self.cluster, self.address = cluster, f"127.0.1.{number}"
        self.ring = f"ring{number}"
        self.login = f"member{number}@example.net"
        self.answers, self._lock = 0, threading.Lock()
        cluster.oura.add_person(self.ring, days=40, seed=number)
        super().__init__(cluster.url, self.address)
        self.get("/sign-up")
        self.submit("/sign-up", login=self.login, password=PASSWORD, timezone="UTC")
        assert "Successful connection" in self.connect(self.ring), self.page.text
        self.get("/endpoints/new")
        self.submit("/endpoints", kind="other", auth="key", name="Shell")
        self.endpoint = str(self.page.url).rsplit("/", 1)[1]
        self.submit(f"/endpoints/{self.endpoint}/keys", lifetime="90", scope="oura:read")
        key = re.search(r"annulet_[\w-]{43}", self.page.text)
        assert key is not None, self.page.text
        self.key = key.group(0)
        self._assistant = httpx2.Client(
            transport=httpx2.HTTPTransport(local_address=self.address), timeout=120
        )

    def browser_at(self, program: Program) -> Person:
        """A browser with the same cookies that visits one replica directly."""
        browser = Person(program.url, self.address, host=self.cluster.host)
        browser.http.cookies = self.http.cookies
        return browser

    def ask(self, program: Program | None = None, tool: str = SUMMARY, **arguments: Any) -> Seen:
        """Ask a question at one replica, or through the balancer."""
        url = program.url if program is not None else self.cluster.url
        call = {"name": tool, "arguments": arguments}
        sent = time.monotonic()
        try:
            response = self._assistant.post(
                f"{url}/mcp/{self.endpoint}",
                json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
                headers={
                    "authorization": f"Bearer {self.key}",
                    "accept": "application/json, text/event-stream",
                    "host": self.cluster.host,
                },
            )
        except httpx2.TransportError as error:
            return Seen(CUT, {}, sent, time.monotonic(), repr(error))
        seen = read_response(sent, response)
        if seen.outcome == ANSWER:
            with self._lock:
                self.answers += 1
        return seen

    def expire_token(self) -> None:
        """Let Oura end the access token, so that the next new question has to renew it."""
        self.cluster.oura.expire_tokens(self.ring)

    def forget(self) -> None:
        """Let every replica forget what it has read, as an event of Oura does."""
        self.cluster.sql(
            "UPDATE connections SET data_at = coalesce(data_at, 0) + 1 "
            "WHERE person_id = (SELECT id FROM people WHERE login = $1)",
            self.login,
        )

    def close(self) -> None:
        """Close browser and assistant."""
        self._assistant.close()
        super().close()


@contextmanager
def keep_asking(
    members: Sequence[Member],
    program: Program | None = None,
    *,
    pause_s: float = 0.1,
    forgets: bool = False,
) -> Iterator[Tally]:
    """Let every member ask again and again while the block lasts.

    Args:
        members: Who asks.
        program: The replica; the balancer without one.
        pause_s: Between an outcome and the next question.
        forgets: Whether each question is asked at Oura, and none is answered from memory.
    """
    tally, is_over = Tally(), threading.Event()

    def ask(member: Member) -> None:
        while not is_over.is_set():
            if forgets:
                member.forget()
            tally.add(member.ask(program))
            is_over.wait(pause_s)

    threads = [threading.Thread(target=ask, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: tally.count() >= 2 * len(members))
        yield tally
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def wait_until(condition: Any, limit_s: float = 90) -> None:
    """Wait for a state."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the state does not come"
        time.sleep(0.02)
