"""Sign-in through a company's OpenID Connect provider; a service has one.

Tables: ``identities``; an authorization under way is a one-time link in ``links``.
Routes: none; `hosted.dashboard.company_pages` has ``/sign-in/company…`` and ``/account/company…``.
Neighbours: `hosted.accounts` keeps people; nothing but the digest of a subject is stored here.
"""
