"""The jobs of the service: background work that is due once in the whole cluster.

Tables: ``job_runs`` (how each job's last run ended), ``orphans`` (grants still to be revoked at
Oura) and, on PostgreSQL, those of Procrastinate. No routes. `hosted.lifespan` and
``annulet worker`` run the jobs; what belongs to one process alone, such as writing its audit
entries, is a task of `hosted.supervisor` instead.
"""
