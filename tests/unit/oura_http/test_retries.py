"""How often a question asks for a token."""

import pytest

from annulet.errors import OuraUnavailable, RenewalUnfinished
from annulet.oura_http.retries import RateLimit, Retries, Timing


class Failing:
    """A source of tokens that fails a number of times."""

    def __init__(self, error, times):
        self._error, self._left, self.asked = error, times, 0

    async def __call__(self):
        self.asked += 1
        if self.asked <= self._left:
            raise self._error
        return "token"


async def no_time(_seconds):
    """Waits for nothing."""


def retries():
    timing = Timing(clock=lambda: 0.0, sleep=no_time, jitter=lambda: 0.5)
    return Retries(timing, RateLimit(timing), deadline=60.0)


async def test_a_short_outage_of_the_sign_in_service_is_waited_out():
    tokens = Failing(OuraUnavailable("Down."), 2)
    assert await retries().obtain_token(tokens) == "token"


async def test_a_renewal_that_does_not_end_is_not_waited_for_again():
    """Asking again would wait past the time that a question has."""
    tokens = Failing(RenewalUnfinished("Being renewed."), 1)
    with pytest.raises(RenewalUnfinished):
        await retries().obtain_token(tokens)
    assert tokens.asked == 1
