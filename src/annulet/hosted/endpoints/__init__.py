"""MCP endpoints: one address for each assistant of a person, with its own tools.

Tables: ``endpoints``.
Routes: none of its own. `hosted.gateway` answers ``/mcp`` and ``/mcp/{endpoint}``;
`hosted.dashboard.endpoint_pages` shows ``/endpoints/…``.
Neighbours: `hosted.authorization` gives access to endpoints by grants and API keys.
"""
