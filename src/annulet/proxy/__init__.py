"""The credential proxy: adds the bearer so that nobody else has to hold it.

An agent gets a base address on this machine and a capability token; the proxy checks the request
against the table of collections, swaps the capability for the person's access token and forwards
to Oura. It only reads, forwards nothing else, and no answer of it ever holds a credential.
"""

from annulet.proxy.app import Proxy
from annulet.proxy.bucket import TokenBucket
from annulet.proxy.capability import Capability, Minted, mint
from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal
from annulet.proxy.places import open_journal, open_store
from annulet.proxy.serving import authorities, bind_loopback, bind_unix, serve
from annulet.proxy.upstream import Upstream

__all__ = [
    "Capability",
    "CapabilityStore",
    "Journal",
    "Minted",
    "Proxy",
    "TokenBucket",
    "Upstream",
    "authorities",
    "bind_loopback",
    "bind_unix",
    "mint",
    "open_journal",
    "open_store",
    "serve",
]
