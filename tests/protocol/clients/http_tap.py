"""Stands between a client and the HTTP server and notes which protocol revision is spoken."""

import httpx2
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

_HOP = {"host", "content-length", "connection", "transfer-encoding", "content-encoding"}


class HttpTap:
    """A pass-through to one address.

    Args:
        target: The server's address, path included.
    """

    def __init__(self, target):
        self.target = target
        self.revisions = []
        methods = ["GET", "POST", "DELETE"]
        self.app = Starlette(routes=[Route("/mcp", self.forward, methods=methods)])

    async def forward(self, request):
        """Hand one request on and its answer back."""
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        revision = headers.get("mcp-protocol-version")
        if revision:
            self.revisions.append(revision)
        async with httpx2.AsyncClient(timeout=60) as http:
            answer = await http.request(
                request.method, self.target, content=await request.body(), headers=headers
            )
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
        return Response(answer.content, answer.status_code, headers)
