"""The schedule walked through with the clock as argument: in time, made up for, tried again, told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import insert
from tests.scheduler.walking import Walk
from tests.site.homes import list_source

from fengping.clock import iso
from fengping.delivery import Outbox
from fengping.errors import ConfigError, UsageError
from fengping.events.building.opening import leave
from fengping.home import Home
from fengping.scheduler import ledger, plan
from fengping.scheduler.jobs import WEEKLY, Job, jobs_of
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.loop import Loop
from fengping.state import State

FRIDAY = datetime(2020, 11, 13, 4, tzinfo=UTC)  # 12:00 in China
MONDAY_0800 = datetime(2020, 11, 16, 0, tzinfo=UTC)


class Slow(Executor):
    """Runs in place; the runs of one job count as ended a while later, by the clock that a test sets."""

    def __init__(self, job: str, lasting: timedelta) -> None:
        self.now = FRIDAY
        self._job, self._lasting = job, lasting

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return _Lasting(
            self, fn(*args, **kwargs), self._lasting if args[1].name == self._job else timedelta()
        )


class _Lasting(Future[Any]):
    def __init__(self, pool: Slow, outcome: Any, lasting: timedelta) -> None:
        super().__init__()
        self.set_result(outcome)
        self._pool, self._ends = pool, pool.now + lasting

    def done(self) -> bool:
        return self._pool.now >= self._ends


def configure(home: Home, text: str) -> Home:
    home.config_file.write_text(text, encoding="utf-8")
    return Home.open(home.root)


def with_sources(home: Home, *names: str) -> Home:
    home.sources.mkdir(exist_ok=True)
    for name in names:
        (home.sources / f"{name}.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    return home


def last(home: Home, job: str) -> ledger.Run:
    return ledger.latest(State.open(home))[job]


def told(home: Home) -> list[str]:
    return [letter.subject for letter in Outbox.open(home).waiting() if letter.channel == "file"]


def test_a_day_has_its_rounds_and_alerts_follow_the_index(home: Home) -> None:
    walk = Walk(with_sources(home, "news"))
    walk.to(FRIDAY, FRIDAY + timedelta(hours=2))
    assert [due.minute for due, _ in walk.of("collect")] == [30, 0, 30]
    assert len(walk.of("index")) == 11
    order = [name for name, *_ in walk.ran if name in {"index", "alerts"}]
    assert order == ["index", "alerts"] * 11
    # One round on each tick: what is due with a collection waits for index, reader and alerts.
    assert all(at - due < timedelta(minutes=4) for _, due, at, _ in walk.ran)


@pytest.mark.parametrize("back", [timedelta(hours=2, minutes=30), timedelta(days=2)])
def test_a_machine_that_was_off_writes_mondays_report_for_its_week_and_says_it_is_late(
    home: Home, back: timedelta
) -> None:
    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=5))
    walk = Walk(home)
    walk.to(MONDAY_0800 + back, MONDAY_0800 + back + timedelta(hours=1))
    commands = [command for name, _, _, command in walk.ran if name == WEEKLY]
    assert commands == [("report", "weekly", "--from", "2020-11-09", "--to", "2020-11-15", "--json")]
    assert back <= last(home, WEEKLY).late < back + timedelta(minutes=10)
    said = last(home, WEEKLY).detail
    assert said.startswith("It was due at 2020-11-16T08:00:00+08:00 and began")
    assert "风评 report-weekly 开始晚了" in told(home)


def test_missed_weeks_are_made_up_for_in_order_with_their_own_dates_once(home: Home) -> None:
    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=5))
    walk = Walk(home)
    walk.to(MONDAY_0800 + timedelta(days=15), MONDAY_0800 + timedelta(days=15, hours=3))
    weeks = [command[3] for name, _, _, command in walk.ran if name == WEEKLY]
    assert weeks == ["2020-11-09", "2020-11-16", "2020-11-23"]
    # What has no dates of its own is made up for by one run.
    assert len([at for _, at in walk.of("events")]) == 3


@pytest.mark.long
def test_a_failed_report_is_tried_again_until_it_succeeds(home: Home) -> None:
    mended = MONDAY_0800 + timedelta(hours=3)
    walk = Walk(
        home, lambda job, at: Outcome("ok" if job != WEEKLY or at >= mended else "failed", "disk full")
    )
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=1))
    walk.to(MONDAY_0800, MONDAY_0800 + timedelta(hours=6))
    starts = [at - MONDAY_0800 for _, at in walk.of(WEEKLY)]
    assert {due for due, _ in walk.of(WEEKLY)} == {MONDAY_0800}
    assert len(starts) == 6
    assert timedelta(hours=3) <= starts[-1] < timedelta(hours=4)
    assert last(home, WEEKLY).status == "ok"
    place = plan.places(State.open(home))[WEEKLY]
    assert (place.due_at, place.tries) == (MONDAY_0800 + timedelta(days=7), 0)


def test_a_job_that_always_fails_comes_back_at_its_next_moment(home: Home) -> None:
    walk = Walk(home, lambda job, at: Outcome("failed" if job == "index" else "ok"))
    walk.to(FRIDAY, FRIDAY + timedelta(hours=1))
    assert [at.minute for _, at in walk.of("index")][:4] == [10, 12, 18, 20]


def test_a_run_that_raises_is_a_failed_one_and_the_loop_goes_on(home: Home) -> None:
    def broken(job: str, at: datetime) -> Outcome:
        raise OSError(28, "No space left on device")

    walk = Walk(home, broken)
    walk.to(FRIDAY, FRIDAY + timedelta(hours=1))
    assert "No space left on device" in last(home, "index").detail
    assert len(walk.of("alerts")) > 4


def test_a_run_that_was_lost_in_a_kill_stays_due(home: Home) -> None:
    started, go = Event(), Event()

    def stuck(home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        started.set()
        go.wait()
        return Outcome("ok")

    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=1))
    with ThreadPoolExecutor() as pool:
        Loop(home, stuck, pool).tick(MONDAY_0800)
        started.wait()
        assert ledger.mark_lost(State.open(home), MONDAY_0800) >= 1
        walk = Walk(home)
        walk.to(MONDAY_0800, MONDAY_0800 + timedelta(minutes=10))
        go.set()
    assert [due for due, _ in walk.of(WEEKLY)] == [MONDAY_0800]


def test_a_start_that_was_broken_off_is_put_back_unless_another_owner_went_on(home: Home) -> None:
    state, job = State.open(home), jobs_of(home)["alerts"]
    due = plan.settle_in(state, {"alerts": job}, FRIDAY)["alerts"]
    with state.begin() as connection:
        ours = plan.tried(connection, job, due, due.due_at)
        plan.put_back(connection, job, ours)
    assert plan.places(state)["alerts"] == due
    with state.begin() as connection:
        ours = plan.tried(connection, job, due, due.due_at)
        theirs = plan.tried(connection, job, ours, ours.begin_at)
        following = plan.ended(connection, job, theirs, ours.begin_at, well=True)
        plan.put_back(connection, job, ours)
    assert plan.places(state)["alerts"] == following


def test_lanes_hold_each_other_up_within_themselves_only(home: Home) -> None:
    go = Event()
    ran: list[str] = []

    def slow(home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        ran.append(job.name)
        if job.lane == "desk":
            go.wait()
        return Outcome("ok")

    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=1))
    with ThreadPoolExecutor() as pool:
        loop = Loop(home, slow, pool)
        for minute in range(12):
            loop.tick(MONDAY_0800 + timedelta(minutes=minute))
            loop_alerts = ran.count("alerts")
            if not loop_alerts:
                Event().wait(0.05)
        go.set()
    assert ran.count("events") == 1
    assert WEEKLY not in ran
    assert ran.count("alerts") >= 1


def test_events_that_indexing_left_are_built_at_once_and_beside_it(home: Home) -> None:
    def leaving(job: str, at: datetime) -> Outcome:
        if job == "index":
            with State.open(home).begin() as connection:
                leave(connection, at)
        return Outcome("ok")

    walk = Walk(home, leaving)
    walk.to(FRIDAY + timedelta(minutes=5), FRIDAY + timedelta(minutes=35))
    assert len(walk.of("index")) == len(walk.of("events")) == 3


def test_events_that_could_not_be_built_keep_their_pauses(home: Home) -> None:
    def failing(job: str, at: datetime) -> Outcome:
        if job == "index":
            with State.open(home).begin() as connection:
                leave(connection, at)
        return Outcome("failed" if job == "events" else "ok")

    walk = Walk(home, failing)
    walk.to(FRIDAY + timedelta(minutes=5), FRIDAY + timedelta(minutes=33))
    assert [at.minute for _, at in walk.of("index")] == [10, 20, 30]
    assert [at.minute for _, at in walk.of("events")] == [11, 13, 19], "then in fifteen minutes"


@pytest.mark.parametrize(("lasting", "begins"), [(20, 21), (90, 30)])
def test_a_report_waits_for_events_that_are_brought_up_to_date_until_it_would_be_late(
    home: Home, lasting: int, begins: int
) -> None:
    pool = Slow("events", timedelta(minutes=lasting))
    ran: dict[str, datetime] = {}

    def run(home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        ran.setdefault(job.name, at)
        return Outcome("ok")

    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=1))
    loop = Loop(home, run, pool)
    for minute in range(100):
        pool.now = MONDAY_0800 + timedelta(minutes=minute)
        loop.tick(pool.now)
    assert ran["events"] == MONDAY_0800
    assert abs(ran[WEEKLY] - MONDAY_0800 - timedelta(minutes=begins)) <= timedelta(minutes=1)


def test_a_hung_job_is_told(home: Home) -> None:
    walk = Walk(home, lambda job, at: Outcome("hung" if job == "index" else "ok", "It was ended."))
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=12))
    assert "风评 index 超时中止" in told(home)


def test_a_source_has_its_own_interval_and_hours(home: Home) -> None:
    home = configure(
        with_sources(home, "news", "hot"),
        '[schedule.sources.hot]\nevery_minutes = 5\nhours = "12:00-12:30"\n',
    )
    walk = Walk(home)
    walk.to(FRIDAY - timedelta(minutes=3), FRIDAY + timedelta(hours=2))
    assert [due.minute for due, _ in walk.of("collect-hot")] == [0, 5, 10, 15, 20, 25]
    assert {c for name, *_, c in walk.ran if name == "collect"} == {("crawl", "news", "--json")}


def test_a_changed_configuration_holds_within_a_minute_and_a_bad_one_changes_nothing(home: Home) -> None:
    walk = Walk(home)
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=5))
    configure(home, "[schedule]\nindex_every_minutes = 2\n")
    walk.to(FRIDAY + timedelta(minutes=5), FRIDAY + timedelta(minutes=10))
    assert len(walk.of("index")) == 2
    home.config_file.write_text("[schedule]\nindex_every_minutes = 0\n", encoding="utf-8")
    walk.to(FRIDAY + timedelta(minutes=10), FRIDAY + timedelta(minutes=20))
    assert len(walk.of("index")) == 7
    assert "schedule.index_every_minutes" in walk.loop.files.faults["fengping.toml"]


def test_a_paused_job_waits_and_is_made_up_for_once(home: Home) -> None:
    walk = Walk(configure(home, '[schedule]\npaused = ["index"]\n'))
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=40))
    assert not walk.of("index") and walk.of("alerts")
    configure(home, "")
    walk.to(FRIDAY + timedelta(minutes=40), FRIDAY + timedelta(minutes=45))
    assert len(walk.of("index")) == 1


def test_a_machine_that_is_gone_is_waited_for_a_week(home: Home) -> None:
    walk = Walk(home)
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=1))
    state = State.open(home)
    with state.begin() as connection:
        for name, days in (("collect@111111", 6), ("collect@222222", 8), ("late", 8)):
            at = FRIDAY - timedelta(days=days)
            row = {"job": name, "due_at": at, "begin_at": at, "tries": 0, "planned": "x"}
            connection.execute(insert(plan.standings).values(row))
    plan.settle_in(state, walk.loop.scope.jobs(home), FRIDAY, lambda name: "@" not in name and name != "late")
    assert {"collect@111111", "late"} <= plan.places(state).keys()
    assert "collect@222222" not in plan.places(state)


def test_several_reports_by_cron(home: Home) -> None:
    text = '[[schedule.reports]]\nkind = "weekly"\nat = "0 9 * * tue"\n'
    home = configure(home, f'[schedule]\nweekly_report = ""\n{text}{text}')
    jobs = jobs_of(home)
    assert {"report-weekly", "report-weekly-2"} <= jobs.keys()
    assert iso(jobs[WEEKLY].times.after(FRIDAY)) == "2020-11-17T09:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[schedule.reports]]\nkind = "wekly"\nat = "09:00"\n', "wekly"),
        ('[[schedule.reports]]\nat = "9"\n', "schedule.reports: '9' is not a time"),
        ("[schedule.sources.nosuch]\n", "there is no source 'nosuch'"),
        ('[backup]\nfolder = "x"\n[schedule]\nbackup = "never"\n', "schedule.backup: 'never' is not a time"),
    ],
)
def test_a_schedule_that_cannot_be_is_one_sentence(home: Home, text: str, sentence: str) -> None:
    with pytest.raises((ConfigError, UsageError), match=sentence):
        jobs_of(configure(home, text))


def test_the_limit_of_a_job_can_be_set(home: Home) -> None:
    home = configure(home, "[schedule.limit_minutes]\nindex = 7\n")
    assert jobs_of(home)["index"].limit == timedelta(minutes=7)
