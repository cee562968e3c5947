"""Connections with Oura: authorization, sealed grants, one private context for each person.

Tables: ``connections``, ``flows``; ``options`` holds sealed keys and what is known about Oura's
sign-in servers.
Routes: none of its own. `hosted.dashboard` shows ``/connect/oura``, ``/connect/oura/callback`` and
``/toolkits/oura/…``.
Neighbours: `hosted.registrations` decides who may connect; `hosted.gateway` and the pages take a
person's context from `contexts`; `hosted.webhooks` finds people by `oura_accounts`;
`annulet.oauth` renews tokens through `grant_store`.
"""
