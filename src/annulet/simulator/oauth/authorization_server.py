"""The state and the rules that both simulated identity providers share."""

from __future__ import annotations

from annulet.contract.scopes import SCOPES
from annulet.simulator.clock import Clock
from annulet.simulator.oauth.applications import Application, Applications
from annulet.simulator.oauth.token_store import AuthorizationGrant, TokenPair, TokenStore
from annulet.simulator.options import Options
from annulet.simulator.people import People


class AuthorizationServer:
    """The people, applications, grants and tokens of one cloud."""

    def __init__(self, people: People, clock: Clock, options: Options) -> None:
        self.people = people
        self.clock = clock
        self.options = options
        self.applications = Applications()
        self.tokens = TokenStore(clock)

    def grant(
        self, application: Application, person: str, scopes: tuple[str, ...] | None = None
    ) -> AuthorizationGrant:
        """Return the grant of a person: the requested scopes, as far as this person grants them.

        Without ``scopes`` all of the application are requested.

        Raises:
            UsageError: There is no person of that name.
        """
        grants = self.people[person].grants
        limit = frozenset(SCOPES) if grants is None else grants
        requested = application.scopes if scopes is None else scopes
        granted = tuple(scope for scope in requested if scope in limit)
        return AuthorizationGrant(application, person, granted)

    def issue_tokens(self, grant: AuthorizationGrant, expires_in: float | None = None) -> TokenPair:
        """Issue tokens for a grant, with the lifetime of the options unless given."""
        lifetime_s = self.options.expires_in if expires_in is None else expires_in
        return self.tokens.issue_pair(grant, lifetime_s)
