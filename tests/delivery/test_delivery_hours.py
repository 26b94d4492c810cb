"""Hours of routes, and clocks that were wrong: nothing is lost, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.delivery.conftest import NOW

from fengping.clock import SHANGHAI
from fengping.delivery import Book, Message, Outbox, Outcome, Severity, Verdict, deliver_due
from fengping.delivery.pace import Pace, take
from fengping.delivery.renaming import rename
from fengping.home import Home

Write = Callable[[str], Home]
YEAR = timedelta(days=365)
DAYTIME = '[[routes]]\nname = "alarms"\nhours = "08:00-22:00"\nto = ["file"]\n'
NIGHT = '[[routes]]\nname = "alarms"\nseverity = "critical"\nhours = "22:00-08:00"\nto = ["stdout"]\n'
DEAD = '[channels.dead]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 11, hour, minute, tzinfo=SHANGHAI)


def message(key: str = "alarm a", severity: Severity = Severity.WARNING) -> Message:
    return Message(key, "夜里的预警", severity=severity)


def test_what_no_route_takes_at_night_goes_out_when_the_hours_of_one_begin(book: Write) -> None:
    home = book(DAYTIME + NIGHT)
    outbox = Outbox.open(home)
    assert outbox.enqueue(message(), ["alarms"], at(3)) == 1
    assert outbox.enqueue(message("alarm b", Severity.CRITICAL), ["alarms"], at(3)) == 1
    for moment in (at(3), at(7, 59)):
        assert deliver_due(home, moment).accepted == 0
    assert deliver_due(home, at(8, 1)).accepted == 1
    assert [letter.status for letter in outbox.of("alarm a")] == ["accepted"]
    assert [(one.channel, one.status) for one in outbox.of("alarm b")] == [("stdout", "waiting")]
    # It did not wait for a channel, but for its hours.
    assert outbox.count(at(8, 30))["late"] == 1


def test_a_route_that_goes_on_leaves_the_message_to_one_whose_hours_begin_later(book: Write) -> None:
    archive = '[[routes]]\nname = "alarms"\ngo_on = true\nto = ["stdout"]\n'
    found = Book.load(book(archive + DAYTIME)).receivers(["alarms"], message(), at(3))
    assert found.places == {("stdout", ""): at(3), ("file", ""): at(8)} and not found.dropped
    day = Book.load(book(archive + DAYTIME)).receivers(["alarms"], message(), at(12))
    assert set(day.places.values()) == {at(12)} and len(day.places) == 2


def test_a_letter_for_a_channel_that_was_renamed_waits_for_the_service_to_take_it_in(
    book: Write, tmp_path: Path
) -> None:
    was, new = (f'[channels.{name}]\nkind = "file"\npath = "{name}.jsonl"\n' for name in ("duty", "zhiban"))
    home = book(was)
    before = tmp_path / "before"
    before.mkdir()
    (before / "delivery.toml").write_text(was, encoding="utf-8")
    outbox = Outbox.open(home)
    outbox.enqueue(message(), ["duty"], NOW)
    book(new)
    with outbox.state.begin() as connection:
        rename(connection, "duty", "zhiban")
    assert deliver_due(Home(home.root, in_force=before), NOW).dead == 0
    assert [letter.status for letter in outbox.of("alarm a")] == ["waiting"]
    (home.root / "delivery.toml").write_text("broken", encoding="utf-8")
    assert deliver_due(Home(home.root, in_force=before), NOW).dead == 0
    book(new)
    assert deliver_due(home, NOW).accepted == 1
    book("")
    outbox.enqueue(message("alarm b"), ["file"], NOW)
    with outbox.state.begin() as connection:
        rename(connection, "file", "gone")
    assert deliver_due(home, NOW).dead == 1


def test_hours_that_pass_midnight_begin_in_the_evening(book: Write) -> None:
    found = Book.load(book(NIGHT)).receivers(["alarms"], message(severity=Severity.CRITICAL), at(12))
    assert found.places == {("stdout", ""): at(22)} and not found.dropped


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ('[[routes]]\nname = "alarms"\nmatch = { host = ["某主播"] }\nto = ["file"]\n', False),
        ('[[routes]]\nname = "alarms"\nseverity = "critical"\nto = ["file"]\n', False),
        ('[[routes]]\nname = "alarms"\nto = []\n', True),
    ],
)
def test_what_goes_nowhere_is_no_message_and_on_purpose_or_not(book: Write, text: str, dropped: bool) -> None:
    home = book(text)
    outbox = Outbox.open(home)
    assert outbox.enqueue(message(), ["alarms"], NOW) == 0 and outbox.old(NOW + YEAR) == 0
    found = outbox.book.receivers(["alarms"], message(), NOW)
    assert (dict(found.places), found.dropped) == ({}, dropped)


def test_a_channel_that_is_not_reached_is_told_in_the_same_words_each_time(book: Write) -> None:
    home = book(DEAD)
    Outbox.open(home).enqueue(message(), ["dead"], NOW)
    [sentence] = deliver_due(home, NOW).sentences
    assert "127.0.0.1:9" in sentence and " ssl:" not in sentence and "0x" not in sentence


def test_a_rest_of_a_clock_that_was_a_year_ahead_is_none(book: Write) -> None:
    home = book(DEAD)
    outbox = Outbox.open(home)
    outbox.enqueue(message("old"), ["dead"], NOW)
    assert deliver_due(home, NOW + YEAR).failed == 1
    outbox.enqueue(message("of that day"), ["dead"], NOW + YEAR)
    counts = deliver_due(home, NOW + timedelta(minutes=1))
    assert counts.failed >= 1 and "clock that was ahead" in counts.notes[0]
    assert all(letter.since <= NOW + timedelta(minutes=2) for letter in outbox.waiting())
    # From here on they are given up as others are.
    moment = NOW
    while outbox.waiting() and moment < NOW + timedelta(days=5):
        moment += timedelta(hours=1)
        deliver_due(home, moment)
    assert {letter.subject for letter in outbox.dead()} == {"夜里的预警"} and len(outbox.dead()) == 2
    assert deliver_due(home, moment).notes == []


def test_a_letter_that_waits_for_its_hours_is_not_taken_for_one_of_a_wrong_clock(book: Write) -> None:
    home = book(DAYTIME)
    outbox = Outbox.open(home)
    outbox.enqueue(message(), ["alarms"], at(23))
    assert deliver_due(home, at(23, 5)).notes == []
    assert outbox.waiting()[0].due_at == at(8) + timedelta(days=1)


def test_a_rest_that_can_be_still_holds(book: Write) -> None:
    pace = Pace(Outbox.open(book(DEAD)).state, "robot", 2)
    pace.failed(NOW, 3600)
    assert not pace.permit(NOW + timedelta(minutes=59)) and pace.permit(NOW + timedelta(minutes=61))
    pace.failed(NOW + YEAR, 86_400)
    assert pace.permit(NOW + timedelta(hours=2))
    assert take([(NOW + YEAR).timestamp()] * 2, NOW.timestamp(), 2) == [NOW.timestamp()]


def test_what_waits_too_long_for_a_channel_without_its_secret_is_given_up(book: Write) -> None:
    home = book('[channels.duty]\nkind = "dingtalk"\nurl = "$NOT_SET_ANYWHERE"\n')
    outbox = Outbox.open(home)
    outbox.enqueue(message(), ["duty"], NOW)
    assert deliver_due(home, NOW + timedelta(days=2)).dead == 0
    assert deliver_due(home, NOW + timedelta(days=3, minutes=1)).dead == 1
    assert "NOT_SET_ANYWHERE" in outbox.dead()[0].reply


def test_a_delivery_that_tries_nothing_says_what_waits_after_a_failure(book: Write) -> None:
    home = book(DEAD)
    outbox = Outbox.open(home)
    outbox.enqueue(message(), ["dead"], NOW)
    assert deliver_due(home, NOW).sentences
    again = deliver_due(home, NOW + timedelta(seconds=2))
    assert again.failed == 0 and again.sentences == []
    assert again.resting[0].startswith("1 messages wait for dead. It said: ")
    with outbox.state.begin():
        claim = outbox.claim("dead", NOW + timedelta(hours=1), timedelta(seconds=30))
    assert claim is not None
    outbox.settle(claim, Verdict(Outcome.ACCEPTED, "ok"), NOW + timedelta(hours=1), 0.1)
    assert deliver_due(home, NOW + timedelta(hours=2)).resting == []
