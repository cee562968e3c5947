"""Quantiles agree with published tables."""

import pytest

from annulet.analytics.distributions import normal_quantile, normal_tail, t_cdf, t_quantile


@pytest.mark.parametrize(
    ("p", "z"),
    [(0.5, 0.0), (0.975, 1.959963984540054), (0.001, -3.090232306167813), (0.01, -2.326347874)],
)
def test_normal_quantiles(p, z):
    """The normal quantile is right in the middle and in the tails."""
    assert normal_quantile(p) == pytest.approx(z, abs=1e-9)
    assert normal_tail(z) == pytest.approx(1 - p, abs=1e-9)


@pytest.mark.parametrize(
    ("p", "df", "t"),
    [
        (0.975, 1, 12.706204736),
        (0.975, 2, 4.302652730),
        (0.975, 10, 2.228138852),
        (0.95, 5, 2.015048373),
        (0.995, 30, 2.749995654),
        (0.025, 10, -2.228138852),
        (0.975, 1000, 1.962339081),
    ],
)
def test_t_quantiles(p, df, t):
    """Student quantiles agree with the tables."""
    assert t_quantile(p, df) == pytest.approx(t, abs=1e-7)
    assert t_cdf(t, df) == pytest.approx(p, abs=1e-8)


def test_the_middle_of_a_t_distribution_is_zero():
    """Half of the values lie below zero."""
    assert t_quantile(0.5, 7) == pytest.approx(0.0, abs=1e-9)
    assert t_cdf(0.0, 7) == pytest.approx(0.5)
