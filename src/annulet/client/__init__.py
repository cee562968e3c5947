"""The Oura API client: complete collections over pages and windows, one error per status."""

from annulet.client.client import OuraClient
from annulet.client.documents import Documents
from annulet.client.streaming import Batch
from annulet.oura_http.token_provider import StaticToken, TokenProvider

__all__ = ["Batch", "Documents", "OuraClient", "StaticToken", "TokenProvider"]
