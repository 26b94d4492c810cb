"""Another event beside the one an alarm was told of: documents get their event after they were told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove
from tests.alerts.making import START
from tests.making import document, put

from fengping.alerts.decide import Cause
from fengping.events.building.opening import leave
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import alert, events
from fengping.state import State

TOLD = (
    "主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部链接",
    "双十一零点付完尾款发现预售洗衣机比现货贵八十七块，补差价被拒",
    "燕窝检出唾液酸不足千分之一，实为糖水饮料，打假人晒出报告",
)
"""Three posts of three affairs: each stands alone, and bears no event."""
SAME = f"网友爆料：{TOLD[0]}。已截图"
OTHER = "直播间买2999元和田玉手链，鉴定证书显示石英岩，客服只退款不赔"
OTHER_TOO = f"气死了！{OTHER}，太坑了"


@pytest.fixture
def watched(home: Home) -> Home:
    home.alerts.mkdir()
    (home.alerts / "three.toml").write_text(
        'name = "three"\nnum_events = 3\nchannels = ["file"]\n', encoding="utf-8"
    )
    return home


def causes(home: Home, hours: float, *texts: str) -> list[Cause]:
    """The alarms of a round: these texts come in, events are brought up to date, rules are checked."""
    come(home, hours, *texts)
    return check(home, hours)


def come(home: Home, hours: float, *texts: str) -> None:
    at = START + timedelta(hours=hours)
    store = open_store(home)
    put(home, store, [
        document(
            int(100 * hours) + n, at - timedelta(minutes=n), text, hosts=("檀木子",),
            negative_hosts=("檀木子",), indexed_at=at,
        )
        for n, text in enumerate(texts)
    ])  # fmt: skip
    store.close()
    events.update(home)


def check(home: Home, hours: float) -> list[Cause]:
    at = START + timedelta(hours=hours)
    return [firing.cause for firing in alert.check(home, at, at).checked.firings]


def test_another_affair_breaks_through_though_what_was_told_has_no_event(watched: Home) -> None:
    assert causes(watched, 0, *TOLD) == [Cause.FIRST]
    assert causes(watched, 8, OTHER, OTHER_TOO) == [Cause.EVENT]


def test_the_growth_of_what_was_told_is_no_other_affair(watched: Home) -> None:
    assert causes(watched, 0, *TOLD) == [Cause.FIRST]
    assert causes(watched, 8, SAME) == [], "the first post has an event now, and this is it"
    assert causes(watched, 16, OTHER) == [], "one post alone is no event yet"
    assert causes(watched, 20, OTHER_TOO) == [Cause.EVENT]


def test_an_alarm_reads_the_members_of_an_event_once_for_its_numbers(watched: Home) -> None:
    come(watched, 0, OTHER, OTHER_TOO, f"姐妹们避雷！{OTHER}")
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM event_members" in statement and "event_members.publisher" in statement:
            read.append(statement)

    listen(Engine, "before_cursor_execute", note)
    try:
        assert check(watched, 0) == [Cause.FIRST]
    finally:
        remove(Engine, "before_cursor_execute", note)
    [told] = alert.listed(watched, 1)
    assert "全部3条" in told["message"]
    assert len(read) == 1


def test_nothing_is_called_calm_while_the_alarm_of_an_event_that_is_built_anew_goes_on(home: Home) -> None:
    home.alerts.mkdir()
    for name, of in (("new", 'key_by = "event"\nnum_events = 3'), ("many", "num_events = 500")):
        text = f'name = "{name}"\n{of}\nchannels = ["file"]\n'
        (home.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    assert causes(home, 0, OTHER, OTHER_TOO, f"姐妹们避雷！{OTHER}") == [Cause.FIRST]
    home.config_file.write_text('[alerts]\nall_calm = "09:00"\n', encoding="utf-8")
    home = Home.open(home.root)
    with State.open(home).begin() as connection:
        leave(connection, START)
    at = START + timedelta(hours=1.5)
    assert list(alert.check(home, at, at).behind) == ["new"]
    letters = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8")
    assert "预警】" in letters and "无预警中的对象" not in letters
