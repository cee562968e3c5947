"""Consent that changes on one replica while the others answer."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from annulet.contract.scopes import SCOPES
from cluster.assistant import SignedInAssistant
from cluster.members import PASSWORD, Member, Person, wait_until
from cluster.tally import ANSWER, Finding, Seen

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster


def obey(
    cluster: Cluster,
    ask: Callable[[int], Seen],
    change: Callable[[], object],
    is_obeyed: Callable[[Seen], bool],
) -> Finding:
    """Change something on the first replica while every replica is asked without a pause.

    Every question that is asked after the change was confirmed has to obey it.

    Args:
        cluster: Where.
        ask: Asks the replica of this number.
        change: Makes the change, and returns when the service has confirmed it.
        is_obeyed: Whether an outcome is one of the new state.
    """
    seen: list[Seen] = []
    is_over = threading.Event()

    def ask_on(number: int) -> None:
        while not is_over.is_set():
            seen.append(ask(number))

    threads = [
        threading.Thread(target=ask_on, args=(number,)) for number in range(len(cluster.replicas))
    ]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(seen) > 12)
        assert not any(is_obeyed(each) for each in seen), seen[:3]
        change()
        confirmed = time.monotonic()
        wait_until(lambda: sum(each.sent > confirmed for each in list(seen)) > 12)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    late = [each for each in seen if not is_obeyed(each)]
    assert not [each for each in late if each.sent > confirmed], late[-3:]
    staleness_s = max(0.0, max(each.received for each in late) - confirmed)
    obeyed = {each.outcome for each in seen if each.sent > confirmed}
    return Finding(
        f"every later question on every replica gets `{'`, `'.join(sorted(obeyed))}`; the last old "
        f"answer arrived {1000 * staleness_s:.0f} ms after the change was confirmed"
    )


def obey_as(
    cluster: Cluster, member: Member, action: Callable[[Person], object], *ends: str
) -> Finding:
    """Change something in the person's browser on the first replica, and ask with the key.

    Args:
        cluster: Where.
        member: Who changes and who asks.
        action: What the person does.
        ends: The outcomes of the new state.
    """
    browser = member.browser_at(cluster.replicas[0])
    finding = obey(
        cluster,
        lambda number: member.ask(cluster.replicas[number]),
        lambda: action(browser),
        lambda seen: seen.outcome in ends,
    )
    browser.close()
    return finding


def disconnect(cluster: Cluster) -> Finding:
    """G1: no replica answers after a disconnection."""
    return obey_as(cluster, cluster.new_member(), _disconnect, "not_connected")


def _disconnect(browser: Person) -> None:
    browser.get("/dashboard")
    browser.submit("/toolkits/oura/disconnect")
    assert browser.page.status_code == 200, browser.page.text


def connect_another(cluster: Cluster) -> Finding:
    """G1: after another consent no replica mixes two people's nights."""
    member = cluster.new_member()
    ring = cluster.oura.add_person(f"{member.ring}-other", days=40, seed=900)
    before = member.ask().answer["table"]

    def change() -> None:
        browser = member.browser_at(cluster.replicas[0])
        _disconnect(browser)
        browser.close()
        member.get("/dashboard")
        member.submit("/connect/oura")
        answer = {"person": ring.name, "decision": "allow", "scopes_shown": "1"}
        member.post(str(member.page.url), {**answer, "scope": list(SCOPES)})
        assert "Successful connection" in member.page.text

    return obey(
        cluster,
        lambda number: member.ask(cluster.replicas[number]),
        change,
        lambda seen: seen.answer.get("table") != before,
    )


def revoke_key(cluster: Cluster) -> Finding:
    """A revoked key opens nothing anywhere."""

    def revoke(browser: Person) -> None:
        path = re.search(r"/keys/[0-9a-f]+/revoke", browser.get("/keys"))
        assert path is not None
        browser.submit(path.group(0))

    return obey_as(cluster, cluster.new_member(), revoke, "HTTP 401")


def switch_tool_off(cluster: Cluster) -> Finding:
    """A tool that was switched off answers nowhere."""
    member = cluster.new_member()

    def switch(browser: Person) -> None:
        browser.get(f"/endpoints/{member.endpoint}")
        browser.submit(f"/endpoints/{member.endpoint}/tools", tool=["oura_trends"])

    return obey_as(cluster, member, switch, "bad_input")


def change_zone(cluster: Cluster) -> Finding:
    """G7: the next answer of every replica is in the new zone."""
    member = cluster.new_member()
    browser = member.browser_at(cluster.replicas[0])

    def change() -> None:
        browser.get("/account")
        browser.submit("/account/profile", name="Anna", timezone="Asia/Tokyo")

    finding = obey(
        cluster,
        lambda number: member.ask(cluster.replicas[number]),
        change,
        lambda seen: seen.answer["period"]["timezone"] == "Asia/Tokyo",
    )
    browser.close()
    return finding


def delete_endpoint(cluster: Cluster) -> Finding:
    """A deleted endpoint answers nowhere."""
    member = cluster.new_member()

    def delete(browser: Person) -> None:
        browser.get(f"/endpoints/{member.endpoint}")
        browser.submit(f"/endpoints/{member.endpoint}/delete")

    return obey_as(cluster, member, delete, "HTTP 401", "HTTP 404")


def _as_admin(cluster: Cluster, member: Member, end: str) -> None:
    browser = cluster.admin.browser_at(cluster.replicas[0])
    row = browser.get("/admin").split(member.login, 1)[1]
    path = re.search(rf"/admin/people/[0-9a-f]+/{end}", row)
    assert path is not None
    browser.submit(path.group(0))
    browser.close()


def disable_person(cluster: Cluster) -> Finding:
    """A disabled person's assistant reads nothing anywhere."""
    member = cluster.new_member()
    return obey_as(cluster, member, lambda _: _as_admin(cluster, member, "disable"), "HTTP 401")


def delete_account(cluster: Cluster) -> Finding:
    """A deleted person's assistant reads nothing anywhere."""
    member = cluster.new_member()

    def delete(browser: Person) -> None:
        browser.get("/account")
        browser.submit("/account/delete", login=member.login)

    return obey_as(cluster, member, delete, "HTTP 401", "HTTP 404")


def sign_out(cluster: Cluster) -> Finding:
    """A session that was signed out opens no page anywhere."""
    member = cluster.new_member()
    browser = member.browser_at(cluster.replicas[0])
    visitors = [
        httpx2.Client(
            base_url=replica.url,
            headers={"host": cluster.host},
            cookies=dict(member.http.cookies),
            trust_env=False,
        )
        for replica in cluster.replicas
    ]

    def ask(number: int) -> Seen:
        sent = time.monotonic()
        status = visitors[number].get("/keys").status_code
        outcome = ANSWER if status == 200 else f"HTTP {status}"
        return Seen(outcome, {}, sent, time.monotonic())

    def change() -> None:
        browser.get("/account")
        browser.submit("/sign-out")

    finding = obey(cluster, ask, change, lambda seen: seen.outcome == "HTTP 303")
    for visitor in visitors:
        visitor.close()
    browser.close()
    return finding


def revoke_assistant(cluster: Cluster) -> Finding:
    """A token that was revoked on one replica opens nothing anywhere."""
    assistant = SignedInAssistant(cluster, cluster.new_member())
    return obey(
        cluster,
        assistant.ask,
        lambda: assistant.revoke(cluster.replicas[0]),
        lambda seen: seen.outcome == "HTTP 401",
    )


def replay_code(cluster: Cluster) -> Finding:
    """L1: a code that is used again ends what was issued for it, on every replica."""
    assistant = SignedInAssistant(cluster, cluster.new_member())

    def replay() -> None:
        assert assistant.redeem(cluster.replicas[0]).status_code == 400

    return obey(cluster, assistant.ask, replay, lambda seen: seen.outcome == "HTTP 401")


def register_client(cluster: Cluster) -> Finding:
    """A client that registered on one replica is known on the others at once."""
    assistant = SignedInAssistant(cluster, cluster.new_member())
    outcomes = {assistant.ask(number).outcome for number in range(len(cluster.replicas))}
    assert outcomes == {ANSWER}
    return Finding("registered on r1, consent on r2, token from r3, answers from all: no refusal")


def receive_event(cluster: Cluster) -> Finding:
    """G8: after an event on one replica every other asks Oura again."""
    member = cluster.new_member()
    browser = cluster.admin
    browser.get("/admin")
    browser.submit("/admin/updates/on")
    wait_until(lambda: "Oura sends events" in browser.get("/admin/updates"))
    for replica in cluster.replicas:
        assert member.ask(replica).outcome == ANSWER
    control = f"{cluster.oura_url}/_control/webhooks/deliver"
    event = {"person": member.ring, "data_type": "daily_sleep", "object_id": "o-1"}
    (delivery,) = httpx2.post(control, json=event, trust_env=False).json()
    assert delivery["status"] == 200
    for replica in cluster.replicas:
        before = cluster.oura.requests.count("usercollection")
        assert member.ask(replica).outcome == ANSWER
        assert cluster.oura.requests.count("usercollection") > before, replica.name
    return Finding("the next question on every replica is asked at Oura")


def disable_each_other(cluster: Cluster) -> Finding:
    """Of two admins who disable each other at the same moment, one stays."""
    login = "second-admin@example.net"
    made = cluster.annulet("admin", "create", login, "--password-stdin", text=PASSWORD)
    assert made.returncode == 0, made.stderr
    second = Person(cluster.url, "127.0.1.250")
    second.get("/sign-in")
    second.submit("/sign-in", login=login, password=PASSWORD)
    pages = {cluster.admin: login, second: cluster.admin.login}
    forms = []
    for number, (admin, login_of_rival) in enumerate(pages.items()):
        browser = Person(cluster.replicas[number].url, admin.address, host=cluster.host)
        browser.http.cookies = admin.http.cookies
        row = browser.get("/admin").split(login_of_rival, 1)[1]
        path = re.search(r"/admin/people/[0-9a-f]+/disable", row)
        assert path is not None
        forms.append((browser, path.group(0)))
    threads = [threading.Thread(target=browser.submit, args=(path,)) for browser, path in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    disabled = cluster.sql(
        "SELECT login FROM people WHERE role = 'admin' AND disabled_at IS NOT NULL"
    )
    cluster.sql("UPDATE people SET disabled_at = NULL WHERE role = 'admin'")
    cluster.sql("DELETE FROM people WHERE login = $1", login)
    for browser, _ in forms:
        browser.close()
    second.close()
    assert len(disabled) <= 1, disabled
    return Finding("one is disabled, the other reads why not; the service keeps an admin")
