"""Accounts: people, passwords, signed-in browsers, invitation and reset links, throttling, export.

Tables: ``people``, ``sessions``, ``links``, ``throttles``; ``options`` remembers the first admin.
Routes: none of its own. `hosted.dashboard` shows ``/sign-up``, ``/sign-in``, ``/sign-out``,
``/reset`` and ``/account``; `hosted.admin` makes links and disables people.
Neighbours: it records in `hosted.audit`; every other room knows a person by its id.
"""
