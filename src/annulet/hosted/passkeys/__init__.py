"""Passkeys (WebAuthn): sign in without a password, and prove again who sits in front of a browser.

Tables: ``passkeys``; a challenge is a one-time link in ``links`` that lives for five minutes.
Routes: none; `hosted.dashboard.passkey_pages` has ``/passkeys…`` and ``/sign-in/passkey``.
Neighbours: `hosted.accounts` keeps the challenges, and decides whether the person may come in.
"""
