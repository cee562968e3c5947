"""The Retry-After header in both forms."""

import pytest

from annulet.oura_http.retry_after import retry_after_s

AT = "Thu, 01 Jan 1970 00:00:20 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT", "date": AT}, 40),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT", "date": AT}, 0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, None),
        ({"retry-after": "soon", "date": AT}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "2301007791"}, 3600),
        ({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT", "date": AT}, 3600),
    ],
)
def test_seconds_and_dates_are_read_and_bounded(headers, seconds):
    """Nonsense is no wait, and no wait is longer than an hour."""
    assert retry_after_s(headers) == seconds
