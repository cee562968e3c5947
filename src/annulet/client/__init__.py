"""The Oura API client: complete collections over pages and windows, one error per status."""

from annulet.client.client import OuraClient
from annulet.client.streaming import Batch
from annulet.client.token_provider import StaticToken, TokenProvider
from annulet.client.transport import Pace

__all__ = ["Batch", "OuraClient", "Pace", "StaticToken", "TokenProvider"]
