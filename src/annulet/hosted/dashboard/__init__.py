"""The pages of people: rendered on the server, complete without scripts, nicer with them.

Tables: none of its own; it reads and writes through the other rooms.
Routes: ``/``, ``/sign-in``, ``/sign-up``, ``/sign-out``, ``/reset``, ``/dashboard``,
``/toolkits/oura/…``, ``/connect/oura…``, ``/endpoints/…``, ``/keys…``, ``/grants/…``, ``/audit``,
``/account…``, ``/today…``, ``/authorize``, ``/example/night.svg``. One module of pages each;
every module ends with its ``ROUTES``.
Neighbours: `page_session.require_person` and `require_admin` check who may see a page,
`forms.read_form` checks every form, `rendering` fills the templates; `hosted.admin` builds its
pages on these.
"""
