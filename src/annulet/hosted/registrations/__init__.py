"""Registration for the toolkit "Oura Ring": who may connect a ring, and what is allowed when.

Tables: ``registrations``; the capacity stands in ``options``.
Routes: none of its own. `hosted.dashboard.toolkit_pages` shows ``/toolkits/oura/…``, and
`hosted.admin` approves people and changes the capacity.
Neighbours: `hosted.connections` knows how a connection fares; both together make the stage.
"""
