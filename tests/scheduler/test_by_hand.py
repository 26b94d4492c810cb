"""``fengping jobs run``: one job now, under the lease and in the ledger of the schedule."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta

import pytest
from tests.alerts.making import fengping
from tests.making import document

from fengping.clock import now
from fengping.home import Home
from fengping.indexer import open_store
from fengping.scheduler import by_hand, ledger, plan
from fengping.scheduler.jobs import jobs_of
from fengping.scheduler.lease import Lease
from fengping.state import State

BAD = 'name = "x"\nsources = ["nowhere"]\n'


def last(home: Home) -> ledger.Run:
    [run] = ledger.history(State.open(home), 1)
    return run


def test_without_a_service_it_runs_here_and_stands_in_the_ledger(home: Home) -> None:
    done = fengping(home, "jobs", "run", "alerts")
    assert done.returncode == 0, done.stderr
    assert "0 fired, 0 resolved" in done.stdout and "alerts ended well." in done.stderr
    assert (last(home).job, last(home).status) == ("alerts", "ok")
    home.alerts.mkdir()
    (home.alerts / "x.toml").write_text(BAD, encoding="utf-8")
    failed = fengping(home, "jobs", "run", "alerts")
    assert failed.returncode == 1
    assert "alerts ended as failed: exit 2, " in failed.stderr and "'nowhere' in sources" in failed.stderr
    assert last(home).status == "failed"


def test_an_unknown_name_is_refused_with_the_nearest(home: Home) -> None:
    done = fengping(home, "jobs", "run", "alert")
    assert (done.returncode, done.stderr) == (
        2,
        "fengping: There is no job 'alert'. Did you mean 'alerts'?\n",
    )
    assert not ledger.history(State.open(home), 1)


@pytest.mark.parametrize("waits", [False, True])
def test_a_running_service_is_asked_to_begin_it(home: Home, waits: bool) -> None:
    state, at = State.open(home), now()
    assert Lease(state, "here:1:abc", time.monotonic).take(at) is None
    job = jobs_of(home)["alerts"]
    plan.settle_in(state, {"alerts": job}, at - timedelta(minutes=30 if waits else 0))
    if waits:  # it failed, and would be tried again in a minute
        with state.begin() as connection:
            plan.tried(connection, job, plan.places(state)["alerts"], at)
    assert plan.places(state)["alerts"].begin_at > at
    done = fengping(home, "jobs", "run", "alerts")
    assert done.returncode == 0 and "begins within seconds in the service" in done.stderr
    assert plan.places(state)["alerts"].begin_at <= now()
    assert not ledger.history(state, 1), "it is not run here beside the service"


def test_a_paused_job_is_not_promised(home: Home) -> None:
    home.config_file.write_text('[schedule]\npaused = ["alerts"]\n', encoding="utf-8")
    assert Lease(State.open(home), "here:1:abc", time.monotonic).take(now()) is None
    done = fengping(home, "jobs", "run", "alerts")
    assert done.returncode == 2 and "'alerts' is paused" in done.stderr
    assert "schedule.paused" in done.stderr


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        pytest.param("events", {"documents": 0, "events": 0, "gone": 0}, marks=pytest.mark.long),
        pytest.param("evidence", {"records": 0}, marks=pytest.mark.long),
        ("health", {"ok": 0, "failing": 0, "silent": 0, "notices": 0}),
        pytest.param("retention", {"logs": 0}, marks=pytest.mark.long),
        pytest.param("digest", {"documents": 0, "firing": 0}, marks=pytest.mark.long),
        ("backup", {}),
        pytest.param("report-daily", {"total": 0}, marks=pytest.mark.long),
    ],
)
def test_a_job_leaves_the_figures_of_its_command(home: Home, job: str, expected: dict[str, int]) -> None:
    text = '[retention]\nlogs = 9\n[backup]\nfolder = "b"\n[schedule]\ndigest = "08:00"\n'
    text += '[[schedule.reports]]\nkind = "daily"\nat = "08:00"\n'
    home.config_file.write_text(text, encoding="utf-8")
    home = Home.open(home.root)
    by_hand.run(home, job, now)
    counts = dict(ledger.latest(State.open(home))[job].counts)
    assert {name: counts.get(name) for name in expected} == expected
    assert counts.keys() >= ({"files", "size"} if job == "backup" else expected.keys())


def test_an_alarm_of_the_schedule_waits_for_a_screen_and_leaves_its_figures(home: Home) -> None:
    home.alerts.mkdir()
    text = 'name = "each"\nkind = "any"\nchannels = ["stdout"]\n'
    (home.alerts / "each.toml").write_text(text, encoding="utf-8")
    with closing(open_store(home)) as store:
        store.put([document(1, now(), hosts=("檀木子",), negative_hosts=("檀木子",), indexed_at=now())])
    by_hand.run(home, "alerts", now)
    assert ledger.latest(State.open(home))["alerts"].counts["fired"] == 1
    assert "檀木子：" in fengping(home, "deliver", "now").stdout
