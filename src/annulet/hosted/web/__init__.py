"""Ports, ASGI middleware and cookies: what a request passes before it reaches a page.

Tables: none.
Routes: none; `paths` lists the routes that programs use.
Neighbours: `hosted.app` stacks the middleware; `hosted.dashboard` sets cookies and the form targets
of the content security policy.
"""
