"""Mail: confirmed addresses, new passwords, notices; nothing tells whether there is an account."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from annulet.hosted.database import tables
from annulet.hosted.database.tables import METADATA
from annulet.hosted.jobs.job_queue import JobQueue
from annulet.hosted.jobs.queue_worker import QueueWorker
from annulet.hosted.mail.mail_texts import MailKind, build_message
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parent))
from smtp_server import Mailbox, plain_text, running_smtp_server

PASSWORD = "correct horse battery"
ANNA = "anna@example.org"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A running SMTP server."""
    async with running_smtp_server() as running:
        yield running


@pytest.fixture
async def hosted(make_hosted, mailbox) -> AsyncIterator[Any]:
    """A service that sends mail, with an admin from the shell."""
    settings = {"smtp_url": Secret(mailbox.url), "mail_from": "annulet@example.org"}
    async with make_hosted(**settings, capacity=0).running() as running:
        await running.service.accounts.sign_up.create_from_shell(
            login="boss@example.org", password=PASSWORD, role="admin"
        )
        yield running


async def ask_to_sign_up(browser, login: str = ANNA, password: str = PASSWORD) -> str:
    await browser.get("/sign-up")
    await browser.submit("/sign-up", login=login, password=password)
    return browser.text


async def sign_in(browser, login: str = ANNA, password: str = PASSWORD) -> None:
    await browser.get("/sign-in")
    await browser.submit("/sign-in", login=login, password=password)


async def open_link(browser, message) -> None:
    """Open the link of a message, as it stands in its text."""
    (path,) = re.findall(r"http://127.0.0.1:8080(/\S+)", plain_text(message))[:1]
    await browser.get(path)


async def join(hosted, mailbox: Mailbox, login: str = ANNA) -> Any:
    """Sign up, and confirm the address."""
    browser = hosted.browser()
    await ask_to_sign_up(browser, login)
    await open_link(browser, await mailbox.receive())
    await browser.submit("/verify", password=PASSWORD)
    assert "Hello" in browser.text, browser.text
    return browser


async def jobs_are(hosted, is_reached) -> list[Any]:
    """Wait until the jobs that are left are as a test needs them."""
    while True:
        jobs = await hosted.rows(tables.jobs)
        if is_reached(jobs):
            return jobs
        await asyncio.sleep(0.01)


async def all_jobs_done(hosted) -> None:
    await jobs_are(hosted, lambda jobs: not jobs)


async def test_an_account_opens_with_the_link_and_the_password(hosted, mailbox) -> None:
    """Neither is enough alone; the link works once."""
    browser, anna = hosted.browser(), hosted.browser()
    assert "Look into your mail" in await ask_to_sign_up(browser)
    message = await mailbox.receive()
    assert (message["To"], message["From"]) == (ANNA, "annulet@example.org")
    assert message["X-Envelope-To"] == ANNA
    assert message.get_body(("html",)).get_content().count("http://127.0.0.1:8080/verify?") == 1
    await sign_in(anna)
    assert "not confirmed yet" in anna.text
    await open_link(anna, message)
    await anna.submit("/verify", password="not the right one")
    assert "not right" in anna.text
    await anna.submit("/verify", password=PASSWORD)
    assert "Hello" in anna.text
    assert (await hosted.rows(tables.people))[1]["verified_at"]
    await open_link(browser, message)
    assert browser.page.status_code == 404


async def test_pages_do_not_tell_who_has_an_account(hosted, mailbox) -> None:
    """Sign-up and a forgotten password look the same, and cost the same, for every address."""
    await join(hosted, mailbox)
    for page in ("/sign-up", "/forgot"):
        answers = []
        for login in (ANNA, "new@example.org"):
            browser = hosted.browser()
            await browser.get(page)
            answer = await browser.submit(page, login=login, password=PASSWORD)
            answers.append((answer.status_code, browser.text))
        assert answers[0] == answers[1]
    subjects = {(m["To"], m["Subject"]) for m in [await mailbox.receive() for _ in range(4)]}
    assert subjects == {
        (ANNA, "annulet: You already have an account"),
        (ANNA, "annulet: Set a new password"),
        ("new@example.org", "annulet: Confirm your e-mail address"),
        ("new@example.org", "annulet: Set a new password"),
    }


async def test_a_forgotten_password_of_no_account_sends_nothing(hosted, mailbox) -> None:
    """The job for an unknown address is done without a mail."""
    browser = hosted.browser()
    await browser.get("/forgot")
    await browser.submit("/forgot", login="unknown@example.org")
    assert "Look into your mail" in browser.text
    await all_jobs_done(hosted)
    assert mailbox.is_empty


async def test_a_squatter_gets_nothing(hosted, mailbox) -> None:
    """The owner's own sign-up replaces the password of one who signed up with their address."""
    eve, anna = hosted.browser("192.0.2.1"), hosted.browser()
    await ask_to_sign_up(eve, password="the squatter's password")
    first = await mailbox.receive()
    await ask_to_sign_up(anna)
    await mailbox.receive()
    await open_link(anna, first)
    await anna.submit("/verify", password="the squatter's password")
    assert "not right" in anna.text
    await anna.submit("/verify", password=PASSWORD)
    assert "Hello" in anna.text
    await sign_in(eve, password="the squatter's password")
    assert "not right" in eve.text


async def test_a_mailed_reset_ends_everything_else(hosted, mailbox) -> None:
    """Sessions, other links and the old password end; each link works once."""
    anna = await join(hosted, mailbox)
    messages = []
    for _ in range(3):
        browser = hosted.browser()
        await browser.get("/forgot")
        await browser.submit("/forgot", login=ANNA)
        messages.append(await mailbox.receive())
    fresh = hosted.browser()
    await open_link(fresh, messages[0])
    await fresh.submit("/reset", password="a whole new password")
    assert "Hello" in fresh.text
    for message in messages:
        late = hosted.browser()
        await open_link(late, message)
        assert late.page.status_code == 404
    await anna.get("/dashboard")
    assert "Sign in" in anna.text
    await sign_in(anna)
    assert "not right" in anna.text


async def test_a_mailed_reset_link_ends_after_an_hour(hosted, mailbox) -> None:
    """A link from an admin lasts for a day, one from a mail for an hour."""
    await join(hosted, mailbox)
    browser = hosted.browser()
    await browser.get("/forgot")
    await browser.submit("/forgot", login=ANNA)
    message = await mailbox.receive()
    hosted.clock.advance(minutes=61)
    await open_link(browser, message)
    assert browser.page.status_code == 404


async def test_no_token_stays_behind(hosted, mailbox, caplog, capfd) -> None:
    """Tokens of links are in the mail alone: not in the database, the jobs, the log."""
    caplog.set_level(logging.DEBUG)
    browser = hosted.browser()
    await ask_to_sign_up(browser)
    token = re.search(r"link=([\w-]{43})", plain_text(await mailbox.receive())).group(1)
    await all_jobs_done(hosted)
    rows = str([await hosted.rows(table) for table in METADATA.sorted_tables])
    printed = "".join(capfd.readouterr())
    for text in (rows, printed, *(record.getMessage() for record in caplog.records)):
        assert token not in text
    logged = "".join(r.getMessage() for r in caplog.records if r.name.startswith("annulet"))
    assert ANNA not in logged


async def test_notices_come_when_they_should(hosted, mailbox) -> None:
    """Approved, reconnect needed, and a new sign-in; a known browser makes none."""
    anna = await join(hosted, mailbox)
    await anna.register()
    await hosted.service.toolkit.queue.approve(
        (person := await hosted.service.accounts.people.find_by_login(ANNA)).id
    )
    await hosted.service.toolkit.connections.record_approvals([person.id])
    assert (await mailbox.receive())["Subject"] == "annulet: It is your turn: connect your ring"
    await anna.connect()
    statuses = hosted.service.toolkit.connection_statuses
    state = await statuses.read_state(person.id)
    for _ in range(2):
        await hosted.service.toolkit.read_health.record(person.id, "needs_reconnect", state)
    assert (await mailbox.receive())["Subject"] == "annulet: Reconnect your ring"
    await anna.submit("/sign-out")
    await sign_in(anna)
    elsewhere = hosted.browser()
    elsewhere.http.headers["user-agent"] = "Mozilla/5.0 (iPhone) Safari/605"
    await sign_in(elsewhere)
    text = plain_text(await mailbox.receive())
    assert "Safari on iPhone, 2026-05-20 09:00 (UTC)" in " ".join(text.split())
    await all_jobs_done(hosted)
    assert mailbox.is_empty


async def test_links_never_follow_a_host_header(hosted, mailbox) -> None:
    """A request for another host is refused, and what is mailed leads to the public address."""
    browser = hosted.browser()
    await browser.get("/forgot")
    form = browser.form("/forgot")
    for name in ("host", "x-forwarded-host"):
        await browser.post("/forgot", {**form, "login": "boss@example.org"}, headers={name: "evil"})
    text = plain_text(await mailbox.receive())
    assert "evil" not in text
    assert "http://127.0.0.1:8080/reset?link=" in text
    await all_jobs_done(hosted)
    assert mailbox.is_empty, "the request with another host sends nothing"


async def test_no_header_can_be_added(hosted, mailbox) -> None:
    """Line breaks in what people type reach no header of a mail."""
    browser = hosted.browser()
    for login in ("a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org"):
        assert "not an e-mail address" in await ask_to_sign_up(browser, login)
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        build_message(
            MailKind.RESET,
            sender="annulet@example.org",
            recipient="a@example.org\r\nBcc: b@example.org",
            public_url="https://ring.example.org",
            sent_at=hosted.clock(),
            facts={"token": "x"},
        )


async def test_mail_to_an_address_is_limited(hosted, mailbox) -> None:
    """A fourth mail within the hour is not sent, and the page does not tell."""
    for _ in range(5):
        browser = hosted.browser()
        await browser.get("/forgot")
        await browser.submit("/forgot", login="boss@example.org")
        assert "Look into your mail" in browser.text
    await all_jobs_done(hosted)
    for _ in range(3):
        await mailbox.receive()
    assert mailbox.is_empty


async def test_mail_that_others_ask_for_is_limited_by_mailbox(hosted, mailbox) -> None:
    """From however many addresses: three mails of a kind an hour, and the owner's reset besides."""
    await join(hosted, mailbox)
    for login in (ANNA, "new@example.org"):
        answers = set()
        for number in range(6):
            browser = hosted.browser(f"192.0.2.{number}")
            answers.add(await ask_to_sign_up(browser, login))
        assert len(answers) == 1
    browser = hosted.browser()
    await browser.get("/forgot")
    await browser.submit("/forgot", login=ANNA)
    await all_jobs_done(hosted)
    received = []
    while not mailbox.is_empty:
        message = await mailbox.receive()
        received.append((message["To"], message["Subject"].removeprefix("annulet: ")))
    assert sorted(received) == [
        (ANNA, "Set a new password"),
        *[(ANNA, "You already have an account")] * 3,
        *[("new@example.org", "Confirm your e-mail address")] * 3,
    ]
    hosted.clock.advance(minutes=61)
    await ask_to_sign_up(hosted.browser(), "new@example.org")
    assert (await mailbox.receive())["To"] == "new@example.org"


async def test_sign_ups_at_once_do_not_tell_who_has_an_account(hosted, mailbox) -> None:
    """Three at once are answered alike for a member, for a new address and for a waiting one."""
    await join(hosted, mailbox)
    await ask_to_sign_up(hosted.browser(), "waits@example.org")
    answers = {}
    for login in (ANNA, "new@example.org", "waits@example.org"):
        browsers = [hosted.browser() for _ in range(3)]
        for browser in browsers:
            await browser.get("/sign-up")
        fields = {"login": login, "password": PASSWORD}
        together = [browser.submit("/sign-up", **fields) for browser in browsers]
        statuses = [answer.status_code for answer in await asyncio.gather(*together)]
        answers[login] = statuses, {browser.text for browser in browsers}
    assert answers[ANNA][0] == [200, 200, 200]
    assert answers[ANNA] == answers["new@example.org"] == answers["waits@example.org"]
    people = [row["login"] for row in await hosted.rows(tables.people)]
    assert sorted(people) == [ANNA, "boss@example.org", "new@example.org", "waits@example.org"]


async def test_a_refused_mail_is_given_up_and_a_late_server_is_waited_for(
    hosted, mailbox, caplog
) -> None:
    """A recipient who does not exist is not asked again; a busy server is, later."""
    mailbox.reply = "550 no such mailbox"
    await ask_to_sign_up(hosted.browser())
    await all_jobs_done(hosted)
    assert mailbox.attempts == 1
    mailbox.reply = "451 busy"
    await ask_to_sign_up(hosted.browser(), "ben@example.org")
    await jobs_are(hosted, lambda jobs: jobs and mailbox.attempts == 2)
    await hosted.service.jobs.run_due()
    assert mailbox.is_empty
    mailbox.reply = "250 OK"
    while mailbox.is_empty:
        await hosted.service.database.execute(update(tables.jobs).values(run_at=0))
        await hosted.service.jobs.run_due()
    assert (await mailbox.receive())["To"] == "ben@example.org"
    assert not any("@" in record.getMessage() for record in caplog.records)


async def test_a_password_is_not_sent_in_the_clear(make_hosted, mailbox) -> None:
    """With smtp+tls a server without STARTTLS gets neither password nor mail."""
    url = mailbox.url.replace("smtp://", "smtp+tls://user:secret@")
    async with make_hosted(smtp_url=Secret(url)).running() as hosted:
        await hosted.browser().sign_up("boss@example.org")
        await ask_to_sign_up(hosted.browser())
        await jobs_are(hosted, lambda jobs: jobs and jobs[0]["attempts"])
    assert mailbox.attempts == 0


async def test_a_job_is_run_by_one_of_two_runners(hosted) -> None:
    """Two processes that look at the same time do not do the same work."""
    done: list[str] = []

    async def note(arguments) -> None:
        done.append(arguments["number"])

    service = hosted.service
    service.jobs._worker._handlers = {"note": note}
    queue = JobQueue(service.database)
    workers = [QueueWorker(queue, {"note": note}) for _ in range(2)]
    for number in range(20):
        await service.jobs.enqueue("note", {"number": str(number)})
    await asyncio.gather(*(worker.run_due() for worker in workers))
    await all_jobs_done(hosted)
    assert sorted(done, key=int) == [str(number) for number in range(20)]


async def test_an_account_that_is_never_confirmed_is_deleted(hosted, mailbox) -> None:
    """After a week the address is free again."""
    await ask_to_sign_up(hosted.browser())
    hosted.clock.advance(days=8)
    await hosted.service.accounts.people.delete_unconfirmed()
    await hosted.service.accounts.links.delete_expired()
    assert await hosted.service.accounts.people.find_by_login(ANNA) is None


async def test_without_a_mail_server_nothing_is_promised(make_hosted) -> None:
    """The pages point to the admin, and no job is made."""
    async with make_hosted().running() as hosted:
        browser = hosted.browser()
        await browser.get("/forgot")
        assert "sends no mail" in browser.text
        await browser.sign_up("boss@example.org")
        await sign_in(hosted.browser(), "boss@example.org")
        assert await hosted.rows(tables.jobs) == []


async def test_mail_can_be_shown_instead(make_hosted, capfd) -> None:
    """With console: the mail stands on standard error, for trying out."""
    async with make_hosted(smtp_url=Secret("console:")).running() as hosted:
        await hosted.browser().sign_up("boss@example.org")
        await ask_to_sign_up(hosted.browser())
        await all_jobs_done(hosted)
    assert "/verify?link=" in capfd.readouterr().err
