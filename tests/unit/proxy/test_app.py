"""The forwarder, against a transport that stands in for Oura."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from annulet.errors import ConsentRevoked, NotConnected, VaultError
from annulet.oura_http.token_bucket import TokenBucket
from annulet.proxy.app import Proxy
from annulet.proxy.capability import mint
from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal
from annulet.proxy.upstream import Upstream
from annulet.vault.secret import Secret

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATH = "/v2/usercollection/daily_sleep"
PROFILE = "/v2/usercollection/personal_info"
TOKENS = ("made-up-access-token-of-45-characters-0000001", "made-up-access-token-of-45-char-2")
REFRESH, CLIENT_SECRET = "made-up-refresh-token", "made-up-client-secret"
Reply = Callable[[httpx2.Request], httpx2.Response]


class Tokens:
    """Hands out the first token, and the second once the first was refused."""

    def __init__(self, error: Exception | None = None) -> None:
        self.renewed = 0
        self.error = error

    async def access_token(self) -> str:
        if self.error:
            raise self.error
        return TOKENS[min(self.renewed, 1)]

    async def renew(self, rejected: str) -> str:
        assert rejected == TOKENS[0]
        self.renewed += 1
        return TOKENS[1]


class Pieces(httpx2.AsyncByteStream):
    """A body that arrives in pieces, and may break off."""

    def __init__(self, *pieces: bytes, broken: bool = False) -> None:
        self._pieces = pieces
        self._broken = broken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._broken:
            raise httpx2.ReadError("https://api.ouraring.com broke off")


@dataclass
class Answered:
    """What came out of the application."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: int = 0
    complete: bool = False

    @property
    def code(self) -> str:
        error = json.loads(self.body)["error"]
        assert set(error) == {"code", "message", "hint"}
        assert all(error.values())
        return error["code"]


class Rig:
    """A proxy with everything around it."""

    def __init__(self, folder: Path, reply: Reply) -> None:
        self.asked: list[httpx2.Request] = []
        self.tokens = Tokens()
        self.now = NOW
        self.store = CapabilityStore(folder / "capabilities.sqlite3")
        self.journal_file = folder / "journal.jsonl"
        self._reply = reply
        self._journal = Journal(self.journal_file)
        self.proxy = self.build()
        self.token = self.mint()

    def build(self, *, capacity: float = 100, tools: frozenset[str] | None = None) -> Proxy:
        return Proxy(
            account="me",
            upstream=Upstream(
                "https://api.ouraring.com",
                self.tokens,
                secrets=self.secrets,
                http=httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer)),
            ),
            store=self.store,
            journal=self._journal,
            bucket=TokenBucket(lambda: 0.0, capacity=capacity),
            now=lambda: self.now,
            allowed_hosts=frozenset({b"127.0.0.1:8767"}),
            may_use=lambda tool: tools is None or tool in tools,
        )

    async def secrets(self) -> tuple[Secret, ...]:
        return (Secret(REFRESH), Secret(CLIENT_SECRET))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self._reply(request)

    def mint(self, **limits: object) -> str:
        minted = mint(**{"account": "me", "tool": "bash", "now": self.now, **limits})
        self.store.add(minted)
        return minted.token.reveal()

    async def get(
        self,
        path: str = PATH,
        query: str = "",
        *,
        token: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answered:
        bearer = self.token if token is None else token
        pairs = [("host", "127.0.0.1:8767"), ("authorization", f"Bearer {bearer}"), *headers]
        scope = {
            "type": "http",
            "method": "GET",
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
        }
        answered = Answered()

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                answered.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                answered.body += message["body"]
                answered.pieces += 1
                answered.complete = not message["more_body"]

        await self.proxy(scope, lambda: None, send)
        return answered

    @property
    def journal(self) -> list[dict]:
        return [json.loads(line) for line in self.journal_file.read_text().splitlines()]

    def close(self) -> None:
        self._journal.close()


@pytest.fixture
def rigged(tmp_path: Path):
    rigs: list[Rig] = []

    def build(reply: Reply | httpx2.Response) -> Rig:
        rig = Rig(tmp_path, reply if callable(reply) else lambda _: reply)
        rigs.append(rig)
        return rig

    yield build
    for rig in rigs:
        rig.close()


def documents(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"data": [{"score": 80}], "next_token": None})


async def test_a_granted_read_is_forwarded_with_the_bearer(rigged) -> None:
    """Oura sees the person's token and never the capability; the caller sees the documents."""
    rig = rigged(documents)
    answer = await rig.get(PATH, "start_date=2026-05-01&end_date=2026-05-31")
    assert answer.status == 200
    assert json.loads(answer.body)["data"] == [{"score": 80}]
    (request,) = rig.asked
    assert request.method == "GET"
    assert str(request.url) == (
        "https://api.ouraring.com/v2/usercollection/daily_sleep"
        "?start_date=2026-05-01&end_date=2026-05-31"
    )
    assert request.headers["authorization"] == f"Bearer {TOKENS[0]}"
    assert rig.token not in str(request.headers)


async def test_only_listed_headers_travel(rigged) -> None:
    """Cookies, forwarding headers and the like stop here, in both directions."""
    rig = rigged(
        httpx2.Response(
            200,
            json={},
            headers=[
                ("set-cookie", "session=1"),
                ("location", "https://evil.example"),
                ("server", "x"),
                ("etag", '"v1"'),
                ("x-trace-id", "trace"),
                ("x-ratelimit-tier", "app"),
            ],
        )
    )
    answer = await rig.get(
        headers=(
            ("cookie", "a=b"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-http-method-override", "DELETE"),
            ("accept", "application/json"),
            ("if-none-match", '"v0"'),
            ("user-agent", "curl/8"),
        )
    )
    sent = set(rig.asked[0].headers)
    assert sent <= {
        "host", "accept", "if-none-match", "user-agent", "authorization", "accept-encoding",
        "connection",
    }  # fmt: skip
    assert rig.asked[0].headers["user-agent"] == "curl/8"
    assert set(answer.headers) == {
        "content-type", "etag", "x-trace-id", "x-ratelimit-tier", "cache-control",
        "x-content-type-options",
    }  # fmt: skip


async def test_unknown_and_missing_capabilities_are_unauthorized(rigged) -> None:
    """Nothing is asked of Oura without a capability."""
    rig = rigged(documents)
    assert (await rig.get(token="annulet_cap_guess")).status == 401
    assert (await rig.get(token="")).status == 401
    assert (await rig.get(token=TOKENS[0])).status == 401
    assert rig.asked == []


async def test_expired_revoked_and_spent_capabilities_are_refused(rigged) -> None:
    """Each says what it died of, and nothing is asked of Oura."""
    rig = rigged(documents)
    revoked, once = rig.mint(), rig.mint(budget=1)
    entry = rig.store.find(revoked)
    assert entry
    rig.store.revoke(entry.id, NOW)
    assert (await rig.get(token=revoked)).code == "capability_revoked"
    assert (await rig.get(token=once)).status == 200
    assert (await rig.get(token=once)).code == "budget_spent"
    rig.now = NOW + timedelta(hours=1)
    answer = await rig.get()
    assert (answer.status, answer.code) == (401, "capability_expired")
    assert len(rig.asked) == 1


async def test_refused_requests_cost_nothing(rigged) -> None:
    """A mistake in a query does not eat the budget."""
    rig = rigged(documents)
    token = rig.mint(budget=1)
    assert (await rig.get(PATH, "nonsense=1", token=token)).code == "bad_input"
    assert (await rig.get("/v2/usercollection/steps", token=token)).code == "not_found"
    assert (await rig.get(token=token)).status == 200


async def test_the_wrong_tool_is_refused(rigged) -> None:
    """A tool that says another name, and a tool the credential does not allow."""
    rig = rigged(documents)
    assert (await rig.get(headers=(("x-annulet-tool", "browser"),))).code == "wrong_tool"
    assert (await rig.get(headers=(("x-annulet-tool", "bash"),))).status == 200
    rig.proxy = rig.build(tools=frozenset({"browser"}))
    assert (await rig.get()).code == "wrong_tool"


async def test_a_redirect_is_neither_followed_nor_passed_on(rigged) -> None:
    """Wherever it points, the caller learns only that it was one."""
    reply = httpx2.Response(302, headers={"location": "https://evil.example/"})
    rig = rigged(reply)
    answer = await rig.get()
    assert (answer.status, answer.code) == (502, "oura_unavailable")
    assert b"evil" not in answer.body
    assert len(rig.asked) == 1


async def test_an_unchanged_answer_stays_unchanged(rigged) -> None:
    """304 is no redirect."""
    answer = await rigged(httpx2.Response(304, headers={"etag": '"v1"'})).get()
    assert (answer.status, answer.body) == (304, b"")


async def test_an_expired_token_is_renewed_once(rigged) -> None:
    """One renewal, one retry, and the caller notices nothing."""

    def reply(request: httpx2.Request) -> httpx2.Response:
        fresh = request.headers["authorization"] == f"Bearer {TOKENS[1]}"
        return documents(request) if fresh else httpx2.Response(401, json={"detail": "Expired."})

    rig = rigged(reply)
    assert (await rig.get()).status == 200
    assert (rig.tokens.renewed, len(rig.asked)) == (1, 2)


@pytest.mark.parametrize(
    "detail",
    ["Token is not authorized access spo2 scope.", "Missing required scope: extapi:spo2"],
)
async def test_a_missing_scope_renews_nothing(rigged, detail: str) -> None:
    """Oura's sentence about a scope, however it is worded, is passed on as it is."""
    sentence = {"detail": detail}
    rig = rigged(lambda _: httpx2.Response(401, json=sentence))
    answer = await rig.get()
    assert (answer.status, json.loads(answer.body)) == (401, sentence)
    assert (rig.tokens.renewed, len(rig.asked)) == (0, 1)


async def test_a_grant_that_stays_refused_needs_reconnecting(rigged) -> None:
    """After one renewal there is no second."""
    rig = rigged(lambda _: httpx2.Response(401, content=b""))
    answer = await rig.get()
    assert (answer.status, answer.code) == (401, "needs_reconnect")
    assert [request.url.path for request in rig.asked] == [PATH, PATH, PROFILE]


async def test_a_collection_that_is_not_granted_does_not_end_the_connection(rigged) -> None:
    """A refusal without a reason is about one collection where Oura takes the token elsewhere."""

    def reply(request: httpx2.Request) -> httpx2.Response:
        is_refused = request.url.path == PATH
        return httpx2.Response(401, content=b"") if is_refused else documents(request)

    rig = rigged(reply)
    for _ in range(3):
        answer = await rig.get()
        assert (answer.status, answer.code) == (403, "missing_scope")
    assert rig.tokens.renewed == 1, "renewing again would spend refresh tokens in vain"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotConnected("No ring.", hint="Connect."), 401),
        (ConsentRevoked("Revoked.", hint="Connect."), 401),
        (VaultError("Locked.", hint="Unlock."), 503),
        (RuntimeError(f"secret inside: {TOKENS[0]}"), 500),
    ],
)
async def test_trouble_with_the_token_is_explained(rigged, error: Exception, status: int) -> None:
    """Our own words for what we know, one fixed sentence for what we do not."""
    rig = rigged(documents)
    rig.tokens.error = error
    answer = await rig.get()
    assert answer.status == status
    assert answer.code
    assert TOKENS[0].encode() not in answer.body


async def test_limits_of_oura_are_passed_on(rigged) -> None:
    """429 keeps its Retry-After and its tier."""
    reply = httpx2.Response(429, headers={"retry-after": "30", "x-ratelimit-tier": "app"})
    answer = await rigged(reply).get()
    assert answer.status == 429
    assert answer.headers["retry-after"] == "30"


async def test_the_own_limit_says_how_long_to_wait(rigged) -> None:
    """An agent in a loop meets the proxy's limit before Oura's, and pays no budget for it."""
    rig = rigged(documents)
    rig.proxy = rig.build(capacity=2)
    token = rig.mint(budget=3)
    answers = [await rig.get(token=token) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    capability = rig.store.find(token)
    assert capability
    assert capability.used == 2


async def test_an_unreachable_oura_is_said_in_our_words(rigged) -> None:
    """No exception text reaches the caller."""

    def late(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("timeout at https://secret.example")

    def gone(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused at https://secret.example")

    first, second = await rigged(late).get(), await rigged(gone).get()
    assert (first.status, second.status) == (504, 502)
    assert b"secret.example" not in first.body + second.body


async def test_a_body_that_breaks_off_is_never_taken_for_whole(rigged) -> None:
    """The connection ends without the end of the body."""
    answer = await rigged(
        lambda _: httpx2.Response(200, stream=Pieces(b'{"data":[' + b"1," * 500, broken=True))
    ).get()
    assert answer.status == 200
    assert not answer.complete


async def test_a_large_answer_streams(rigged) -> None:
    """Pieces are passed on while others are still to come."""
    pieces = [b"x" * 10_000 for _ in range(20)]
    answer = await rigged(lambda _: httpx2.Response(200, stream=Pieces(*pieces))).get()
    assert answer.complete
    assert answer.pieces > 10
    assert answer.body == b"".join(pieces)


@pytest.mark.parametrize("secret", [TOKENS[0], REFRESH, CLIENT_SECRET])
async def test_an_echo_is_redacted_in_body_and_headers(rigged, secret: str) -> None:
    """Raw, in base64, across pieces: a credential that comes back is replaced."""
    encoded = base64.b64encode(f"Bearer {secret}".encode())
    body = b'{"raw":"' + secret.encode() + b'","b64":"' + encoded + b'"}'
    rig = rigged(
        lambda _: httpx2.Response(
            200,
            stream=Pieces(*[body[at : at + 5] for at in range(0, len(body), 5)]),
            headers={"x-trace-id": f"trace-{secret}", "etag": encoded.decode()},
        )
    )
    answer = await rig.get()
    everything = answer.body.decode() + str(answer.headers)
    assert "[redacted]" in answer.body.decode()
    assert answer.headers["x-trace-id"] == "trace-[redacted]"
    assert secret not in everything
    assert base64.b64encode(secret.encode()).decode()[:16] not in everything


async def test_the_sandbox_never_sees_the_persons_token(rigged) -> None:
    """Oura's made-up data is asked with a made-up authorization."""
    rig = rigged(documents)
    path = "/v2/sandbox/usercollection/daily_sleep"
    assert (await rig.get(path)).code == "not_granted"
    assert (await rig.get(path, token=rig.mint(sandbox=True))).status == 200
    assert rig.asked[0].headers["authorization"] == "Bearer sandbox"


async def test_the_journal_knows_no_values(rigged) -> None:
    """Who, what and how long: no dates, no ids, no bodies, no tokens."""
    rig = rigged(documents)
    await rig.get(PATH, "start_date=2026-05-01&end_date=2026-05-31")
    await rig.get("/v2/usercollection/sleep/document-4711")
    await rig.get("/v2/usercollection/secret-path", "secret=value")
    await rig.get(token="annulet_cap_wrong")
    first, second, third, fourth = rig.journal
    assert first["path"] == PATH
    assert first["parameters"] == ["start_date", "end_date"]
    assert (first["status"], first["outcome"], first["tool"]) == (200, "forwarded", "bash")
    assert first["bytes"] > 0
    assert second["path"] == "/v2/usercollection/sleep/{document_id}"
    assert (third["path"], third["status"], third["outcome"]) == ("", 404, "not_found")
    assert (fourth["capability"], fourth["outcome"]) == ("", "capability_unknown")
    text = rig.journal_file.read_text()
    for value in ("2026-05", "4711", "secret", "wrong", rig.token, *TOKENS):
        assert value not in text
