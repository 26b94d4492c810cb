"""A machine that would judge by other files than the deployment: told while it stands by, and harmless."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs
from tests.commands import fengping
from tests.making import document
from tests.scheduler.test_roles import first, joined, started, url, wait_for

from fengping.delivery import Outbox
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import models
from fengping.models import Polarity, RawDocument
from fengping.scheduler import service
from fengping.scheduler.in_force import InForce
from fengping.scheduler.lease import LEASE, Lease, held
from fengping.scheduler.roles import Role, Scope
from fengping.scheduler.standby import EVERY, Standby
from fengping.scheduler.status import status
from fengping.services import correct, hosts, rejudging, sharing
from fengping.services.deployment import check_judge
from fengping.state import State
from fengping.state.lease import present

__all__ = ["first", "url"]
pytestmark = pytest.mark.long
OWN = "registries/own.toml"
REGISTRY = 'version = 1\n\n[[host]]\nname = "檀木子"\n'
TOLD = rf"judges by other files than .*, which indexed last: {OWN}\. Copy them from .*share --take.*reindex"


@pytest.fixture
def pair(first: Home, url: str) -> tuple[Home, Home]:
    """The machine that indexed last, and one with another registry, which machines do not share."""
    config = f'state = "{url}"\n[analysis]\nhosts = ["{OWN}"]\n[schedule]\nnotify = ["file"]\n'
    first.config_file.write_text(config, encoding="utf-8")
    assert fengping(first, "share").returncode == 0
    second = joined(first, url)
    for home in (first, second):
        (home.root / OWN).parent.mkdir()
        (home.root / OWN).write_text(REGISTRY, encoding="utf-8")
    first, second = Home.open(first.root), Home.open(second.root)
    models.agree(first, State.open(first))
    models.check(second, State.open(second))
    (second.root / OWN).write_text(REGISTRY.replace("檀木子", "鹿十七"), encoding="utf-8")
    return first, second


def troubles(home: Home) -> str:
    return " ".join(status(home, datetime.now(UTC)).troubles)


def test_doctor_and_status_say_so_on_a_machine_that_indexes(pair: tuple[Home, Home]) -> None:
    first, second = pair
    assert check_judge(second) and "other files" not in troubles(second)  # it collects or serves
    with present(second, "index"):
        with pytest.raises(ConfigError, match=TOLD):
            check_judge(second)
        assert TOLD.partition(" than")[0] in troubles(second)
        done = fengping(second, "doctor")
        assert OWN in done.stdout and "judge" in done.stdout
    with present(first, "index"):
        assert check_judge(first)
        assert "other files" not in troubles(first)


def test_a_standby_tells_the_operator_once_and_takes_the_lead_where_nobody_else_does(
    pair: tuple[Home, Home],
) -> None:
    first, second = pair
    standby = Standby(InForce(second))
    with present(second, "index"), capture_logs() as logs:
        standby.look(0.0)
        standby.look(1.0)
        standby.look(EVERY + 1)
    assert [one["event"] for one in logs] == ["this machine may not index"]
    told = [letter.subject for letter in Outbox.open(first).waiting()]
    assert len(told) == 1 and OWN in told[0]

    clock = 0.0
    state, at = State.open(first), datetime.now(UTC)
    other, alike = (Lease(state, name, lambda: clock) for name in ("unlike:1:a", "alike:2:b"))
    held = other.take(at, later=LEASE)
    assert held is not None and held.holder == ""
    clock += LEASE - 1
    assert alike.take(at) is None  # the other one leaves it the lead
    held = other.take(at, later=LEASE)
    assert held is not None and held.holder == alike.name
    clock += LEASE + 1
    assert other.take(at, later=LEASE) is not None
    clock += LEASE
    assert other.take(at, later=LEASE) is None


def test_it_leaves_the_lead_to_the_machine_that_indexed_last_once_that_is_at_work_again(
    pair: tuple[Home, Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    state, ticks = State.open(second), list[int]()
    mine = Lease(state, "unlike:1:a", time.monotonic)
    assert mine.take(datetime.now(UTC)) is None
    stop = threading.Event()
    term = service._Service(InForce(second), state, mine, stop, Scope.of(second, frozenset({Role.INDEX})))
    monkeypatch.setattr(service, "EVERY", 0.0)
    monkeypatch.setattr(service, "TICK", 0.05)
    with ExitStack() as stack:

        def tick(_now: datetime) -> None:
            ticks.append(1)
            if len(ticks) == 3:
                stack.enter_context(present(first, "index"))
            if len(ticks) == 60:
                stop.set()

        monkeypatch.setattr(term.loop, "tick", tick)
        with present(second, "index"):
            term.work(at_once=False)
    assert term.yielded and not stop.is_set()
    assert 3 <= len(ticks) < 60, "while nobody else can, it leads"
    assert held(state) is None


def test_nothing_is_judged_there_by_other_files(pair: tuple[Home, Home]) -> None:
    _, second = pair
    at = datetime.now(UTC)
    with open_journal(second).writer() as writer:
        writer.append(RawDocument("a" * 32, "news", "赠品没有寄到", at))
    refused = fengping(second, "index")
    assert refused.returncode == 2 and OWN in refused.stderr
    followed = fengping(second, "index", "--standby")
    assert followed.returncode == 2 and OWN in followed.stderr
    with closing(open_store(second)) as store:
        store.put([document(1, at, "鹿十七的赠品没有寄到")])
        [kept] = store.scan(Filter())
    with pytest.raises(ConfigError, match=TOLD):
        rejudging.rejudge(second, Filter())
    said = correct.correct(second, kept.id, correct.Changes(polarity=Polarity.NEU), by="甲", note="", now=at)
    assert said.waiting
    # The correction is put by the next run, once the files are alike.
    (second.root / OWN).write_text(REGISTRY, encoding="utf-8")
    assert json.loads(fengping(second, "index", "--json").stdout)["statuses"] == {"new": 1}
    with closing(open_store(second)) as store:
        assert [one.judgement.polarity for one in store.get([kept.id])] == [Polarity.NEU]


def test_what_was_handed_on_since_is_no_other_judge(pair: tuple[Home, Home]) -> None:
    first, second = pair
    (second.root / OWN).write_text(REGISTRY, encoding="utf-8")
    hosts.add_host(first, {"name": "青禾"}, [])
    with pytest.raises(ConfigError, match=r"which indexed last: hosts\.toml\."):
        second.hosts.write_text("# mine\n", encoding="utf-8")
        models.check(second, State.open(second))
    second.hosts.write_text("", encoding="utf-8")
    sharing.take(second)
    # The leader dies before it indexes by it.
    models.agree(second, State.open(second))


def test_the_copies_that_a_schedule_works_by_are_the_files_they_are_copies_of(
    pair: tuple[Home, Home],
) -> None:
    first, second = pair
    (second.root / OWN).write_text(REGISTRY, encoding="utf-8")
    leading, waiting = InForce(first), InForce(second)
    standby = Standby(waiting)
    waiting.take()
    hosts.add_host(first, {"name": "青禾"}, [])
    models.agree(leading.take(), State.open(first))  # as its command under the schedule does
    sharing.take(second)
    waiting.take()
    with present(second, "index"):
        standby.look(0.0)
    assert standby.unlike == ""
    models.check(Home.open(second.root), State.open(second))  # and by hand
    models.check(waiting.home, State.open(second))


def test_a_machine_that_waits_for_the_lead_tells_the_operator(pair: tuple[Home, Home]) -> None:
    first, second = pair
    lease = Lease(State.open(first), "here:1:x", time.monotonic)
    assert lease.take(datetime.now(UTC)) is None
    with started(second, "index") as waiting:
        wait_for(lambda: lease.renew(datetime.now(UTC)) and bool(Outbox.open(first).waiting()), waiting)
        waiting.terminate()
    assert OWN in Outbox.open(first).waiting()[0].subject


def test_a_standby_whose_rounds_fail_says_so_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengping.scheduler.standby.EVERY", 0.0)
    home.config_file.write_text('journal = "kafka://127.0.0.1:9/posts"\n', encoding="utf-8")
    rounds = Standby(InForce(Home.open(home.root)))
    with capture_logs() as logs:
        for _ in range(2):
            rounds.keep_up(0.0)
            while (going := rounds._round) is not None and going.poll() is None:
                time.sleep(0.1)
            rounds.keep_up(0.0)
    rounds.end()
    assert [(one["remedy"], one["exit"] != 0) for one in logs] == [("fengping index --standby", True)]
