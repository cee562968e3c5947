"""The audit log: who did what, when, with which outcome and size; never what was asked or answered.

Tables: ``audit``; it also notes in ``endpoints`` when an assistant asked.
Routes: none; ``/audit`` and ``/admin`` show it, ``/account/export`` exports it.
Neighbours: every room that changes something records an `audit_actions.AuditAction`;
`hosted.observed_bearer` records what the MCP server observes of each request.
"""
