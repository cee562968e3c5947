"""How many wrong passwords are accepted, by account, by address and by known browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annulet.hosted.accounts.hashing_queue import HashingPriority
from annulet.hosted.accounts.known_browsers import KnownBrowsers
from annulet.hosted.accounts.people import Person
from annulet.hosted.accounts.rate_limits import Budget

_WINDOW_S: Final = 900
_PER_BROWSER: Final = 10
_PER_ACCOUNT_AND_ADDRESS: Final = 10
_PER_ADDRESS: Final = 30
_PER_ACCOUNT: Final = 60


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """What an attempt to sign in spends.

    Attributes:
        budgets: Each loses one attempt, and gets it back when the password is right.
        cleared_subjects: Whose failures a right password forgets.
        priority: Its place in the hashing queue.
    """

    budgets: tuple[Budget, ...]
    cleared_subjects: tuple[str, ...]
    priority: HashingPriority


async def choose_attempt(
    known: KnownBrowsers, *, login: str, person: Person | None, address: str, browser_token: str
) -> SignInAttempt:
    """Choose the budgets of one attempt.

    A stranger can spend the attempts of an account and of the stranger's own address, so neither
    counts for an address from which the person has signed in before. A browser in which the person
    has signed in before spends its own attempts only, also where everyone has the same address.

    Args:
        known: The browsers and addresses of earlier sign-ins.
        login: The login name in its one spelling.
        person: The account of this name, if there is one.
        address: Where the attempt comes from.
        browser_token: What the browser presents as a known one; possibly empty.
    """
    account, pair = f"login:{login}", f"login:{login}:{address}"
    of_pair = Budget(pair, _PER_ACCOUNT_AND_ADDRESS, _WINDOW_S)
    if person is not None:
        browser_id = await known.find_browser(person.id, browser_token)
        if browser_id:
            browser = f"browser:{browser_id}"
            of_browser = Budget(browser, _PER_BROWSER, _WINDOW_S)
            cleared = (browser, account, pair)
            return SignInAttempt((of_browser,), cleared, HashingPriority.KNOWN_BROWSER)
        if await known.is_known_address(person.id, address):
            return SignInAttempt((of_pair,), (account, pair), HashingPriority.SIGN_IN)
    of_account = Budget(account, _PER_ACCOUNT, _WINDOW_S)
    of_address = Budget(f"from:{address}", _PER_ADDRESS, _WINDOW_S)
    return SignInAttempt(
        (of_pair, of_account, of_address), (account, pair), HashingPriority.SIGN_IN
    )
