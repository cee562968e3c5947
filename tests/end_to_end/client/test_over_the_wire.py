"""The client with an HTTP client of its own, against a cloud that answers on loopback."""

from datetime import UTC, date, datetime, timedelta

import pytest

from annulet.client import OuraClient
from annulet.errors import OuraRateLimited, OuraUnavailable
from annulet.simulator import SimulatedOura

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
DAY = date(2026, 5, 6)


@pytest.fixture(scope="module")
def running():
    cloud = SimulatedOura(["fareast"], now=NOW)
    with cloud.serve() as server:
        yield cloud, server.url


@pytest.fixture
def cloud(running):
    simulated, _ = running
    simulated.faults.clear()
    simulated.requests.clear()
    return simulated


@pytest.fixture
async def client(running, cloud):
    async with OuraClient(cloud.issue_token("fareast"), api_url=running[1]) as opened:
        yield opened


@pytest.mark.parametrize("fault", ["cut@sleep,times=1", "truncate@sleep,times=1"])
async def test_a_connection_cut_once_costs_a_retry(cloud, client, fault):
    """Half an answer is no answer; the next one is whole."""
    cloud.faults.add(fault)
    nights = await client.sleep(DAY - timedelta(days=6), DAY)
    assert {night.day for night in nights} >= set(cloud.people["fareast"].truth.nights) & {DAY}
    assert cloud.requests.count("/sleep") == 2


@pytest.mark.parametrize("fault", ["cut@sleep", "truncate@sleep", "html:200@sleep"])
async def test_a_connection_always_cut_is_an_outage(cloud, client, fault):
    """After a few attempts the person is told."""
    cloud.faults.add(fault)
    with pytest.raises(OuraUnavailable):
        await client.sleep(DAY, DAY)
    cloud.faults.clear()
    assert await client.sleep(DAY, DAY)


async def test_a_slow_cloud_is_left_at_the_deadline(running, cloud):
    """The question ends when its time is over."""
    cloud.faults.add("delay:5@sleep,times=1")
    token = cloud.issue_token("fareast")
    async with OuraClient(token, api_url=running[1], deadline_s=0.2) as client:
        with pytest.raises(OuraUnavailable, match="in the time"):
            await client.sleep(DAY, DAY)


async def test_the_cloud_s_own_limits_are_told(cloud, client):
    """Both tiers of the limit end in one kind of error with the time to wait."""
    usual = cloud.options.token_limit
    cloud.options.token_limit = (0, 300)
    try:
        with pytest.raises(OuraRateLimited) as caught:
            await client.daily_sleep(DAY, DAY)
    finally:
        cloud.options.token_limit = usual
    assert caught.value.retry_after > 60


async def test_a_day_of_heart_rate_is_two_requests_and_then_none(cloud, client):
    """Two pages, and the second time nothing."""
    start = datetime(2026, 5, 4, 12, tzinfo=UTC)
    truth = cloud.people["fareast"].truth.heartrate(start, start + timedelta(days=1))
    for _ in range(2):
        beats = await client.heartrate(start, start + timedelta(days=1))
        assert len(beats) == len({(beat.at, beat.source) for beat in truth})
    assert cloud.requests.count("/heartrate") == -(-len(truth) // 1000)
    assert {entry.method for entry in cloud.requests} == {"GET"}
