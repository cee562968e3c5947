"""Work that is done after the answer, once in all replicas, and again when it fails.

Tables: ``jobs``. The arguments of a job hold identifiers, never a secret and nothing about health.
Routes: none; `hosted.lifespan` runs the runner beside the requests.
Neighbours: `hosted.mail` defines the only kind of job so far; `hosted.service` names the handlers.
"""
