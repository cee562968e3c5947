"""Webhooks: the subscriptions of applications, and signed deliveries on demand.

Routes: ``/v2/webhook/subscription``. The simulator never delivers by itself; a test asks for it.
"""
