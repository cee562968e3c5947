"""The proxy command in front of the simulated cloud: renewal, limits, permissions, outages."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.oauth.application import Application, store_application
from annulet.oauth.grant import Grant
from annulet.oauth.vault_grants import VaultGrants, bearer_policy
from annulet.simulator import SimulatedOura
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

KEY = "7c" * 32
SLEEP = "/v2/usercollection/daily_sleep?start_date=2026-05-01&end_date=2026-05-20"
SPO2 = "/v2/usercollection/daily_spo2?start_date=2026-05-01&end_date=2026-05-20"
SCOPES = ("daily", "heartrate", "personal")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)  # the cloud's, so that it has the days asked for


@dataclass
class Rig:
    """A cloud, a connected machine, and a proxy that runs there."""

    cloud: SimulatedOura
    base: str
    token: str
    home: Path

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.base + path, headers=self.bearer, timeout=60)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    cloud = SimulatedOura(["plain"], now=NOW)
    with cloud.serve() as running:
        issued = cloud.issue("plain", SCOPES)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "ANNULET_HOME": str(tmp_path / "data"),
            "ANNULET_KEY": KEY,
            "ANNULET_OURA_API_URL": running.url,
        }
        vault = Vault(tmp_path / "data", clock=lambda: 1e9, provided_keys=ProvidedKeys(Secret(KEY)))
        application = Application(cloud.application.client_id, Secret("simulated-secret"))
        store_application(vault, "default", application)
        grant = Grant(
            client_id=application.client_id,
            token_url=f"{running.url}/oauth/v2/ext/oauth-token",
            revoke_url="",
            access_token=Secret(issued.access.value),
            refresh_token=Secret(issued.refresh.value),
            issued_at=time.time(),
            expires_at=time.time() + 86_400,
        )
        store = VaultGrants(vault, "default", policy=bearer_policy(running.url))
        asyncio.run(store.replace(grant))
        annulet = [sys.executable, "-m", "annulet"]
        with subprocess.Popen(
            [*annulet, "proxy", "--port", "0"], env=environ, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        ) as proxy:  # fmt: skip
            try:
                assert proxy.stdout
                base = proxy.stdout.readline().strip()
                minted = subprocess.run(
                    [*annulet, "grant", "--tool", "bash"],
                    env=environ, capture_output=True, text=True, check=True,
                )  # fmt: skip
                yield Rig(cloud, base, minted.stdout.strip(), tmp_path / "data")
            finally:
                proxy.terminate()
                proxy.wait(60)


async def test_our_own_client_reads_whole_collections_through_it(rig: Rig) -> None:
    """A base address and a capability are all it takes; the documents are those of Oura."""
    rig.cloud.options.page_size = 7
    first, last = date(2026, 5, 1), date(2026, 5, 20)
    async with OuraClient(rig.token, api_url=rig.base) as client:
        through = await client.daily_sleep(first, last)
    assert [night.day for night in through] == [first + timedelta(days=n) for n in range(20)]
    assert rig.cloud.requests.count("daily_sleep") >= 3


def test_an_expired_token_is_renewed_once_however_many_ask(rig: Rig) -> None:
    """Twelve requests at once meet an expired token: one renewal, twelve answers."""
    rig.cloud.expire_tokens()

    async def ask() -> list[int]:
        async with httpx2.AsyncClient(headers=rig.bearer, timeout=60) as http:
            answers = await asyncio.gather(*(http.get(rig.base + SLEEP) for _ in range(12)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [200] * 12
    outcomes = [entry.outcome for entry in rig.cloud.requests.matching("token") if entry.outcome]
    assert outcomes == ["refreshed"]


def test_a_missing_permission_renews_nothing(rig: Rig) -> None:
    """Oura's sentence reaches the caller."""
    answer = rig.get(SPO2)
    assert answer.status_code == 401
    assert "spo2" in answer.json()["detail"]
    assert rig.cloud.requests.count("token") == 0


def test_limits_and_outages_are_passed_on(rig: Rig) -> None:
    """429 with its Retry-After, 503 as it is, a cut connection in our words."""
    rig.cloud.faults.add("status", 429, retry_after="17", times=1)
    answer = rig.get(SLEEP)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
    rig.cloud.faults.add("status", 503, times=1)
    assert rig.get(SLEEP).status_code == 503
    rig.cloud.faults.add("cut", times=1)
    answer = rig.get(SLEEP)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "oura_unavailable")
    rig.cloud.faults.add("truncate", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        rig.get(SLEEP)
    assert rig.get(SLEEP).status_code == 200


def test_a_revoked_grant_is_said_in_our_words(rig: Rig) -> None:
    """The capability is alive, the connection is not."""
    rig.cloud.revoke_grants()
    answer = rig.get(SLEEP)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "needs_reconnect")
    assert rig.get(SLEEP).json()["error"]["code"] == "needs_reconnect"


def test_nothing_about_health_is_left_on_disk(rig: Rig) -> None:
    """Journal, capabilities and vault know neither a document nor its id."""
    documents = rig.get(SLEEP).json()["data"]
    document_id = documents[0]["id"]
    assert rig.get(f"/v2/usercollection/daily_sleep/{document_id}").json()["id"] == document_id
    for file in rig.home.rglob("*"):
        if file.is_file():
            assert document_id.encode() not in file.read_bytes()
    lines = (rig.home / "proxy" / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["status"] for line in lines] == [200, 200]
    assert {entry.method for entry in rig.cloud.requests} == {"GET"}
