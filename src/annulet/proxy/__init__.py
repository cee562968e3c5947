"""The credential proxy: adds the bearer, so that no other program has to hold it.

An agent gets a base address on this machine and a capability token. The proxy checks the request
against the table of collections, swaps the capability for the person's access token and forwards
it to Oura. It only reads, forwards nothing else, and none of its responses holds a credential.
"""
