"""Upgrades of the database, one Alembic revision for each format.

Tables: revision 1 creates all of `hosted.database.tables`.
Routes: none; ``annulet admin migrate`` runs `upgrade.upgrade`.
Neighbours: `hosted.database.format` reads the format and refuses one that does not fit.
"""
