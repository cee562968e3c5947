"""Background work of the whole service, each job once in all replicas and again when it fails.

Periodic jobs take no argument; queued jobs, such as a mail, take identifiers, never a secret and
nothing about health. `hosted.service` lists all of them.

Tables: ``job_runs`` (how each periodic job's last run ended), ``jobs`` (the queue of a service on
SQLite) and, on PostgreSQL, those of Procrastinate. Routes: none; `hosted.lifespan` and
``annulet worker`` run the jobs. What belongs to one process alone, such as writing its audit
entries, is a task of `hosted.supervisor` instead.
"""
