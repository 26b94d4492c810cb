"""Cells as moments and counts: every spelling that exports use, and none that only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.clock import SHANGHAI, iso
from fengping.indexer.importing.values import parse_count, parse_published, parse_rank
from fengping.models import Precision

SECOND, MINUTE, HOUR, DAY = Precision.SECOND, Precision.MINUTE, Precision.HOUR, Precision.DAY

MOMENTS = [
    ("2020-11-11", "2020-11-11T00:00:00", DAY),
    ("2020/11/1", "2020-11-01T00:00:00", DAY),
    ("2020.11.11", "2020-11-11T00:00:00", DAY),
    ("2020年11月11日", "2020-11-11T00:00:00", DAY),
    ("2020年11月11号", "2020-11-11T00:00:00", DAY),
    ("２０２０－１１－１１", "2020-11-11T00:00:00", DAY),
    ("20201111", "2020-11-11T00:00:00", DAY),
    ("2020-11-11 20", "2020-11-11T20:00:00", HOUR),
    ("2020年11月11日 20时", "2020-11-11T20:00:00", HOUR),
    ("2020-11-11 晚上8点", "2020-11-11T20:00:00", HOUR),
    ("2020/11/11 8:00", "2020-11-11T08:00:00", MINUTE),
    ("2020-11-11T20:30", "2020-11-11T20:30:00", MINUTE),
    ("2020年11月11日20时30分", "2020-11-11T20:30:00", MINUTE),
    ("2020年11月11日 星期三 20:30", "2020-11-11T20:30:00", MINUTE),
    ("2020-11-11（周三）20:30", "2020-11-11T20:30:00", MINUTE),
    ("2020/11/11 下午8:30", "2020-11-11T20:30:00", MINUTE),
    ("2020/11/11 中午1:20", "2020-11-11T13:20:00", MINUTE),
    ("2020/11/11 晚上12:10", "2020-11-12T00:10:00", MINUTE),
    ("2020/11/11 上午12:05", "2020-11-11T00:05:00", MINUTE),
    ("2020/11/11 中午12:05", "2020-11-11T12:05:00", MINUTE),
    ("2020-11-11 8:30 PM", "2020-11-11T20:30:00", MINUTE),
    ("2020-11-11 24:00", "2020-11-12T00:00:00", MINUTE),
    ("202011112030", "2020-11-11T20:30:00", MINUTE),
    ("2020-11-11 20:30:15", "2020-11-11T20:30:15", SECOND),
    ("2020年11月11日 20时30分15秒", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 20:30:15.123", "2020-11-11T20:30:15", SECOND),
    ("20201111203015", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11T12:30:15Z", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11T20:30:15+08:00", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11T12:30:15.000+0000", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 12:30:15 UTC", "2020-11-11T20:30:15", SECOND),
    ("Wed Nov 11 20:30:15 +0800 2020", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 12:30:15 GMT", "2020-11-11T20:30:15", SECOND),
    ("Nov 11, 2020 8:30 PM", "2020-11-11T20:30:00", MINUTE),
    ("November 11, 2020, 8:30:15 pm", "2020-11-11T20:30:15", SECOND),
    ("11 Nov 2020 8:30 PM", "2020-11-11T20:30:00", MINUTE),
    ("Nov 11, 2020 12:05 AM", "2020-11-11T00:05:00", MINUTE),
    ("Nov 11, 2020 12:05 PM", "2020-11-11T12:05:00", MINUTE),
    ("Nov 11, 2020", "2020-11-11T00:00:00", DAY),
    ("11-Nov-2020 20:30:15", "2020-11-11T20:30:15", SECOND),
    ("Wed Nov 11 20:30:15 2020", "2020-11-11T20:30:15", SECOND),
    ("Wed Nov 11 20:30:15 CST 2020", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 20:30:15 CST", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 20:30:15 CST", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 12:30:15 -0000", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 12:30:15 UT", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 07:30:15 EST", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 08:30:15 EDT", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 04:30:15 PST", "2020-11-11T20:30:15", SECOND),
    ("Wed, 11 Nov 2020 05:30:15 -0700 (PDT)", "2020-11-11T20:30:15", SECOND),
    ("Wed Nov 11 2020 12:30:15 GMT+0000 (Coordinated Universal Time)", "2020-11-11T20:30:15", SECOND),
    ("Wed Nov 11 2020 20:30:15 GMT+0800 (中国标准时间)", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 12:30:15+00", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 07:30:15.123-05", "2020-11-11T20:30:15", SECOND),
    ("2020-11-11 20:30:15 GMT+8", "2020-11-11T20:30:15", SECOND),
    ("1605097815", "2020-11-11T20:30:15", SECOND),
    ("1605097815000", "2020-11-11T20:30:15", SECOND),
    ("1605097815123456", "2020-11-11T20:30:15", SECOND),
    ("1605097815.5", "2020-11-11T20:30:15", SECOND),
    ("44146", "2020-11-11T00:00:00", DAY),
    ("44146.854340278", "2020-11-11T20:30:15", SECOND),
]


@pytest.mark.parametrize(("text", "moment", "precision"), MOMENTS)
def test_a_moment_in_any_spelling(text: str, moment: str, precision: Precision) -> None:
    found = parse_published(text)
    assert found is not None
    assert (iso(found[0]), found[1]) == (f"{moment}+08:00", precision)
    assert found[0].tzinfo is UTC


@pytest.mark.parametrize("text", ["", " ", "-", "--", "无", "N/A", "null", "未知"])
def test_a_blank_is_no_moment(text: str) -> None:
    assert parse_published(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3小时前", "does not tell"),
        ("昨天 20:30", "does not tell"),
        ("刚刚", "does not tell"),
        ("2 days ago", "does not tell"),
        ("2020-02-30", "does not exist"),
        ("2020-13-01", "does not exist"),
        ("2020-11-11 25:00", "does not exist"),
        ("2020-11-11 20:61", "does not exist"),
        ("Nov 31, 2020 8:00 PM", "does not exist"),
        ("Wed, 11 Nov 2020 20:00:00 XYZ", "not a date"),
        ("Wed, 11 Nov 2020 20:00:00 (PST)", "not a date"),
        ("Nov 11, 2020 8:00 PM or later", "not a date"),
        ("2020-11-11 20:00-21", "not a date"),
        ("11月11日", "not a date"),
        ("11/12/2020", "not a date"),
        ("很久以前", "not a date"),
        ("123", "not a date"),
        ("9" * 40, "not a date"),
        ("见附件2020-11-11", "not a date"),
    ],
)
def test_what_tells_no_moment_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_published(text)


_moments = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001  a zone follows
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)


@given(
    _moments,
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S"]),
)
def test_written_and_read_it_is_the_same_moment(moment: datetime, form: str) -> None:
    assert parse_published(moment.strftime(form)) == (moment, SECOND)
    assert parse_published(moment.isoformat()) == (moment, SECOND)
    assert parse_published(str(int(moment.timestamp()))) == (moment, SECOND)


@given(_moments)
def test_excels_serial_days_come_back_to_the_second(moment: datetime) -> None:
    naive = moment.replace(tzinfo=None)
    serial = (naive - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001  Excel knows no zones
    found = parse_published(f"{serial:.9f}")
    assert found is not None
    assert abs(found[0] - moment) <= timedelta(seconds=1)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_a_blank_or_refused(text: str) -> None:
    try:
        found = parse_published(text)
    except ValueError:
        return
    assert found is None or found[0].tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0), ("1234", 1234), ("1,234", 1234), ("１２３", 123), ("12.0", 12), ("1.2万", 12_000),
        ("10万+", 100_000),
        ("3w", 30_000), ("2k", 2_000), ("1.5亿", 150_000_000), ("100+", 100), ("12次", 12),
        ("", None), ("-", None), ("赞", None), ("抢首评", None),
    ],
)  # fmt: skip
def test_counts_as_platforms_write_them(text: str, count: int | None) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["很多", "-5", "1.2.3", "12a", "万"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a count"):
        parse_count(text)


@pytest.mark.parametrize("text", ["9" * 30, "9" * 400, "99999999999亿"])
def test_a_count_that_no_record_could_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="larger than any count"):
        parse_count(text)


@pytest.mark.parametrize(
    ("text", "rank"),
    [("3", 3), ("3.0", 3), ("第3名", 3), ("No.3", 3), ("TOP 3", 3), ("＃3", 3), ("-", None)],
)
def test_ranks_as_lists_write_them(text: str, rank: int | None) -> None:
    assert parse_rank(text) == rank


@pytest.mark.parametrize("text", ["置顶", "3.5", "1万", "3/50"])
def test_what_is_no_rank_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a rank"):
        parse_rank(text)
