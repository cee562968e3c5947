"""The formats of the database, the oldest first."""
