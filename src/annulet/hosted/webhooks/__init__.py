"""Webhooks from Oura: an event about new data empties the cache of the person it is about.

Tables: ``oura_events`` (digests, against replay), ``connections.data_at``; ``options`` holds the
desired and the observed state of the subscriptions.
Routes: none of its own. `hosted.program_routes.event_routes` answers ``/webhooks/oura``, where Oura
sends events; `hosted.admin.webhook_pages` shows ``/admin/updates``.
Neighbours: `hosted.connections` matches accounts to people and clears their caches;
``annulet admin webhooks`` reconciles from the shell.
"""
