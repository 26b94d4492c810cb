"""The service as a process: one a home, ended cleanly, every run written down."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from tests.commands import fengping
from tests.making import document

from fengping.clock import local
from fengping.config import ScheduleConfig
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import JournalWriter
from fengping.scheduler import ledger, service
from fengping.scheduler.jobs import COLLECT, WEEKLY, triggers
from fengping.state import State


def start(home: Home, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fengping", "--home", str(home.root), "run", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the service did not get there: {process.communicate()[0]}")
        time.sleep(0.1)


def planned(home: Home) -> dict[str, service.Planned]:
    return {item.job: item for item in service.planned(home)}


def ended(home: Home, job: str) -> bool:
    last = planned(home)[job].last
    return last is not None and last.status != "running"


@pytest.fixture
def ready(home: Home) -> Home:
    """A home without sources and with one document: a collection has nothing to fetch and ends soon."""
    home.sources.mkdir()
    home.alerts.mkdir()
    with JournalWriter(home.journal) as journal:
        journal.append(document(1, None).raw)
    return home


def test_collects_at_once_and_ends_on_sigterm(ready: Home) -> None:
    process = start(ready, "--now")
    wait_for(lambda: ended(ready, COLLECT), process)
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 0, output
    assert "Traceback" not in output
    jobs = planned(ready)
    assert jobs[COLLECT].next_at is not None
    assert jobs[COLLECT].next_at > datetime.now(UTC)
    assert jobs[WEEKLY].last is None
    log = (ready.var / "log" / "schedule.log").read_text(encoding="utf-8")
    assert [line.split(" ", 1)[1] for line in log.splitlines() if line[:2] == "20"] == [
        "crawl", "index", "alerts check", "source health --notify",
    ]  # fmt: skip


def test_a_second_process_is_refused_with_a_sentence(ready: Home) -> None:
    first = start(ready)
    wait_for(lambda: planned(ready)[COLLECT].next_at is not None, first)
    second = start(ready)
    said = second.communicate(timeout=30)[0]
    assert second.returncode == 2
    assert said == (
        f"fengping: Process {first.pid} already runs the schedule of this home. "
        "Stop it first, or look at it with: fengping run --list\n"
    )
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)
    assert first.returncode == 0
    third = start(ready)
    wait_for(lambda: f"{third.pid}" in (ready.var / "schedule.lock").read_text(), third)
    third.terminate()
    third.communicate(timeout=30)


def test_a_killed_service_leaves_no_run_running(ready: Home) -> None:
    state = State.open(ready)
    ledger.begin(state, COLLECT, datetime.now(UTC))
    process = start(ready)
    wait_for(lambda: ended(ready, COLLECT), process)
    process.kill()
    process.communicate()
    last = planned(ready)[COLLECT].last
    assert last is not None
    assert (last.status, last.detail) == ("lost", "The service ended before this run did.")


def test_a_due_run_is_made_up_for_after_a_restart(ready: Home) -> None:
    process = start(ready)
    wait_for(lambda: planned(ready)[COLLECT].next_at is not None, process)
    process.kill()
    process.communicate()
    # As if the machine had slept past the hour: the stored time of the next run lies behind.
    jobs = SQLAlchemyJobStore(engine=State.open(ready).engine, tablename="apscheduler_jobs")
    jobs.start(BackgroundScheduler(), "default")
    job = jobs.lookup_job(COLLECT)
    job._modify(next_run_time=datetime.now(UTC) - timedelta(minutes=20))
    jobs.update_job(job)
    process = start(ready)
    wait_for(lambda: ended(ready, COLLECT), process)
    process.terminate()
    process.communicate(timeout=30)


def test_a_failing_step_is_told_and_the_others_run(ready: Home) -> None:
    (ready.alerts / "bad.toml").write_text('name = "x"\nthreshold = 3\n', encoding="utf-8")
    process = start(ready, "--now")
    wait_for(lambda: ended(ready, COLLECT), process)
    process.terminate()
    process.communicate(timeout=30)
    last = planned(ready)[COLLECT].last
    assert last is not None
    assert last.status == "failed"
    assert "alerts check: exit 2" in last.detail
    assert "unknown key 'threshold'" in last.detail


def test_list_names_every_job(ready: Home) -> None:
    done = fengping(ready, "run", "--list", "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)
    assert [row["job"] for row in rows] == [COLLECT, WEEKLY]
    assert rows[0]["commands"] == "crawl → index → alerts check → source health --notify"
    assert {row["next_at"] for row in rows} == {None}


def test_the_weekly_report_is_due_on_monday_morning_in_china() -> None:
    trigger = triggers(ScheduleConfig())[WEEKLY]
    assert isinstance(trigger, CronTrigger)
    due = trigger.get_next_fire_time(None, datetime(2020, 11, 11, tzinfo=UTC))
    assert local(due).isoformat() == "2020-11-16T08:00:00+08:00"


@pytest.mark.parametrize("text", ["monday", "mon 25:00", "xyz 08:00", "mon 8h", ""])
def test_a_time_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a time of the week"):
        triggers(ScheduleConfig(weekly_report=text))


def test_a_home_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    process = start(Home(tmp_path))
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 2
    assert said.startswith(f"fengping: {tmp_path} is not a fengping home. Make one with:")
