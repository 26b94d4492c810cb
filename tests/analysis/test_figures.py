"""Intervals of rates and medians beside tables of them."""

from __future__ import annotations

import pytest

from fengping.analysis.figures import median_between, poisson


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (21, 13.0, 32.10)]
)
def test_the_interval_of_a_count_is_garwood_s(count: int, low: float, high: float) -> None:
    assert poisson(count) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(("n", "ends"), [(5, None), (6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (40, (14, 27))])
def test_the_interval_of_a_median_is_two_of_the_values(n: int, ends: tuple[int, int] | None) -> None:
    assert median_between([float(value) for value in range(n, 0, -1)]) == ends
