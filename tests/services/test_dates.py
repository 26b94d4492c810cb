"""Windows in words."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.errors import UsageError
from fengping.services.dates import resolve

TODAY = date(2020, 11, 12)  # a Thursday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今天", "2020-11-12", "2020-11-12"),
        ("Yesterday", "2020-11-11", "2020-11-11"),
        ("上周", "2020-11-02", "2020-11-08"),
        ("this week", "2020-11-09", "2020-11-15"),
        ("last_month", "2020-10-01", "2020-10-31"),
        ("去年", "2019-01-01", "2019-12-31"),
        ("last 7 days", "2020-11-06", "2020-11-12"),
        ("最近30天", "2020-10-14", "2020-11-12"),
        ("过去 2 周", "2020-10-30", "2020-11-12"),
        ("2020-11-01..2020-11-05", "2020-11-01", "2020-11-05"),
        ("2020-11-01 至 2020-11-05", "2020-11-01", "2020-11-05"),
        ("2020年2月", "2020-02-01", "2020-02-29"),
        ("2020年11月3日", "2020-11-03", "2020-11-03"),
        ("2019", "2019-01-01", "2019-12-31"),
        ("双11", "2020-10-20", "2020-11-11"),
        ("2019年双十一", "2019-10-20", "2019-11-11"),
        ("618", "2020-05-20", "2020-06-20"),
        ("双12", "2019-12-08", "2019-12-12"),
    ],
)
def test_words_mean_days(text: str, first: str, last: str) -> None:
    found = resolve(text, TODAY)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "someday", "2020-13", "2020-11-05..2020-11-01", "last 0 days", "9999-12-31..9999-12-31"]
)
def test_what_means_no_days_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no window"):
        resolve(text, TODAY)


@given(st.text(max_size=30), st.dates(date(1901, 1, 1), date(2190, 1, 1)))
def test_nothing_but_a_refusal_or_days_comes_of_any_text(text: str, today: date) -> None:
    with suppress(UsageError):
        assert resolve(text, today).days >= 1
