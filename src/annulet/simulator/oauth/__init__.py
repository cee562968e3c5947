"""The two simulated identity providers of Oura, the current one and the legacy one.

Routes: discovery, authorization with its consent page, token, revocation and introspection. The
``AuthorizationServer`` holds the state that they share with the data API and the webhooks. This
room knows nothing about health data.
"""
