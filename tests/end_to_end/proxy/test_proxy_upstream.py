"""The way from the proxy to Oura: verified, direct, and decoded before it is searched."""

import asyncio
import datetime as dt
import gzip
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from annulet.contract.collections import DAILY_SLEEP
from annulet.errors import UsageError
from annulet.oura_http.sending import NoResponse
from annulet.oura_http.token_provider import StaticToken
from annulet.proxy.upstream import Upstream
from annulet.vault.credential import InjectionTemplate

TOKEN = "made-up-access-token"
PATH = "/v2/usercollection/daily_sleep"


@asynccontextmanager
async def answering(reply: bytes, **options: object):
    """A server that sends the same bytes to every client; yields its port and its requests."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()
        await server.wait_closed()


async def body_of(upstream: Upstream) -> bytes:
    response = await upstream.get(PATH, "", {}, collection=DAILY_SLEEP)
    try:
        return response.redactor.clean(b"".join([piece async for piece in response.body()]))
    finally:
        await response.close()
        await upstream.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 without an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_without_an_authority_gets_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends in the handshake, even where a variable names the certificate."""
    context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    async with answering(b"", ssl=context) as (port, asked):
        upstream = Upstream(f"https://localhost:{port}", StaticToken(TOKEN))
        with pytest.raises(NoResponse) as caught:
            await body_of(upstream)
        await upstream.close()
    assert not caught.value.is_sent
    assert asked == []


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token goes to Oura's address and to no proxy named in a variable."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}") as (port, asked):
        assert await body_of(Upstream(f"http://127.0.0.1:{port}", StaticToken(TOKEN))) == b"{}"
    assert len(asked) == 1


async def test_a_compressed_echo_is_found() -> None:
    """What Oura compresses although asked not to is unpacked before it is searched."""
    packed = gzip.compress(f'{{"echo":"{TOKEN}"}}'.encode())
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with answering(head + packed) as (port, asked):
        body = await body_of(Upstream(f"http://127.0.0.1:{port}", StaticToken(TOKEN)))
    assert body == b'{"echo":"[redacted]"}'
    assert b"accept-encoding: identity" in asked[0].lower()


@pytest.mark.parametrize(
    "url", ["http://api.ouraring.com", "ftp://127.0.0.1", "https://", "api.ouraring.com"]
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    """Plain http never leaves this machine."""
    with pytest.raises(UsageError):
        Upstream(url, StaticToken(TOKEN))


def test_a_template_for_another_host_is_honoured() -> None:
    """A credential that belongs elsewhere is not sent to Oura's address."""
    elsewhere = InjectionTemplate(host_pattern="api.example.com", value_prefix="Bearer ")
    with pytest.raises(UsageError, match="another host"):
        Upstream("https://api.ouraring.com", StaticToken(TOKEN), template=elsewhere)


async def test_cookies_are_not_kept() -> None:
    """What Oura sets is neither passed on nor sent back."""
    reply = b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\n{}"
    async with answering(reply) as (port, asked):
        upstream = Upstream(f"http://127.0.0.1:{port}", StaticToken(TOKEN))
        for _ in range(2):
            response = await upstream.get(PATH, "", {}, collection=DAILY_SLEEP)
            assert [piece async for piece in response.body()] == [b"{}"]
            await response.close()
        await upstream.close()
    assert all(b"cookie" not in each.lower() for each in asked)
