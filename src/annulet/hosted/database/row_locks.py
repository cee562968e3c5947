"""Locks of several rows, always in one order, so that two transactions cannot deadlock."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select


def lock_in_order(
    key: ColumnElement[str], condition: ColumnElement[bool], *, skip_locked: bool = False
) -> Select[str]:
    """Select the keys of some rows, and lock those rows in the order of their keys.

    On SQLite a writer has the whole database, and the lock is left out.

    Args:
        key: The primary key.
        condition: Which rows.
        skip_locked: Leave out rows that another transaction has locked, instead of waiting.
    """
    return select(key).where(condition).order_by(key).with_for_update(skip_locked=skip_locked)
