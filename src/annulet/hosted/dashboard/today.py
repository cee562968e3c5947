"""The today page: charts drawn from a fresh fetch; nothing of it is kept."""

from __future__ import annotations

ROUTES = ()
