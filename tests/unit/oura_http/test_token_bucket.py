"""The proxy's own rate limit."""

from annulet.oura_http.token_bucket import TokenBucket


def test_the_bucket_empties_and_fills_again() -> None:
    """So many at once, then as many as come back with time, never more than it holds."""
    now = [100.0]
    bucket = TokenBucket(lambda: now[0], capacity=3, per_second=0.5)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 2]
    now[0] += 2
    assert [bucket.take(), bucket.take()] == [0, 2]
    now[0] += 1000
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 2]
