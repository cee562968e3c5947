"""The authorization server for assistants: OAuth 2.1, API keys, and consent for each client.

It decides what an assistant may ask of this service. It never hands out, accepts or forwards a
token of Oura.

Tables: ``oauth_clients``, ``oauth_grants``, ``oauth_codes``, ``oauth_tokens``, ``api_keys``.
Routes: none of its own. `hosted.program_routes.oauth_routes` answers ``/register``, ``/token``,
``/revoke`` and ``/.well-known/…``; `hosted.dashboard.consent_pages` shows ``/authorize``.
Neighbours: `hosted.gateway` resolves each bearer through `bearers`; `hosted.endpoints` are
what grants and keys give access to.
"""
