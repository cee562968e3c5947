"""The floor of a question: its requests alone, by a bare HTTP client in a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["floor"]


def floor(urls: Sequence[str], token: str) -> float:
    """Milliseconds until all of these, asked at once over new connections, have come.

    Args:
        urls: What annulet asked for in one round trip.
        token: The access token.
    """
    asked = json.dumps({"urls": list(urls), "token": token})
    done = subprocess.run(
        [sys.executable, __file__], input=asked, text=True, capture_output=True, check=True
    )
    return float(done.stdout)


async def _main() -> None:
    import httpx2

    asked = json.load(sys.stdin)
    headers = {"Authorization": f"Bearer {asked['token']}"}
    async with httpx2.AsyncClient(trust_env=False, headers=headers) as client:
        begun = time.perf_counter()
        answers = await asyncio.gather(*(client.get(url) for url in asked["urls"]))
        seconds = time.perf_counter() - begun
    for answer in answers:
        answer.raise_for_status()
    print(1000 * seconds)


if __name__ == "__main__":
    asyncio.run(_main())
