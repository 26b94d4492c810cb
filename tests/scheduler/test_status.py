"""``fengping status`` and the watchman: what wants a person is said, once, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert
from tests.commands import fengping
from tests.making import Disk, document
from tests.site.homes import list_source

from fengping.clock import iso
from fengping.delivery import Outbox, deliver_due, tables
from fengping.events.building.opening import leave
from fengping.home import Home
from fengping.indexer import arrivals, changes, open_journal, open_store
from fengping.models import RawDocument, document_id
from fengping.scheduler import ledger, plan, watchman
from fengping.scheduler.lease import Lease
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.status import status
from fengping.scheduler.troubles import Look
from fengping.services.home import doctor
from fengping.spiders import CrawlResult, Outcome, Runs
from fengping.state import State

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)


@pytest.fixture
def well(home: Home) -> Home:
    """A home with one source that ran, and one job that went well."""
    add_source(home, "news")
    ran(home, "news", NOW)
    write(home, "collect", "ok")
    return home


def add_source(home: Home, name: str) -> None:
    home.sources.mkdir(exist_ok=True)
    (home.sources / f"{name}.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")


def ran(home: Home, name: str, at: datetime, outcome: Outcome = Outcome.FINISHED, reason: str = "") -> None:
    Runs(State.open(home)).end(CrawlResult(name, outcome, at, at, reason, document_id(name)))


def write(home: Home, job: str, how: str, detail: str = "", at: datetime = NOW) -> None:
    with State.open(home).begin() as connection:
        ledger.finish(connection, ledger.begin(connection, job, at), at, ledger.Outcome(how, detail))


def place(home: Home, job: str, due: datetime) -> None:
    with State.open(home).begin() as connection:
        connection.execute(
            insert(plan.standings).values(job=job, due_at=due, begin_at=due, tries=0, planned="")
        )


def append(home: Home) -> None:
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id("x"), "late", "一条投诉", NOW))


def told(home: Home) -> list[str]:
    letters = Outbox.open(home).letters(tables.outbox.c.channel == "file")
    return [letter.subject.removeprefix("风评 ") for letter in letters]


def test_a_home_without_trouble_says_none(well: Home) -> None:
    found = status(well, NOW)
    assert found.troubles == ()
    assert (found.documents, found.lag_bytes, found.today, found.holder) == (0, 0, 0, "")
    watchman.round(well, State.open(well), NOW)
    assert told(well) == []


def test_a_failed_job_a_silent_source_and_a_lagging_index_are_seen(well: Home) -> None:
    write(well, "collect", "failed", "index: disk full")
    add_source(well, "late")
    add_source(well, "fresh")
    ran(well, "late", NOW - timedelta(days=3), Outcome.FAILED, "the site blocks us")
    append(well)
    found = status(well, NOW)
    said = " ".join(found.troubles)
    assert "The last collect failed: index: disk full." in said
    assert "fresh never ran." in said
    assert "late did not run since 2020-11-09" in said
    assert found.lag_bytes > 0
    late = next(one for one in found.sources if one.source == "late")
    assert (late.outcome, late.said) == ("failed", "the site blocks us")


def sentences(home: Home, now: datetime = NOW) -> list[str]:
    return [trouble.sentence for trouble in watchman.found(Look(home, State.open(home), now))]


def test_a_job_that_should_have_run_and_did_not(well: Home) -> None:
    place(well, "events", NOW - timedelta(minutes=59))
    assert sentences(well) == []
    assert sentences(well, NOW + timedelta(minutes=2)) == [
        "events was due at 2020-11-12T15:01:00+08:00 and has not begun."
    ]
    found = status(well, NOW + timedelta(minutes=2))
    assert [job.job for job in found.jobs if job.late] == ["events"]
    well.config_file.write_text('[schedule]\npaused = ["events"]\n', encoding="utf-8")
    paused = Home.open(well.root)
    assert sentences(paused, NOW + timedelta(minutes=2)) == []
    assert not any(job.late for job in status(paused, NOW + timedelta(minutes=2)).jobs)
    well.config_file.write_text("", encoding="utf-8")
    with State.open(well).begin() as connection:
        ledger.begin(connection, "events", NOW)
    assert sentences(well, NOW + timedelta(minutes=2)) == []


def test_events_that_nobody_builds_are_told(well: Home) -> None:
    with State.open(well).begin() as connection:
        leave(connection, NOW)
    assert sentences(well, NOW + timedelta(hours=6)) == []
    left = "Events wait to be built anew since 2020-11-12T16:00:00+08:00"
    lost = "rules that go by events are not checked."
    assert sentences(well, NOW + timedelta(hours=7)) == [f"{left}: {lost}"]
    well.config_file.write_text('[schedule]\npaused = ["events"]\n', encoding="utf-8")
    paused = f"{left}, and the job events is paused: {lost}"
    assert sentences(Home.open(well.root)) == [paused]
    assert in_chinese(paused).endswith("而任务 events 已暂停：按事件设的规则没有查。")


def test_a_consumer_of_the_change_log_that_is_gone_is_named_until_nothing_is_kept_for_it(well: Home) -> None:
    def ran(at: datetime) -> None:
        with state.begin() as connection:
            arrivals.note(connection, at)
            arrivals.over(connection, empty=False)

    state, begun = State.open(well), NOW - timedelta(days=4)
    with state.begin() as connection:
        changes.passed(connection, "events", 0)
    ran(NOW - timedelta(days=2))
    assert sentences(well) == []
    reading = changes.read(state, "events")
    with state.begin() as connection:
        changes.passed(connection, "events", reading.until)
    ran(begun)
    ran(NOW)
    [said] = sentences(well)
    assert said.startswith(f"The consumer events has not read what was indexed since {iso(begun)};")
    assert in_chinese(said).endswith("请运行：fengping affairs update")
    ran(begun + arrivals.GONE + timedelta(days=1))
    assert sentences(well) == []
    assert changes.read(state, "events").snapshot


def test_a_new_source_waits_for_its_first_round(well: Home) -> None:
    add_source(well, "fresh")
    Lease(State.open(well), "host:1:x", lambda: 0.0).take(NOW)
    assert sentences(well) == []


def test_a_service_that_died_without_a_word(well: Home) -> None:
    Lease(State.open(well), "host:1:x", lambda: 0.0).take(NOW)
    assert sentences(well, NOW + timedelta(seconds=50)) == []
    assert status(well, NOW).holder == "host:1"
    assert sentences(well, NOW + timedelta(seconds=70)) == [
        "The schedule stands still: its process ended without a word at 2020-11-12T16:00:00+08:00."
    ]


def test_an_index_that_lags_behind_the_journal(well: Home) -> None:
    place(well, "index", NOW + timedelta(days=1))
    write(well, "index", "ok", at=NOW - timedelta(minutes=61))
    assert sentences(well) == []
    append(well)
    assert [s for s in sentences(well) if s.startswith("The index lags")]
    write(well, "index", "ok", at=NOW - timedelta(minutes=5))
    assert sentences(well) == []


def test_an_index_that_was_never_made_lags_once_it_has_been_waited_for(well: Home) -> None:
    append(well)
    place(well, "index", NOW)
    assert sentences(well) == [], "the service has only begun"
    assert [s for s in sentences(well, NOW + timedelta(minutes=61)) if "none read yet" in s]
    write(well, "index", "failed", at=NOW - timedelta(minutes=70))
    assert [s for s in sentences(well) if "none read yet" in s], "it fails at each round"


def test_a_disk_that_is_nearly_full(well: Home, disk: Disk) -> None:
    disk.total, disk.used, disk.free = 300 << 30, 91 << 30, 9 << 30
    assert sentences(well) == ["The disk is nearly full: 9 % are free, 9.0 GiB."]


def test_a_delivery_file_that_is_bad_hides_nothing_else(well: Home) -> None:
    (well.root / "delivery.toml").write_text('[channels.desk]\nkind = "flie"\n', encoding="utf-8")
    found = status(well, NOW)
    assert found.jobs and found.sources
    assert any("unknown kind 'flie'" in sentence for sentence in found.troubles)


def test_no_source_enabled(home: Home) -> None:
    assert sentences(home) == ["No source is enabled: nothing new is collected."]


def test_a_trouble_is_told_once_and_so_is_its_end_after_half_an_hour(home: Home) -> None:
    state = State.open(home)
    said = "没有开任何来源：采不到新信息。"
    for minute in range(5):
        watchman.round(home, state, NOW + timedelta(minutes=minute))
    assert told(home) == [said]
    add_source(home, "news")
    ran(home, "news", NOW)
    # It comes and goes: that is one trouble.
    watchman.round(home, state, NOW + timedelta(minutes=10))
    (home.sources / "news.toml").unlink()
    watchman.round(home, state, NOW + timedelta(minutes=20))
    add_source(home, "news")
    watchman.round(home, state, NOW + timedelta(minutes=49))
    assert told(home) == [said]
    watchman.round(home, state, NOW + timedelta(minutes=50))
    assert told(home) == [said, f"已恢复：{said}"]
    deliver_due(home, NOW + timedelta(minutes=51))
    (home.sources / "news.toml").unlink()
    watchman.round(home, state, NOW + timedelta(hours=2))
    assert told(home) == [said, f"已恢复：{said}", said]


def test_a_rule_on_a_source_that_is_no_more_is_told_once(well: Home) -> None:
    well.alerts.mkdir()
    for name in ("news", "gone"):
        text = f'name = "on {name}"\nsources = ["{name}"]\n'
        (well.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    for minute in range(3):
        watchman.round(well, State.open(well), NOW + timedelta(minutes=minute))
    [said] = told(well)
    assert said in map(in_chinese, sentences(well)) and "on gone" in said
    assert not {one.name: one for one in doctor(well)}["alert rules"].ok
    (well.alerts / "gone.toml").unlink()
    watchman.round(well, State.open(well), NOW + timedelta(hours=1))
    assert told(well) == [said, f"已恢复：{said}"]


def test_a_delivery_file_that_is_bad_ends_no_round(home: Home) -> None:
    (home.root / "delivery.toml").write_text("[channels.x]\nkind = 'nosuch'\n", encoding="utf-8")
    seen = watchman.round(home, State.open(home), NOW)
    assert [trouble.key for trouble in seen if trouble.grave] == ["notices"]
    (home.root / "delivery.toml").unlink()
    watchman.round(home, State.open(home), NOW)
    assert told(home) == ["没有开任何来源：采不到新信息。"]


@pytest.fixture
def hub() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server in the form of Healthchecks, and what it was sent."""
    got: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            got.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping/abc", got
    server.shutdown()


def test_the_heartbeat_is_given_and_says_what_is_grave(
    well: Home,
    hub: tuple[str, list[tuple[str, str]]],
    disk: Disk,
    environ: MutableMapping[str, str],
) -> None:
    url, got = hub
    environ["BEAT_URL"] = url
    well.config_file.write_text('[schedule]\nheartbeat = "$BEAT_URL"\n', encoding="utf-8")
    home = Home.open(well.root)
    watchman.round(home, State.open(home), NOW)
    disk.total, disk.used, disk.free = 100, 99, 1
    watchman.round(home, State.open(home), NOW)
    assert [path for path, _ in got] == ["/ping/abc", "/ping/abc/fail"]
    assert got[1][1].startswith("The disk is nearly full")


def test_a_heartbeat_that_nobody_takes_ends_no_round_and_tells_no_secret(
    well: Home, environ: MutableMapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    well.config_file.write_text('[schedule]\nheartbeat = "$BEAT_URL"\n', encoding="utf-8")
    home = Home.open(well.root)
    watchman.ping(home, [])
    environ["BEAT_URL"] = "http://127.0.0.1:9/ping/secret-token"
    watchman.ping(home, [])
    said = capsys.readouterr().out
    assert said.count("the heartbeat was not taken") == 2
    assert "secret-token" not in said


def test_what_was_handed_in_today_stands_beside_what_was_collected(well: Home) -> None:
    store = open_store(well)
    for number, source in enumerate(["survey", "survey", "partner", "news"]):
        store.put([document(number, None, source=source, indexed_at=NOW)])
    store.put([document(9, NOW, source="survey", indexed_at=NOW - timedelta(days=1))])
    store.close()
    found = status(well, NOW + timedelta(hours=1))
    assert found.handed_in == {"survey": 2, "partner": 1} and found.today == 0
    assert found.collected.startswith("0 collected by spiders today; usual: ")
    assert (
        "; new in the index today, however it came: 4; by import or API: 2 survey, 1 partner"
        in found.collected
    )
    assert found.to_record()["indexed_today"] == {"all": 4, "handed_in": found.handed_in}
    tomorrow = status(well, NOW + timedelta(days=1))
    assert not tomorrow.indexed and "index today" not in tomorrow.collected


def test_the_command_line(home: Home) -> None:
    done = fengping(home, "status")
    assert done.returncode == 1
    assert "No source is enabled: nothing new is collected." in done.stderr
    assert "0 collected by spiders today; usual: nothing known yet\n" in done.stderr
    assert fengping(home, "status", "--tell").returncode == 0
    assert any("运行简报" in subject for subject in told(home))
