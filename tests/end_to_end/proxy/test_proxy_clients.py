"""Ordinary programs read through the proxy with nothing but a base address and a bearer."""

import asyncio
import json
import shutil
import sys
from urllib.parse import quote

import pytest

QUERY = "?start_date=2026-05-01&end_date=2026-05-31"
PATH = f"/v2/usercollection/daily_sleep{QUERY}"
PYTHON = {
    "urllib": """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})
print(urllib.request.urlopen(request).read().decode())
""",
    "requests": """
import sys, requests
print(requests.get(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]}).text)
""",
    "aiohttp": """
import asyncio, sys, aiohttp
async def main():
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer " + sys.argv[2]}) as session:
        async with session.get(sys.argv[1]) as answer:
            print(await answer.text())
asyncio.run(main())
""",
    "httpx2": """
import sys, httpx2
print(httpx2.get(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]}, timeout=60).text)
""",
}
NODE = """
fetch(process.argv[1], {headers: {Authorization: 'Bearer ' + process.argv[2]}})
  .then(answer => answer.text()).then(text => console.log(text));
"""


async def output(*command: str) -> str:
    """What a program prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    return out.decode()


def needs(program: str) -> str:
    """The path of a program, or a skip that says which one is missing."""
    path = shutil.which(program)
    if not path:
        pytest.skip(f"{program} is not installed")
    return path


async def check(running, *command: str) -> None:
    """Run a client, and see that it got the documents and Oura got the person's token."""
    answer = json.loads(await output(*command))
    assert answer == running.upstream.documents
    (request,) = running.upstream.requests
    assert "made-up-access-token" in request
    assert "annulet_cap_" not in request


async def test_curl(running) -> None:
    """curl, as an agent's shell calls it."""
    await check(running, needs("curl"), "-sS", "-H", running.bearer, running.base + PATH)


async def test_curl_over_the_unix_socket(running) -> None:
    """curl, where no port should be open."""
    socket = str(running.socket)
    url = f"http://localhost{PATH}"
    await check(running, needs("curl"), "-sS", "--unix-socket", socket, "-H", running.bearer, url)


async def test_wget(running) -> None:
    """The other program of every shell."""
    await check(
        running, needs("wget"), "-q", "-O", "-", f"--header={running.bearer}", running.base + PATH
    )


@pytest.mark.parametrize("library", PYTHON)
async def test_python(running, library: str) -> None:
    """urllib, requests, aiohttp and httpx2."""
    pytest.importorskip(library)
    await check(running, sys.executable, "-c", PYTHON[library], running.base + PATH, running.token)


async def test_node_fetch(running) -> None:
    """Node's built-in HTTP client."""
    await check(running, needs("node"), "-e", NODE, running.base + PATH, running.token)


async def test_instants_with_an_offset(running) -> None:
    """An offset's plus sign arrives as one, whether the caller escaped it or not."""
    for plus in ("+", "%2B"):
        query = f"?start_datetime=2026-05-01T00:00:00{plus}02:00"
        path = f"/v2/usercollection/heartrate{query}&end_datetime=2026-05-02T00:00:00Z"
        assert await running.status(running.request(path)) == 200
    wanted = quote("2026-05-01T00:00:00+02:00", safe="")
    assert all(wanted in request for request in running.upstream.requests)
