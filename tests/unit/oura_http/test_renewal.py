"""The steps after a refused token, without any request."""

from annulet.contract.collections import DAILY_SPO2, PERSONAL_INFO
from annulet.errors import ConsentRevoked, OuraUnavailable, ScopeMissing
from annulet.oura_http.renewal import Step, renewal_steps

REVOKED = ConsentRevoked("refused")
MISSING = ScopeMissing("not granted", scope="spo2")
OUTAGE = OuraUnavailable("down")


def followed(errors, collection=DAILY_SPO2, *, is_renewed=False):
    """The steps for these outcomes, one after the other, and the error that is left."""
    steps, taken = renewal_steps(collection, is_renewed=is_renewed), []
    step = next(steps)
    for error in errors:
        taken.append(step)
        try:
            step = steps.send(error)
        except StopIteration as end:
            return taken, end.value
    raise AssertionError(f"{step} is left over after {taken}")


def test_a_request_that_succeeds_is_all():
    """Nothing is renewed."""
    assert followed([None]) == ([Step.SEND], None)


def test_a_refused_token_is_renewed_once():
    """The request is sent again with the new token."""
    assert followed([REVOKED, None, None]) == ([Step.SEND, Step.RENEW, Step.SEND], None)


def test_a_named_permission_never_renews():
    """A refresh token would be spent in vain."""
    assert followed([MISSING]) == ([Step.SEND], MISSING)


def test_an_outage_never_renews():
    """It says nothing about the token."""
    assert followed([OUTAGE]) == ([Step.SEND], OUTAGE)


def test_a_token_that_is_refused_everywhere_ends_the_connection():
    """After one renewal there is no second."""
    taken, error = followed([REVOKED, None, REVOKED, REVOKED])
    assert taken == [Step.SEND, Step.RENEW, Step.SEND, Step.PROBE]
    assert error is REVOKED


def test_a_token_that_is_accepted_elsewhere_lacks_a_permission():
    """It is the collection that refuses, not the connection."""
    taken, error = followed([REVOKED, None, REVOKED, None])
    assert taken[-1] is Step.PROBE
    assert isinstance(error, ScopeMissing)
    assert error.scope == "spo2"


def test_a_token_that_cannot_be_renewed_is_probed_too():
    """A bare token without one permission is not called dead."""
    taken, error = followed([REVOKED, REVOKED, None])
    assert taken == [Step.SEND, Step.RENEW, Step.PROBE]
    assert isinstance(error, ScopeMissing)


def test_a_failed_renewal_is_told_as_it_is():
    """An outage of the sign-in service is no refusal."""
    assert followed([REVOKED, OUTAGE]) == ([Step.SEND, Step.RENEW], OUTAGE)


def test_a_renewal_that_changed_nothing_is_not_repeated():
    """The token was renewed for this collection before, and refused again."""
    taken, _ = followed([REVOKED, None], is_renewed=True)
    assert taken == [Step.SEND, Step.PROBE]


def test_what_every_token_may_read_needs_no_probe():
    """A token that is refused there is refused everywhere."""
    taken, error = followed([REVOKED, None, REVOKED], PERSONAL_INFO)
    assert taken == [Step.SEND, Step.RENEW, Step.SEND]
    assert error is REVOKED
