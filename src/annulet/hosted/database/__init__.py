"""The database: its tables, its connections, its format and its copies.

Tables: every table of the service is declared in `tables`; no column is for health data.
Routes: none. ``/readyz`` asks `format.check_format`.
Neighbours: every other room reads and writes through `engine.ServiceDatabase`; `hosted.migrations`
brings an older database to the format of `tables`.
"""
