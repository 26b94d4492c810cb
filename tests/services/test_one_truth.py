"""One place each: the usual period, and the two ends of Double 11."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fengping.alerts import Rule
from fengping.clock import USUAL_DAYS
from fengping.reports import find_kind
from fengping.services.trends.campaigns import campaigns


def test_a_rule_compares_with_the_usual_period() -> None:
    assert Rule.model_fields["reference"].default == timedelta(days=USUAL_DAYS)


@pytest.mark.parametrize(("year", "edition_ends"), [(2020, 15), (2021, 12), (2024, 16), (2026, 16)])
def test_the_edition_of_double_11_ends_after_the_sale(year: int, edition_ends: int) -> None:
    edition = find_kind("double11").default
    assert edition is not None
    assert edition(date(year, 12, 1), year)[1] == date(year, 11, edition_ends)
    [sale] = [one for one in campaigns(date(year, 11, 1), date(year, 11, 30)) if one.name == "双11"]
    assert sale.last == date(year, 11, 11)
