"""Times as pages and platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.clock import SHANGHAI, iso, local
from fengping.models import Precision
from fengping.spiders.extraction import parse_time

BASE = datetime(2020, 11, 11, 20, 30, 15, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2020-11-10 12:30:05", "2020-11-10T12:30:05", "second"),
        ("2020-11-10T12:30:05+08:00", "2020-11-10T12:30:05", "second"),
        ("2020-11-10T12:30:05.123Z", "2020-11-10T20:30:05", "second"),
        ("2020-11-10T12:30:05-0500", "2020-11-11T01:30:05", "second"),
        ("2020年11月10日 12:30", "2020-11-10T12:30:00", "minute"),
        ("2020年11月10日12时30分", "2020-11-10T12:30:00", "minute"),
        ("2020年11月10日 下午3点", "2020-11-10T15:00:00", "hour"),
        ("2020年11月10日 中午1:20", "2020-11-10T13:20:00", "minute"),
        ("2020年11月10日 中午12:20", "2020-11-10T12:20:00", "minute"),
        ("2020年11月10日 中午11:20", "2020-11-10T11:20:00", "minute"),
        ("2020年11月10日 晚上12:10", "2020-11-11T00:10:00", "minute"),
        ("2020年11月10日 下午12:10", "2020-11-10T12:10:00", "minute"),
        ("2020年11月10日 凌晨12:05", "2020-11-10T00:05:00", "minute"),
        ("2020年11月10日（星期二） 09:05", "2020-11-10T09:05:00", "minute"),
        ("2020年11月10日 (二) 18:30", "2020-11-10T18:30:00", "minute"),
        ("2020 11/10 20:05:32", "2020-11-10T20:05:32", "second"),
        ("2020/11/10 9:05", "2020-11-10T09:05:00", "minute"),
        ("2020.11.10", "2020-11-10T00:00:00", "day"),
        ("２０２０年１１月１０日", "2020-11-10T00:00:00", "day"),
        ("20201110", "2020-11-10T00:00:00", "day"),
        ("20201110123005", "2020-11-10T12:30:05", "second"),
        ("2020-11-10 00:00:00", "2020-11-10T00:00:00", "day"),
        ("二〇一九年十二月三十一日", "2019-12-31T00:00:00", "day"),
        ("11月10日 20:00", "2020-11-10T20:00:00", "year-inferred"),
        ("11月12日", "2019-11-12T00:00:00", "year-inferred"),
        ("11-10 08:00", "2020-11-10T08:00:00", "year-inferred"),
        ("[12-31]", "2019-12-31T00:00:00", "year-inferred"),
        ("02-29", "2020-02-29T00:00:00", "year-inferred"),
        ("19-5-3 12:00", "2019-05-03T12:00:00", "minute"),
        ("12:30", "2020-11-11T12:30:00", "minute"),
        ("23:50", "2020-11-10T23:50:00", "minute"),
        ("今天 12:30", "2020-11-11T12:30:00", "minute"),
        ("昨天 12:30", "2020-11-10T12:30:00", "minute"),
        ("昨天", "2020-11-10T00:00:00", "day"),
        ("前天", "2020-11-09T00:00:00", "day"),
        ("刚刚", "2020-11-11T20:30:00", "minute"),
        ("3秒前", "2020-11-11T20:30:12", "second"),
        ("5分钟前", "2020-11-11T20:25:00", "minute"),
        ("半小时前", "2020-11-11T20:00:00", "hour"),
        ("3个小时前", "2020-11-11T17:00:00", "hour"),
        ("两天前", "2020-11-09T00:00:00", "day"),
        ("1605009600", "2020-11-10T20:00:00", "second"),
        ("1605009600000", "2020-11-10T20:00:00", "second"),
        ("Tue, 10 Nov 2020 12:00:00 GMT", "2020-11-10T20:00:00", "second"),
        ("Tue Nov 10 20:00:00 +0800 2020", "2020-11-10T20:00:00", "second"),
        ("Tue Nov 10 2020 20:00:00 GMT+0800 (中国标准时间)", "2020-11-10T20:00:00", "second"),
        ("Tue Nov 10 20:00:00 CST 2020", "2020-11-10T20:00:00", "second"),
        ("Tue, 10 Nov 2020 07:00:00 EST", "2020-11-10T20:00:00", "second"),
        ("Tue, 10 Nov 2020 04:00:00 PST", "2020-11-10T20:00:00", "second"),
        ("Tue, 10 Nov 2020 12:00:00 UT", "2020-11-10T20:00:00", "second"),
        ("Tue, 10 Nov 2020 12:00:00 -0000", "2020-11-10T20:00:00", "second"),
        ("2020-11-10 12:00:00+00", "2020-11-10T20:00:00", "second"),
        ("2020-11-10 12:00:00.123+00", "2020-11-10T20:00:00", "second"),
        ("2020-11-10 20:00 GMT+8", "2020-11-10T20:00:00", "minute"),
        ("2020-11-10 20:00-21", "2020-11-10T20:00:00", "minute"),
        ("2020-11-10 Z世代报告", "2020-11-10T00:00:00", "day"),
        ("November 10, 2020 8:00 PM", "2020-11-10T20:00:00", "minute"),
        ("来源：某网　发布时间：2020-11-10　20:00　阅读 12", "2020-11-10T20:00:00", "minute"),
        ("2020-11-10 24人受伤", "2020-11-10T00:00:00", "day"),
        ("2020-11-11 20:35", "2020-11-11T20:35:00", "minute"),
    ],
)
def test_written_times(text: str, moment: str, precision: str) -> None:
    found = parse_time(text, BASE)
    assert found is not None
    assert (iso(found[0]), found[1]) == (f"{moment}+08:00", precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "围巾", "12345", "1.2.3", "1/2 页的 3", "电话 2020-1234567", "2020-02-30", "1970-01-01",
        "1986年", "1个月前", "2周前", "去年", "今天天气很好", "2021-01-01", "2020-11-11 21:30", "2020-11-12",
        "99999999999999", "半天前", "v1.20.3",
    ],
)  # fmt: skip
def test_no_time_to_rely_on(text: str) -> None:
    assert parse_time(text, BASE) is None


moments = st.datetimes(
    min_value=datetime(1995, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2020, 11, 11, 20, 0),  # noqa: DTZ001
).map(lambda naive: naive.replace(microsecond=0, tzinfo=SHANGHAI))
FORMATS = (
    ("%Y-%m-%d %H:%M:%S", Precision.SECOND),
    ("%Y-%m-%dT%H:%M:%S+08:00", Precision.SECOND),
    ("%Y年%m月%d日 %H:%M:%S", Precision.SECOND),
    ("%Y%m%d%H%M%S", Precision.SECOND),
    ("%a, %d %b %Y %H:%M:%S +0800", Precision.SECOND),
    ("%a %b %d %H:%M:%S +0800 %Y", Precision.SECOND),
    ("%Y/%m/%d %H:%M", Precision.MINUTE),
    ("%Y.%m.%d %H:%M", Precision.MINUTE),
    ("%Y年%m月%d日%H时%M分", Precision.MINUTE),
    ("%Y年%m月%d日%H时", Precision.HOUR),
    ("%Y-%m-%d", Precision.DAY),
    ("%Y年%m月%d日", Precision.DAY),
)
CUT = {
    Precision.SECOND: {},
    Precision.MINUTE: {"second": 0},
    Precision.HOUR: {"minute": 0, "second": 0},
    Precision.DAY: {"hour": 0, "minute": 0, "second": 0},
}


@given(
    moments,
    st.sampled_from(FORMATS),
    st.sampled_from(("{}", "发布时间：{}", "  {}  ", "{} 来源：江州网", "[{}]")),
)
def test_what_is_written_is_read_back(moment: datetime, style: tuple[str, Precision], around: str) -> None:
    form, precision = style
    found = parse_time(around.format(moment.strftime(form)), BASE)
    assert found is not None
    assert found[0] == moment.replace(**CUT[precision])  # type: ignore[arg-type]
    # Systems that store only days print midnight to the second.
    midnight = precision is Precision.SECOND and moment.strftime("%H%M%S") == "000000"
    assert found[1] is (Precision.DAY if midnight else precision)


@given(moments, st.integers(-12, 14))
def test_zones_are_counted(moment: datetime, hours: int) -> None:
    zoned = moment.astimezone(timezone(timedelta(hours=hours)))
    if zoned.strftime("%H%M%S") != "000000" and zoned.year >= 1995:
        assert parse_time(zoned.isoformat(), BASE) == (moment, Precision.SECOND)


@given(moments)
def test_epochs_are_read_in_seconds_and_milliseconds(moment: datetime) -> None:
    seconds = int(moment.timestamp())
    if seconds >= 1_000_000_000:
        assert (
            parse_time(str(seconds), BASE) == parse_time(f"{seconds}123", BASE) == (moment, Precision.SECOND)
        )


@given(st.integers(1, 300), st.sampled_from(("秒", "分钟", "小时", "天")))
def test_relative_times_are_counted_back_and_cut_to_their_precision(n: int, unit: str) -> None:
    found = parse_time(f"{n}{unit}前", BASE)
    length = {"秒": timedelta(seconds=1), "分钟": timedelta(minutes=1), "小时": timedelta(hours=1)}
    assert found is not None
    gap = BASE - n * length.get(unit, timedelta(days=1)) - found[0]
    assert timedelta(0) <= gap < length.get(unit, timedelta(days=1))


@given(st.text(max_size=60) | st.from_regex(r"[0-9年月日时分:/\-\. 前天小昨]{0,24}", fullmatch=True))
def test_any_text_is_read_without_error_and_never_as_the_future(text: str) -> None:
    found = parse_time(text, BASE)
    if found is not None:
        moment, precision = found
        assert moment.tzinfo is UTC
        assert moment <= BASE + timedelta(minutes=10)
        assert local(moment).year >= 1994
        assert moment.microsecond == 0
        assert isinstance(precision, Precision)
