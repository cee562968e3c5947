"""The one road to Oura: how a request is sent, bounded, repeated and renewed, and what comes back.

The API client, the credential proxy, the OAuth client and the webhook subscriptions all send their
requests here. Nothing here knows how tokens are stored or what documents mean.
"""
