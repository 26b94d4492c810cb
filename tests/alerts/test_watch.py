"""A watch: each new event against a party is told at once by its gravity, and what follows it."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.alerts.making import START, fengping
from tests.making import LONG, document, put

from fengping.alerts import Firing
from fengping.alerts.decide import Cause
from fengping.alerts.gravity import Gravity, gravity_of, of_event, of_trade
from fengping.clock import iso
from fengping.delivery import Severity
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Channel
from fengping.services import alert

NEWS: dict[str, Any] = {"channel": Channel.NEWS, "tier": "market"}
_numbers = itertools.count(1)


def charge(hours: float, text: str = "", *, event: str = "", tier: str = "", **changes: Any) -> Any:
    """A charge against 檀木子, come in at once; its event is given as an update of events would mark it."""
    from dataclasses import replace

    at = START + timedelta(hours=hours)
    number = next(_numbers)
    values: dict[str, Any] = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",), "issues": ("C02",)}
    found = document(
        number, at, text or f"檀木子直播间被投诉{number}", indexed_at=at, source=f"s{number}",
        **values | changes,
    )  # fmt: skip
    return replace(found, event=event, tier=tier)


def grave(hours: float, *signals: str, **changes: Any) -> Any:
    """A charge by a medium, with what the encoder read in it."""
    return charge(hours, signals=("charge", *signals), accused=("檀木子",), **NEWS | changes)


@pytest.fixture
def watched(home: Home) -> Home:
    """A home with a watch on every host, which has collected for weeks."""
    home.alerts.mkdir()
    (home.alerts / "w.toml").write_text('name = "w"\nkind = "watch"\nchannels = ["file"]\n', "utf-8")
    return home


def come(home: Home, *documents: Any) -> None:
    store = open_store(home)
    put(home, store, documents)
    store.close()


def check(home: Home, hours: float) -> list[Firing]:
    at = START + timedelta(hours=hours)
    return alert.check(home, at, at).checked.firings


def letters(home: Home) -> list[dict[str, Any]]:
    file = home.var / "delivery" / "messages.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def test_two_accusations_in_an_otherwise_empty_home_are_told(watched: Home) -> None:
    come(watched, charge(0), charge(0.5))
    assert {(one.party, one.gravity) for one in check(watched, 1)} == {("檀木子", Gravity.WARNING)}
    [first, *_] = letters(watched)
    assert "此前无历史可比" in first["plain"]


def test_the_first_check_after_the_time_of_the_digest_tells_what_fires_in_it(watched: Home) -> None:
    come(watched, charge(0.5))  # 08:30 in China
    [fired] = check(watched, 1)
    assert fired.gravity == Gravity.DIGEST
    [letter] = letters(watched)
    assert letter["subject"] == "【预警汇总】1次预警，此前未通知"


def test_a_single_complaint_waits_for_the_digest_of_the_day(watched: Home) -> None:
    come(watched, charge(0))  # 08:00 in China
    [fired] = check(watched, 0.5)
    assert (fired.gravity, letters(watched)) == (Gravity.DIGEST, [])
    check(watched, 2)
    [told] = letters(watched)
    assert "每日汇总" in told["lines"][0] and "檀木子" in told["lines"][0]


def test_an_arrest_told_by_one_medium_is_critical_at_once(watched: Home) -> None:
    come(watched, grave(0, "official", "official.detain"))
    [fired] = check(watched, 0.2)
    assert fired.gravity == Gravity.CRITICAL
    [told] = letters(watched)
    assert told["severity"] == Severity.CRITICAL and told["subject"].startswith("【紧急】檀木子：")


GRAVE = ("harm", "official.fine", "official.ban", "official.detain", "official.prosecute")


@pytest.mark.parametrize(
    "kept_by", ["cool-down", "acknowledgement", "silence of the event", "silence of the party"]
)
@pytest.mark.parametrize("signal", GRAVE if LONG else GRAVE[:1])
def test_a_grave_second_affair_is_told_within_the_cool_down_of_a_first(
    watched: Home, signal: str, kept_by: str
) -> None:
    come(watched, grave(0, "test", event="e1"), grave(0.1, event="e1"))
    [first] = check(watched, 0.5)
    at = START + timedelta(hours=0.6)
    if kept_by == "acknowledgement":
        alert.acknowledge(watched, 1, "值班员", at)
    elif kept_by != "cool-down":
        key = "key=e1" if "event" in kept_by else "key=檀木子"
        alert.silence(watched, [key], at, by="值班员", reason="已知", lasting=timedelta(days=2))
    come(watched, grave(1, signal, event="e2"))
    [second] = check(watched, 1.2)
    assert (first.cause, second.cause, second.gravity) == (Cause.FIRST, Cause.FIRST, Gravity.CRITICAL)
    assert len(letters(watched)) == 2
    assert letters(watched)[1]["severity"] == "critical"


def test_what_gets_graver_breaks_the_cool_down_and_a_silence_of_its_event(watched: Home) -> None:
    come(watched, grave(0, "test", event="e1"))
    [first] = check(watched, 0.5)
    at = START + timedelta(hours=0.6)
    alert.silence(watched, ["key=e1"], at, by="值班员", reason="已知", lasting=timedelta(days=2))
    come(watched, grave(1, "harm", event="e1"))
    [second] = check(watched, 1.2)
    assert (first.gravity, second.cause) == (Gravity.WARNING, Cause.GRAVER)
    assert letters(watched)[1]["subject"].startswith("【紧急】【更重】檀木子：")


def test_an_answer_and_growth_wait_for_the_cool_down_and_are_told_once(watched: Home) -> None:
    come(watched, grave(0, "test", event="e1"))
    check(watched, 0.5)
    come(watched, charge(1, "檀木子回应", event="e1", act=Act.RESPONSE), *(
        charge(2 + n / 10, event="e1") for n in range(3)
    ))  # fmt: skip
    assert check(watched, 3) == []
    assert [one.cause for one in check(watched, 25)] == [Cause.ANSWERED]
    assert "有回应" in letters(watched)[-1]["lines"][0]
    assert check(watched, 26) == []


def test_an_event_without_a_new_text_for_days_is_over_and_told_so(watched: Home) -> None:
    come(watched, grave(0, "test", event="e1"))
    check(watched, 0.5)
    for hour in range(24, 97, 24):
        check(watched, hour)
    assert letters(watched)[-1]["subject"].startswith("【解除】檀木子")


def test_an_event_goes_on_under_what_it_was_told_as_once_it_gets_an_id(watched: Home) -> None:
    from dataclasses import replace

    alone = grave(0, "test")
    come(watched, alone)
    check(watched, 0.5)
    come(watched, replace(alone, event="e9"), grave(1, event="e9"))
    assert check(watched, 1.5) == []


def test_gossip_about_a_registered_host_is_not_told_and_a_tax_fine_is(watched: Home) -> None:
    gossip = {"issues": (), "relevant": False, "consumer": False}
    come(watched, grave(0, event="e1", **gossip))
    assert check(watched, 0.5) == []
    come(watched, grave(1, "official.fine", event="e2", regulators=("国家税务总局",), **gossip))
    assert [one.gravity for one in check(watched, 1.5)] == [Gravity.CRITICAL]


@pytest.mark.parametrize(("act", "told"), [("detain", 1), ("ban", 1), ("investigate", 1), ("judge", 0)])
def test_a_host_whom_an_authority_pursues_is_told_though_no_word_is_of_trade(
    watched: Home, act: str, told: int
) -> None:
    quiet = {"issues": (), "relevant": False, "consumer": False}
    come(watched, grave(0, f"official.{act}", **quiet))
    assert len(check(watched, 0.5)) == told


def test_a_party_by_name_is_told_whatever_it_is_charged_with(watched: Home) -> None:
    text = 'name = "w"\nkind = "watch"\nparties = ["云朵甄选"]\nchannels = ["file"]\n'
    (watched.alerts / "w.toml").write_text(text, "utf-8")
    nobody = {"hosts": (), "negative_hosts": (), "relevant": False, "issues": ()}
    come(
        watched,
        charge(0, "云朵甄选老板打人，云朵甄选老板没有道歉", tier="central", **nobody),
        charge(0, "别家打人", **nobody),
    )
    [fired] = check(watched, 0.5)
    assert fired.party == "云朵甄选"
    [told] = letters(watched)
    assert (
        told["subject"] == "云朵甄选：老板打人，云朵甄选老板没有道歉（s" + told["subject"].partition("（s")[2]
    )


def test_the_first_line_names_party_charge_source_and_publishers_in_sixty_characters(watched: Home) -> None:
    long = "檀木子直播间玉镯送检为塑料" + "，消费者要求退一赔三" * 8
    come(watched, *(grave(n / 10, "test", text=long, event="e1") for n in range(2)))
    check(watched, 0.5)
    [told] = letters(watched)
    assert told["subject"].startswith("檀木子：直播间玉镯送检为塑料") and told["subject"].endswith("等2家）")
    assert len(told["subject"]) <= 60
    lines = told["lines"]
    assert lines[0].startswith("未证实，未见回应；共2条") and lines[1].startswith("首篇：[")
    assert "fengping" not in told["plain"] + "".join(lines)
    assert len(told["subject"] + "".join(lines)) <= 200


def test_texts_that_a_list_shows_twice_count_once(watched: Home) -> None:
    from dataclasses import replace

    one = grave(0, "test", event="e1")
    again = replace(grave(0.1, "test", event="e1"), group=one.group)
    listed = {"title": "檀木子直播间玉镯送检为塑料", "source": "list"}
    come(watched, *(replace(each, raw=replace(each.raw, **listed)) for each in (one, again)))
    check(watched, 0.5)
    assert "共1条" in letters(watched)[0]["lines"][0]


def test_a_back_test_prints_new_events_and_with_all_what_follows(watched: Home) -> None:
    come(watched, grave(0, "test", event="e1"), grave(5, "harm", event="e1"), grave(6, "harm", event="e2"))
    window = ("--from", iso(START - timedelta(days=1))[:16], "--to", iso(START + timedelta(days=1))[:16])
    rows = [
        json.loads(line)
        for line in fengping(watched, "alerts", "test", *window, "--json").stdout.splitlines()
    ]
    assert [(row["key"], row["cause"]) for row in rows] == [("檀木子", "first"), ("檀木子", "first")]
    done = fengping(watched, "alerts", "test", *window, "--json", "--all")
    assert [json.loads(line)["cause"] for line in done.stdout.splitlines()] == ["first", "graver", "first"]


def values(**given: Any) -> dict[str, Any]:
    names = (
        "signals",
        "issues",
        "facets",
        "tier",
        "channel",
        "act",
        "rank",
        "regulators",
        "consumer",
        "relevant",
        "negative_hosts",
    )
    return dict.fromkeys(names) | given


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, Gravity.DIGEST),
        ({"rank": 3}, Gravity.WARNING),
        ({"tier": "central"}, Gravity.WARNING),
        ({"signals": ("test",)}, Gravity.WARNING),
        ({"signals": ("harm",)}, Gravity.WARNING),
        ({"signals": ("harm",), "tier": "market"}, Gravity.CRITICAL),
        ({"signals": ("test",), "issues": ("C11",), "channel": Channel.NEWS}, Gravity.CRITICAL),
        ({"act": Act.PENALTY, "tier": "market"}, Gravity.WARNING),
    ],
)
def test_gravity_follows_from_signals_and_publishers(given: dict[str, Any], found: Gravity) -> None:
    assert gravity_of(values(**given)) is found


def test_size_beyond_the_usual_raises_gravity() -> None:
    assert of_event(1, 1, 1, 2) is Gravity.DIGEST
    assert of_event(1, 2, 2, 2) is Gravity.WARNING
    assert of_event(2, 12, 12, 3) is Gravity.CRITICAL
    assert of_event(1, 5, 5, 8) is Gravity.DIGEST


def test_police_alone_make_no_matter_of_trade() -> None:
    assert not of_trade(values(regulators=("公安机关",)))
    assert of_trade(values(regulators=("国家税务总局",)))
