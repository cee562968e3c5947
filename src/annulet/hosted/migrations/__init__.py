"""Upgrades of the database, run on command: one file a format."""
