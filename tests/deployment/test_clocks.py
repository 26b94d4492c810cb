"""Clocks an hour apart, or set back by one: no document is lost to events, and later versions stay later."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.indexer.test_takeover import Machine, machine, raw, state_url, write

from fengping import events
from fengping.home import Home
from fengping.indexer import open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument

__all__ = ["machine", "state_url"]
pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 20, tzinfo=UTC)
AHEAD = NOW + timedelta(hours=1)
STORIES = (
    "主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部链接",
    "云朵甄选直播间买2999元和田玉手链，鉴定证书显示石英岩，客服只退款不赔",
    "双十一零点付完尾款发现预售洗衣机比现货贵八十七块，补差价被拒，投诉也没人理",
)


def post(number: int, story: int) -> RawDocument:
    return replace(raw(number), text=f"网友第{number}次爆料：{STORIES[story]}")


def take_in(home: Home, at: datetime, *documents: RawDocument) -> None:
    """Indexes new documents and brings events up to date by a clock that says *at*."""
    write(home, *documents)
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=at)
        events.update(home, store)


def together(home: Home, documents: list[RawDocument]) -> dict[str, str]:
    found = events.events_of_documents(home, [one.id for one in documents])
    return {id: event.id for id, event in found.items()}


def follow_the_clock_back(first: Home, second: Home) -> None:
    """*first* leads an hour ahead; events of what *second* takes in then are as those of all read anew."""
    posts = [post(number, number % 3) for number in range(12)]
    take_in(first, AHEAD, *posts[:4])
    for turn, one in enumerate(posts[4:9]):
        take_in(second, NOW + timedelta(minutes=10 * turn), one)
    # One of the first four tells another story now.
    changed = replace(post(0, 2), fetched_at=NOW + timedelta(minutes=55))
    take_in(second, NOW + timedelta(minutes=56), changed)
    for turn, one in enumerate(posts[9:]):
        take_in(second, AHEAD + timedelta(minutes=10 * turn), one)
    found = together(second, posts)
    assert found.keys() == {one.id for one in posts}
    assert found[posts[0].id] == found[posts[2].id] != found[posts[3].id]
    with closing(open_store(second)) as store:
        events.update(second, store, anew=True)
    assert together(second, posts) == found


def test_a_home_whose_clock_is_set_back_loses_nothing_to_events(home: Home) -> None:
    follow_the_clock_back(home, home)


def test_a_first_run_after_a_clock_went_back_within_a_second_is_read(home: Home) -> None:
    """The times of the runs have parts of seconds, which stores do not keep."""
    posts = [post(number, number % 3) for number in range(4)]
    take_in(home, AHEAD + timedelta(seconds=0.4), *posts[:3])
    take_in(home, NOW + timedelta(seconds=0.7), posts[3])
    found = together(home, posts)
    assert found[posts[3].id] == found[posts[0].id]


@pytest.mark.long
def test_a_standby_takes_over_from_a_leader_whose_clock_was_ahead(machine: Machine) -> None:
    follow_the_clock_back(machine("one"), machine("two"))


@pytest.mark.long
def test_a_collector_whose_clock_is_ahead_makes_no_later_version_older(machine: Machine) -> None:
    home, now = machine("one"), datetime.now(UTC)
    said = replace(post(1, 1), fetched_at=now + timedelta(hours=1))
    later = replace(said, text=said.text + "。已退款", fetched_at=now + timedelta(minutes=2))
    write(home, said)
    write(home, later)
    [first, second] = open_journal(home).versions(said.id)
    assert abs(first.fetched_at - now) < timedelta(minutes=1) and first.text == said.text
    assert second.text == later.text
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=NOW)
        assert store.get([said.id])[0].raw.text == later.text
