"""The service as a process: one a home, the next takes over, ended cleanly, every run written down."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import update
from tests.commands import fengping
from tests.making import document, new_home
from tests.site.homes import list_source

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.scheduler import ledger, plan
from fengping.scheduler.jobs import Job
from fengping.scheduler.lease import LEASE, Lease, held
from fengping.scheduler.running import Children
from fengping.scheduler.times import Every
from fengping.state import State

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 11, tzinfo=UTC)


def start(home: Home, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fengping", "--home", str(home.root), "run", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment,
    )  # fmt: skip


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the service did not get there: {process.communicate()[0]}")
        time.sleep(0.1)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def holds(home: Home, process: subprocess.Popen[str]) -> bool:
    found = held(State.open(home))
    return found is not None and f":{process.pid}:" in found.holder


def runs(home: Home, job: str) -> list[ledger.Run]:
    return [run for run in ledger.history(State.open(home), 100, job) if run.status != "running"]


@pytest.fixture
def ready(home: Home) -> Home:
    return make_ready(home)


def make_ready(home: Home) -> Home:
    """Gives a home one source that answers nothing, and one document."""
    home.sources.mkdir()
    (home.sources / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    home.alerts.mkdir()
    with open_journal(home).writer() as journal:
        journal.append(document(1, None).raw)
    return home


def make_due(home: Home, *jobs: str) -> None:
    """As if the machine had slept: the stored moments lie behind."""
    past = datetime.now(UTC) - timedelta(minutes=20)
    with State.open(home).begin() as connection:
        table = plan.standings
        change = update(table).where(table.c.job.in_(jobs))
        connection.execute(change.values(due_at=past, begin_at=past))


def give_back(state: State) -> None:
    """Spares the next service the wait until the lease of a dead one has run out."""
    if found := held(state):
        Lease(state, found.holder, time.monotonic).release()


@pytest.mark.long
def test_collects_at_once_makes_up_for_what_was_due_and_ends_on_sigterm(ready: Home) -> None:
    with ended(start(ready)) as first:
        wait_for(lambda: bool(plan.places(State.open(ready))), first)
        first.kill()
    give_back(State.open(ready))
    make_due(ready, "index", "alerts")
    with ended(start(ready, "--now")) as process:
        wait_for(lambda: all(runs(ready, job) for job in ("collect", "index", "alerts")), process)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=180)[0]
        assert process.returncode == 0, output
        assert "Traceback" not in output
    assert held(State.open(ready)) is None
    index = runs(ready, "index")[0]
    assert index.status == "ok"
    assert index.counts["lines"] == 1
    assert index.late >= timedelta(minutes=20)
    log = (ready.var / "log" / "schedule.log").read_text(encoding="utf-8")
    assert {"crawl news --json", "index --json", "alerts check --counts"} <= {
        line.split(" ", 1)[1] for line in log.splitlines() if line[:2] == "20"
    }


@dataclass
class Pair:
    """Two services of one home, of which one runs the schedule."""

    home: Home
    holder: subprocess.Popen[str]
    other: subprocess.Popen[str]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    home = make_ready(new_home(tmp_path_factory.mktemp("pair")))
    state = State.open(home)
    with state.begin() as connection:
        ledger.begin(connection, "events", NOW)
    with ended(start(home)) as first, ended(start(home)) as second:
        wait_for(lambda: held(state) is not None, second)
        yield Pair(home, first, second) if holds(home, first) else Pair(home, second, first)


@pytest.mark.long
@pytest.mark.begins
def test_the_second_process_waits(pair: Pair) -> None:
    state = State.open(pair.home)
    # Renewed at least once while both run: the one that waits has seen it alive.
    beat = held(state).beat  # type: ignore[union-attr]
    wait_for(lambda: held(state).beat > beat, pair.other)  # type: ignore[union-attr]
    assert holds(pair.home, pair.holder)
    pair.holder.kill()


@pytest.mark.long
@pytest.mark.ends
def test_the_second_process_takes_over_after_a_kill(pair: Pair) -> None:
    pair.holder.kill()
    wait_for(lambda: holds(pair.home, pair.other), pair.other)
    pair.other.terminate()
    output = pair.other.communicate(timeout=180)[0]
    assert pair.other.returncode == 0
    assert "another process runs the schedule; waiting for its end" in output
    assert "Traceback" not in output
    [lost] = [run for run in runs(pair.home, "events") if run.status == "lost"]
    assert lost.detail == "The service ended before this run did."


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class TestLease:
    def test_is_taken_over_when_its_number_stands_still_and_not_before(self, home: Home) -> None:
        state, clock = State.open(home), Clock()
        one, two = Lease(state, "a:1:x", clock), Lease(state, "b:2:y", clock)
        assert one.take(NOW) is None
        for _ in range(20):
            clock.seconds += LEASE - 1
            # The holder's own clock may be wrong by years: only the number counts.
            assert one.renew(NOW + timedelta(days=900))
            assert two.take(NOW) is not None
        clock.seconds += LEASE - 1
        assert two.take(NOW) is not None
        clock.seconds += 2
        assert two.take(NOW) is None
        assert not one.renew(NOW)
        assert LEASE + 2 + 4 <= 30

    def test_one_of_several_that_wait_gets_it(self, home: Home) -> None:
        state, clock = State.open(home), Clock()
        first, *others = (Lease(state, f"a:{n}:x", clock) for n in range(4))
        assert first.take(NOW) is None
        assert all(other.take(NOW) for other in others)
        clock.seconds += LEASE + 1
        assert [other.take(NOW) is None for other in others] == [True, False, False]

    def test_given_back_it_is_free_at_once(self, home: Home) -> None:
        state = State.open(home)
        one, two = Lease(state, "a:1:x", Clock()), Lease(state, "b:2:y", Clock())
        assert one.take(NOW) is None
        one.release()
        assert two.take(NOW) is None


def job(limit: float, *command: str) -> Job:
    return Job("x", Every(5), "desk", lambda due: command, timedelta(seconds=limit))


class TestChild:
    def run(self, home: Home, code: str, limit: float = 60) -> ledger.Outcome:
        children = Children((sys.executable, "-c", code))
        return children.run(home, job(limit), NOW, NOW)

    def test_ends_at_its_limit_with_all_that_it_started(self, home: Home) -> None:
        mark = f"hung-{os.getpid()}"
        code = (
            "import subprocess, sys\nprint('begun', file=sys.stderr, flush=True)\n"
            f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{mark}']).wait()"
        )
        outcome = self.run(home, code, limit=1.5)
        assert outcome.status == "hung"
        assert outcome.detail.startswith("It was ended at its limit of 0.025 minutes.")
        assert "begun" in outcome.tail
        left = [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]
        # Killed, it may take a moment to be gone.
        assert psutil.wait_procs(left, timeout=10)[1] == []

    def test_leaves_its_counts_and_the_tail_of_its_output(self, home: Home) -> None:
        code = (
            'import json, sys\nprint(json.dumps({"lines": 3, "statuses": {"stored": 2}, "x": "y"}))\n'
            'print("z" * 5000 + "the end", file=sys.stderr)'
        )
        outcome = self.run(home, code)
        assert (outcome.status, outcome.counts) == ("ok", {"lines": 3, "stored": 2})
        assert len(outcome.tail) == 2000
        assert outcome.tail.endswith("the end\n")

    @pytest.mark.parametrize(
        ("said", "counts"),
        [
            ([{"source": "a", "outcome": "finished", "documents": 2, "counts": {"stored": 2, "known": 1}},
              {"source": "b", "outcome": "failed", "documents": 0, "counts": {"blocked": 3}}],
             {"records": 2, "documents": 2, "stored": 2, "known": 1, "blocked": 3,
              "finished": 1, "failed": 1}),
            ([{"document": "x", "finding": "gone"}], {"records": 1, "gone": 1}),
            ({"title": "周报", "figures": {"total": 7, "negative.share": 0.5}, "paths": {}},
             {"total": 7, "negative.share": 0.5}),
            ({"deleted": True, "comments": 3}, {"comments": 3}),
            ([], {"records": 0}), ("words", {}),
        ],
    )  # fmt: skip
    def test_counts_what_its_record_or_list_says(self, home: Home, said: object, counts: object) -> None:
        code = f"print({json.dumps(said, ensure_ascii=False)!r})"
        assert self.run(home, code).counts == counts

    def test_that_fails_is_told_with_its_last_line(self, home: Home) -> None:
        outcome = self.run(home, "import sys\nsys.exit('a\\nno room')")
        assert (outcome.status, outcome.detail) == ("failed", "exit 1, no room")


@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--role", "serve", "--port", "0"), marks=pytest.mark.long)],
    ids=["all", "serve"],
)
def test_systemd_is_told_ready_alive_and_stopping(
    ready: Home, tmp_path: Path, options: tuple[str, ...]
) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(180)
        with ended(start(ready, *options, NOTIFY_SOCKET=str(address))) as process:
            assert manager.recv(100) == b"READY=1"
            assert manager.recv(100) == b"WATCHDOG=1"
            process.terminate()
            while (said := manager.recv(100)) == b"WATCHDOG=1":
                pass
            assert said == b"STOPPING=1"


@pytest.mark.long
def test_list_names_every_job_and_log_every_run(ready: Home) -> None:
    done = fengping(ready, "run", "--list", "--json")
    assert done.returncode == 0
    rows = {row["job"]: row for row in json.loads(done.stdout)}
    assert set(rows) == {
        "collect", "index", "alerts", "health", "events", "keep", "evidence", "report-weekly", "check",
        "reader", "canary",
    }  # fmt: skip
    assert rows["collect"]["command"] == "crawl news --json"
    assert {row["next_at"] for row in rows.values()} == {None}
    state = State.open(ready)
    with state.begin() as connection:
        ledger.finish(
            connection, ledger.begin(connection, "index", NOW, NOW), NOW, ledger.Outcome("hung", "so")
        )
    assert "not planned" in fengping(ready, "run", "--list").stdout
    logged = json.loads(fengping(ready, "run", "--log", "5", "--json").stdout)
    assert [(row["job"], row["status"], row["detail"]) for row in logged] == [("index", "hung", "so")]


def test_a_home_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    done = fengping(Home(tmp_path), "run")
    assert done.returncode == 2
    assert done.stderr.startswith(f"fengping: {tmp_path} is not a fengping home. Make one with:")


def test_a_bad_time_is_told_before_anything_starts(ready: Home) -> None:
    ready.config_file.write_text('[schedule]\nweekly_report = "mon 8h"\n', encoding="utf-8")
    done = fengping(ready, "run")
    assert done.returncode == 2
    assert done.stderr.startswith("fengping: schedule.weekly_report: 'mon 8h' is not a time. Write")
