"""The credential proxy: adds the bearer, so that no other program has to hold it.

An agent gets a base address on this machine and a capability token. The proxy checks the request
against the table of collections, swaps the capability for the person's access token and forwards
it to Oura. It only reads, forwards nothing else, and none of its responses holds a credential.
"""

from annulet.proxy.app import Proxy
from annulet.proxy.capability import Capability, MintedCapability, mint
from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.data_files import open_capability_store, open_journal
from annulet.proxy.journal import Journal
from annulet.proxy.serving import allowed_hosts, bind_loopback, bind_unix, serve
from annulet.proxy.token_bucket import TokenBucket
from annulet.proxy.upstream import Upstream

__all__ = [
    "Capability",
    "CapabilityStore",
    "Journal",
    "MintedCapability",
    "Proxy",
    "TokenBucket",
    "Upstream",
    "allowed_hosts",
    "bind_loopback",
    "bind_unix",
    "mint",
    "open_capability_store",
    "open_journal",
    "serve",
]
