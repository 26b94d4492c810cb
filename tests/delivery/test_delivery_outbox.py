"""The outbox on SQLite and PostgreSQL: claims, order, repeats, retention."""

from __future__ import annotations

import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from tests import postgres
from tests.delivery.conftest import NOW
from tests.delivery.servers import Answer, Request, Web, as_json
from tests.meanwhile import clock_ahead

from fengping.clock import SHANGHAI, local
from fengping.delivery import (
    Attachment,
    Message,
    Outbox,
    Outcome,
    Severity,
    Verdict,
    deliver_due,
    retry,
    sending,
)
from fengping.delivery.pace import back_off
from fengping.errors import UsageError
from fengping.home import Home

LEASE = timedelta(seconds=30)
YES = Verdict(Outcome.ACCEPTED, "ok")


def message(key: str, **more: object) -> Message:
    return Message(key=key, subject=f"消息 {key}", **more)  # type: ignore[arg-type]


def test_two_senders_never_send_one_row(any_home: Home) -> None:
    taken: list[str] = []

    def answer(request: object) -> object:
        taken.append(request.headers["idempotency-key"])  # type: ignore[attr-defined]
        return as_json({})

    with Web(answer).running() as web:  # type: ignore[arg-type]
        (any_home.root / "delivery.toml").write_text(
            f'[channels.it]\nkind = "webhook"\nurl = "{web.url}/"\n', encoding="utf-8"
        )
        outbox = Outbox.open(any_home)
        keys = [f"k{n}" for n in range(30)]
        for key in keys:
            outbox.enqueue(message(key), ["it"], NOW)
        counts = []
        senders = [
            threading.Thread(target=lambda: counts.append(deliver_due(any_home, NOW, within=60)))
            for _ in range(4)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert sorted(taken) == sorted(message(key).id for key in keys)
    assert sum(count.accepted for count in counts) == 30


def test_a_claim_holds_for_one_and_ends_by_itself(any_home: Home) -> None:
    outbox, other = Outbox.open(any_home), Outbox.open(any_home)
    outbox.enqueue(message("a"), ["file"], NOW)
    first = outbox.claim("file", NOW, LEASE)
    assert first is not None and other.claim("file", NOW, LEASE) is None
    assert other.due("file", NOW + timedelta(seconds=29)) is None
    second = other.claim("file", NOW + timedelta(seconds=31), LEASE)
    assert second is not None and second.message == first.message and second.count == 2
    # The first sender comes back late: the log says what it knows, the row stays with the second.
    outbox.settle(first, Verdict(Outcome.REFUSED, "no", final=True), NOW, 1.0)
    assert [letter.status for letter in outbox.of("a")] == ["claimed"]
    other.settle(second, YES, NOW, 1.0)
    assert [letter.status for letter in outbox.of("a")] == ["accepted"]
    assert [attempt.outcome for attempt in outbox.attempts()] == [Outcome.ACCEPTED, Outcome.REFUSED]


@pytest.fixture
def shared(home: Home, postgres_server: str) -> Home:
    """One whose state other machines may use."""
    home.config_file.write_text(f'state = "{postgres.database(postgres_server)}"\n', encoding="utf-8")
    return Home.open(home.root)


@pytest.mark.long
def test_a_machine_whose_clock_is_ahead_takes_no_claim_for_one_that_has_ended(shared: Home) -> None:
    outbox = Outbox.open(shared)
    outbox.enqueue(message("a"), ["file"], NOW)
    assert outbox.claim("file", NOW, LEASE) is not None
    with clock_ahead(50):
        assert deliver_due(shared, NOW + timedelta(seconds=50)).accepted == 0
    assert deliver_due(shared, NOW + timedelta(seconds=50)).accepted == 1, "the claim has ended"


@pytest.mark.long
@pytest.mark.parametrize("seconds", [-1200, -61, -5, 1200])
def test_what_is_due_goes_by_the_clock_that_wrote_it_whatever_the_state_says(
    shared: Home, seconds: int
) -> None:
    """The state's clock is ahead of the machine's by so much."""
    (shared.root / "delivery.toml").write_text(
        '[channels.own]\nkind = "file"\npath = "own.jsonl"\n'
        '[[routes]]\nname = "duty"\nhours = "09:00-18:00"\nto = ["own"]\n',
        encoding="utf-8",
    )
    outbox, night = Outbox.open(shared), datetime(2026, 11, 11, 2, tzinfo=SHANGHAI)
    outbox.enqueue(message("held"), ["duty"], night)
    outbox.enqueue(message("now"), ["own"], night)
    with clock_ahead(-seconds):
        counts = deliver_due(shared, night)
    assert (counts.accepted, counts.notes) == (1, [])
    assert [one.status for key in ("held", "now") for one in outbox.of(key)] == ["waiting", "accepted"]
    assert [letter.due_at for letter in outbox.of("held")] == [night + timedelta(hours=7)]
    (attempt,) = outbox.attempts()
    assert night <= attempt.at < night + timedelta(minutes=1)
    assert "迟发" not in (shared.var / "delivery/own.jsonl").read_text(encoding="utf-8")


@pytest.mark.long
def test_a_claim_by_a_state_two_hours_ahead_holds_and_ends(shared: Home) -> None:
    outbox, state_ahead = Outbox.open(shared), timedelta(hours=2)
    outbox.enqueue(message("a"), ["file"], NOW)
    assert outbox.claim("file", NOW, LEASE, ahead=state_ahead) is not None
    with clock_ahead(-state_ahead.total_seconds()):
        counts = deliver_due(shared, NOW + timedelta(seconds=10))
        assert (counts.accepted, counts.notes) == (0, [])
        assert deliver_due(shared, NOW + timedelta(minutes=5)).accepted == 1, "the claim has ended"


def test_a_sender_that_died_leaves_an_attempt_of_unknown_outcome(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("a"), ["file"], NOW)
    assert outbox.claim("file", NOW, LEASE) is not None
    (attempt,) = outbox.attempts()
    assert attempt.outcome is Outcome.UNKNOWN and attempt.seconds is None


def test_what_a_sender_died_over_goes_out_after_its_limit_and_32_seconds_however_often_it_failed(
    any_home: Home,
) -> None:
    outbox, moment = Outbox.open(any_home), NOW
    lease = timedelta(seconds=outbox.book.channels["file"].timeout + sending.GRACE) + sending.LEASE
    assert lease == timedelta(seconds=47)
    outbox.enqueue(message("a"), ["file"], NOW)
    for _ in range(8):
        failed = outbox.claim("file", moment, lease)
        assert failed is not None
        outbox.settle(failed, Verdict(Outcome.REFUSED, "no"), moment, 0.1)
        [letter] = outbox.of("a")
        moment = letter.due_at
    for _ in range(2):
        assert outbox.claim("file", moment, lease) is not None  # whose sender dies
        assert outbox.due("file", moment + timedelta(seconds=46)) is None
        moment += lease
    assert deliver_due(any_home, moment).accepted == 1


def test_who_cannot_write_the_answer_down_repeats_less_and_less(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("a"), ["file"], NOW)
    moment, sent = NOW, 0
    while moment < NOW + timedelta(hours=12):
        sent += outbox.claim("file", moment, LEASE) is not None  # sent, and the disk is full
        moment += timedelta(minutes=1)
    assert 12 <= sent <= 25


def test_the_more_urgent_goes_first_then_the_older(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    for n, severity in enumerate((Severity.INFO, Severity.CRITICAL, Severity.WARNING, Severity.CRITICAL)):
        outbox.enqueue(message(str(n), severity=severity), ["file"], NOW)
    order = []
    while claim := outbox.claim("file", NOW, LEASE):
        order.append(claim.message.key)
        outbox.settle(claim, YES, NOW, 0.1)
    assert order == ["1", "3", "2", "0"]


def test_a_decision_and_its_message_stand_or_fall_together(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    with pytest.raises(RuntimeError), outbox.state.begin() as connection:
        outbox.enqueue(message("a", attachments=(Attachment("a.pdf", b"x"),)), ["file"], NOW, connection)
        raise RuntimeError
    assert outbox.of("a") == []
    with outbox.state.begin() as connection:
        outbox.enqueue(message("a"), ["file"], NOW, connection)
    assert len(outbox.of("a")) == 1


def test_the_same_key_again_changes_nothing_and_may_go_to_further_places(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    assert outbox.enqueue(message("a", body="first"), ["file", "file"], NOW) == 1
    assert outbox.enqueue(message("a", body="second"), ["file", "stdout"], NOW) == 1
    for channel in ("file", "stdout"):
        claim = outbox.claim(channel, NOW, LEASE)
        assert claim is not None and claim.message.body == "first"


def test_attachments_and_words_come_back_as_they_were(any_home: Home) -> None:
    told = message(
        "a", lines=("一行", "🙂"), body="- x", plain="p", html="<p>h</p>", link="https://example.cn",
        labels={"host": ("某主播",)}, thread="t", severity=Severity.WARNING,
        attachments=(Attachment("周报.pdf", bytes(range(256)), "application/pdf"), Attachment("b.docx", b"")),
    )  # fmt: skip
    outbox = Outbox.open(any_home)
    outbox.enqueue(told, ["file"], NOW)
    claim = outbox.claim("file", NOW, LEASE)
    assert claim is not None and claim.message == told


def test_what_ended_long_ago_is_forgotten_and_nothing_else(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("done", attachments=(Attachment("a", b"only here"),)), ["file"], NOW)
    claim = outbox.claim("file", NOW, LEASE)
    assert claim is not None
    outbox.settle(claim, YES, NOW, 0.1)
    outbox.enqueue(message("open", attachments=(Attachment("a", b"kept"),)), ["file", "stdout"], NOW)
    claim = outbox.claim("file", NOW, LEASE)
    assert claim is not None
    outbox.settle(claim, YES, NOW, 0.1)
    assert outbox.forget(NOW) == 0
    assert outbox.forget(NOW + timedelta(days=90)) == 1
    assert outbox.of("done") == [] and len(outbox.of("open")) == 2
    claim = outbox.claim("stdout", NOW, LEASE)
    assert claim is not None and claim.message.attachments[0].content == b"kept"


def test_letters_of_a_channel_that_is_gone_are_dead_and_told(any_home: Home) -> None:
    book = any_home.root / "delivery.toml"
    book.write_text('[channels.gone]\nkind = "file"\n', encoding="utf-8")
    Outbox.open(any_home).enqueue(message("a"), ["gone"], NOW)
    book.unlink()
    counts = deliver_due(any_home, NOW)
    assert counts.dead == 1 and "'gone'" in counts.sentences[0]
    (letter,) = Outbox.open(any_home).dead()
    with pytest.raises(UsageError, match="no channel 'gone'"):
        retry(any_home, letter.id, NOW)
    book.write_text('[channels.gone]\nkind = "file"\n', encoding="utf-8")
    retry(any_home, letter.id, NOW)
    assert deliver_due(any_home, NOW).accepted == 1


def test_the_counts_of_one_screen(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("a"), ["file", "stdout"], NOW)
    deliver_due(any_home, NOW)
    later = NOW + timedelta(hours=2)
    assert outbox.count(later) == {"waiting": 1, "accepted": 1, "dead": 0, "late": 1}
    with pytest.raises(UsageError, match="No letter 99"):
        retry(any_home, 99, NOW)


def test_back_off_is_a_function_of_its_arguments_and_grows_to_an_hour() -> None:
    waits = [back_off("a", n).total_seconds() for n in range(1, 40)]
    assert waits == [back_off("a", n).total_seconds() for n in range(1, 40)]
    assert waits != [back_off("b", n).total_seconds() for n in range(1, 40)]
    assert 11 <= waits[0] <= 19 and all(2700 <= wait <= 4500 for wait in waits[9:])


def test_after_an_outage_all_that_waited_goes_in_its_order_and_says_that_it_is_late(any_home: Home) -> None:
    taken: list[tuple[str, str]] = []
    works = False

    def answer(request: object) -> object:
        record = json.loads(request.body)  # type: ignore[attr-defined]
        if works:
            taken.append((record["key"], record["text"]))
        return as_json({}, 200 if works else 503)

    with Web(answer).running() as web:  # type: ignore[arg-type]
        text = f'[channels.it]\nkind = "webhook"\nurl = "{web.url}/"\n'
        (any_home.root / "delivery.toml").write_text(text, encoding="utf-8")
        outbox = Outbox.open(any_home)
        for minute in range(90):
            moment = NOW + timedelta(minutes=minute)
            if minute % 15 == 0:
                outbox.enqueue(message(f"k{minute // 15}"), ["it"], moment)
            deliver_due(any_home, moment)
        works = True
        outbox.enqueue(message("new"), ["it"], NOW + timedelta(hours=4))
        deliver_due(any_home, NOW + timedelta(hours=4))
    keys = [key for key, _ in taken]
    # One shows that the channel works again.
    rest = [key for key in ["k0", "k1", "k2", "k3", "k4", "k5", "new"] if key != keys[0]]
    assert keys[1:] == rest
    late = f"（本消息应于{local(NOW):%m-%d %H:%M}发出，因通道不通迟发。）"
    assert late in dict(taken)["k0"] and "迟发" not in dict(taken)["new"]


@contextmanager
def hook(home: Home, answer: Callable[[Request], Answer], more: str = "") -> Iterator[Web]:
    """A webhook ``it`` of a home, and its server."""
    with Web(answer).running() as web:
        text = f'[channels.it]\nkind = "webhook"\nurl = "{web.url}/"\n{more}'
        (home.root / "delivery.toml").write_text(text, encoding="utf-8")
        yield web


def test_a_channel_does_not_wait_for_the_attempt_of_another(any_home: Home) -> None:
    over = threading.Event()

    def hangs(_: Request) -> Answer:
        over.wait(20)
        return as_json({})

    at_work: sending.Workers = {}
    with hook(any_home, hangs):
        outbox = Outbox.open(any_home)
        outbox.enqueue(message("hangs"), ["it"], NOW)
        deliver_due(any_home, NOW, at_work=at_work)
        outbox.enqueue(message("goes"), ["file"], NOW)
        deliver_due(any_home, NOW, at_work=at_work)
        at_work["file"].join()
        assert [one.status for key in ("goes", "hangs") for one in outbox.of(key)] == ["accepted", "claimed"]
        assert deliver_due(any_home, NOW, at_work=at_work).accepted == 1
        assert list(at_work) == ["it"] and at_work["it"].is_alive()
        over.set()
        at_work["it"].join()
        assert deliver_due(any_home, NOW, at_work=at_work).accepted == 1 and not at_work


def test_a_channel_that_works_again_gets_a_new_critical_message_at_once(any_home: Home) -> None:
    status = [503]
    with hook(any_home, lambda _: as_json({}, status[0])) as web:
        outbox = Outbox.open(any_home)
        outbox.enqueue(message("old"), ["it"], NOW)
        for minute in (0, 1, 2, 4, 8, 15, 26, 50, 95, 180):
            deliver_due(any_home, NOW + timedelta(minutes=minute))
        [old] = outbox.of("old")
        assert old.due_at > NOW + timedelta(minutes=200), "it rests for an hour"
        status[0] = 200
        outbox.enqueue(message("new"), ["it"], NOW + timedelta(minutes=181))
        assert deliver_due(any_home, NOW + timedelta(minutes=181)).accepted == 0
        outbox.enqueue(message("grave", severity=Severity.CRITICAL), ["it"], NOW + timedelta(minutes=182))
        assert deliver_due(any_home, NOW + timedelta(minutes=182)).accepted == 3
    assert [one.json["key"] for one in web.seen[-3:]] == ["grave", "old", "new"]


def test_critical_messages_try_a_dead_channel_once_a_minute_at_most(home: Home) -> None:
    tries: list[float] = []
    with hook(home, lambda _: as_json({}, 503)) as web:
        outbox = Outbox.open(home)
        for seconds in range(0, 1800, 40):
            moment = NOW + timedelta(seconds=seconds)
            if seconds % 200 == 0:
                outbox.enqueue(message(str(seconds), severity=Severity.CRITICAL), ["it"], moment)
            deliver_due(home, moment)
            tries += [seconds] * (len(web.seen) - len(tries))
    pauses = [after - before for before, after in pairwise(tries) if before > 300]
    assert pauses and min(pauses) >= 60 and max(pauses) <= 200


def test_a_rest_that_the_other_side_asks_for_holds_for_critical_messages_too(home: Home) -> None:
    with hook(home, lambda _: as_json({}, 429, **{"Retry-After": "600"})) as web:
        for seconds in range(0, 600, 60):
            moment = NOW + timedelta(seconds=seconds)
            one = message(str(seconds), severity=Severity.CRITICAL)
            Outbox.open(home).enqueue(one, ["it"], moment)
            deliver_due(home, moment)
        assert len(web.seen) == 1
        deliver_due(home, NOW + timedelta(seconds=601))
        assert len(web.seen) == 2


def test_a_critical_message_that_is_never_taken_holds_up_no_other_for_ever(home: Home) -> None:
    def answer(request: Request) -> Answer:
        return as_json({}, 503 if request.json["key"] == "bad" else 200)

    with hook(home, answer):
        outbox = Outbox.open(home)
        outbox.enqueue(message("bad", severity=Severity.CRITICAL), ["it"], NOW)
        for minute in range(0, 60, 2):
            deliver_due(home, NOW + timedelta(minutes=minute))
        outbox.enqueue(message("good"), ["it"], NOW + timedelta(hours=1))
        for minute in range(60, 140, 4):
            deliver_due(home, NOW + timedelta(minutes=minute))
        assert [one.status for one in outbox.of("good")] == ["accepted"]


def test_what_is_taken_up_again_says_when_it_was_to_go_out(any_home: Home) -> None:
    (any_home.root / "delivery.toml").write_text('[channels.it]\nkind = "file"\npath = "it.jsonl"\n')
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("a"), ["it"], NOW)
    (any_home.var / "delivery/it.jsonl").mkdir(parents=True)
    assert deliver_due(any_home, NOW + timedelta(days=4)).dead == 1
    (any_home.var / "delivery/it.jsonl").rmdir()
    (letter,) = outbox.dead()
    retry(any_home, letter.id, NOW + timedelta(days=5))
    assert deliver_due(any_home, NOW + timedelta(days=5)).accepted == 1
    late = f"（本消息应于{local(NOW):%m-%d %H:%M}发出，因通道不通迟发。）"
    assert late in (any_home.var / "delivery/it.jsonl").read_text("utf-8")


def test_a_letter_of_an_older_version_that_still_ran_goes_out(any_home: Home) -> None:
    outbox = Outbox.open(any_home)
    outbox.enqueue(message("a"), ["file"], NOW)
    with outbox.state.begin() as connection:
        # As the column is where it was added to a table that stood there.
        connection.exec_driver_sql("ALTER TABLE delivery_outbox DROP COLUMN meant_at")
        connection.exec_driver_sql("ALTER TABLE delivery_outbox ADD COLUMN meant_at TIMESTAMP")
    assert deliver_due(any_home, NOW).accepted == 1


def test_an_older_letter_goes_first_and_one_at_which_the_channel_fails_is_in_nobodys_way(
    any_home: Home,
) -> None:
    outbox = Outbox.open(any_home)
    for n in range(2):
        outbox.enqueue(message(str(n)), ["file"], NOW)
    first = outbox.claim("file", NOW, LEASE)
    assert first is not None and first.message.key == "0"
    outbox.settle(first, Verdict(Outcome.REFUSED, "no"), NOW, 0.1)
    later = NOW + timedelta(hours=1)
    tried = outbox.claim("file", later, LEASE, trying=True)
    assert tried is not None and tried.message.key == "1"
    older = outbox.claim("file", later, LEASE)
    assert older is not None and older.message.key == "0"


def test_a_file_that_another_program_holds_gets_the_message_once(home: Home) -> None:
    (home.root / "delivery.toml").write_text(
        '[channels.it]\nkind = "file"\ntimeout = 0.1\n', encoding="utf-8"
    )
    Outbox.open(home).enqueue(message("k"), ["it"], NOW)
    file = home.var / "delivery" / "messages.jsonl"
    file.parent.mkdir(exist_ok=True)
    with file.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        counts = deliver_due(home, NOW)
    assert counts.sentences == [f"it refused: {file}: another program holds it."]
    assert deliver_due(home, NOW + timedelta(hours=1)).accepted == 1
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1
