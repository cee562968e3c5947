"""Routes that programs use, without pages, cookies and forms.

Tables: none of its own; it reads and writes through the other rooms.
Routes: `oauth_routes` has ``/register``, ``/token`` and ``/revoke``, also under ``/oauth/``, and
``/.well-known/…``; `event_routes` has ``/webhooks/oura``.
Neighbours: `hosted.authorization` and `hosted.webhooks` decide what these routes answer;
`hosted.gateway` answers ``/mcp``.
"""
