"""Administration: the admin page and its actions, which ``annulet admin`` runs from the shell too.

Tables: none of its own; it acts through the other rooms.
Routes: ``/admin`` and everything below it.
Neighbours: `annulet.cli.commands.admin` calls `admin_actions` and `key_rotation`; every action is
recorded in `hosted.audit`.
"""
