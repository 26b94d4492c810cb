"""What keeps alarms from waking anybody, the command that mends it, and how soon an alarm follows a post."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.alerts.making import START, fengping
from tests.delivery.servers import DingTalk, Web
from tests.making import document, put

from fengping.delivery import deliver_due
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import alert, readiness
from fengping.services.home import doctor, make_home

HOST = ("檀木子",)


@pytest.fixture
def made(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    make_home(home)
    return Home.open(tmp_path)


def warned(home: Home) -> dict[str, str]:
    return {one.name: one.found for one in doctor(Home.open(home.root)) if one.warns}


def test_a_new_home_says_what_it_lacks_and_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    said = fengping(home, "init")
    assert said.returncode == 0
    found = warned(home)
    assert set(found) == {"reach of alarms", "heartbeat", "backup"}
    assert all(sentence in said.stderr for sentence in found.values())
    assert "fengping deliver add" in found["reach of alarms"]


def test_one_command_writes_a_channel_that_every_rule_tells(made: Home) -> None:
    done = fengping(
        made, "deliver", "add", "duty", "dingtalk", "url=$DUTY", "--alarms", DUTY="https://a.example/"
    )
    assert done.returncode == 0 and "host-negatives tells it its alarms" in done.stdout
    assert "reach of alarms" not in warned(made)
    again = fengping(made, "deliver", "add", "duty", "dingtalk", "url=$DUTY")
    assert again.returncode == 2 and "There is a channel 'duty' already." in again.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("d", "ding"), "Did you mean 'dingtalk'?"),
        (("d", "dingtalk", "link=x"), "has no key 'link'"),
        (("d", "dingtalk", "link"), "is no KEY=VALUE"),
        (("d", "dingtalk"), "url"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_with_a_sentence(
    made: Home, arguments: tuple[str, ...], sentence: str
) -> None:
    done = fengping(made, "deliver", "add", *arguments)
    assert done.returncode == 2 and sentence in done.stderr
    assert not (made.root / "delivery.toml").exists()


def test_the_delay_of_an_alarm_runs_from_the_post_to_the_channel(made: Home) -> None:
    with Web(DingTalk("t0ken", "")).running() as web:
        url = f"{web.url}/robot/send?access_token=t0ken"
        assert fengping(made, "deliver", "add", "duty", "dingtalk", f"url={url}", "--alarms").returncode == 0
        home = Home.open(made.root)
        store = open_store(home)
        put(home, store, [
            document(number, START + timedelta(minutes=number), f"檀木子直播间假货{number}", hosts=HOST,
                     negative_hosts=HOST, issues=("C04",), source="some-desk",
                     indexed_at=START + timedelta(minutes=number))
            for number in (1, 2)
        ])  # fmt: skip
        store.close()
        at = START + timedelta(minutes=20)
        assert alert.check(home, at, at).checked.firings
        deliver_due(home, START + timedelta(minutes=30), within=60)
        told = readiness.told(home, START)
    assert [(one.source, one.seconds // 60) for one in told] == [("some-desk", 19), ("some-desk", 18)]
    assert "the last alarm reached a channel" in readiness.within(home, [], told)


def test_a_schedule_that_may_miss_the_hour_says_so_with_the_setting_that_holds_it(made: Home) -> None:
    assert readiness.within(made, [timedelta(minutes=5)], []) == "An alarm follows a post within 45 min."
    late = readiness.within(made, [timedelta(minutes=25)], [])
    assert "only after 65 min" in late and "schedule.crawl_every_minutes = 25 holds the hour" in late
    assert "crawl fewer sources" in readiness.within(made, [timedelta(minutes=70)], [])
