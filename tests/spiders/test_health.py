"""Health of sources: the verdict at its boundaries, notices on change and recovery, a report's coverage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.homes import add_source, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.cli.app import main
from fengping.delivery import Outbox
from fengping.home import Home
from fengping.indexer import Filter, Interval, open_store
from fengping.services.trends.gaps import collected
from fengping.spiders import CrawlResult, Outcome, Runs, Status, crawl
from fengping.spiders.health import Day, Health, check, coverage, decide, notices, standings, untold, usual
from fengping.spiders.run import source_health
from fengping.state import State

TODAY = date(2020, 11, 29)
NOON = datetime(2020, 11, 29, 4, 0, tzinfo=UTC)


def day(ago: int, **counts: int) -> Day:
    """A day with one finished run, unless the counts say otherwise."""
    runs = {} if any(name.startswith("run_") for name in counts) else {"run_finished": 1}
    return Day(TODAY - timedelta(days=ago), {**runs, **counts})


def weeks(documents: int = 40, start: int = 28, stop: int = 1, **counts: int) -> list[Day]:
    """Even days from *start* to *stop* days ago."""
    return [day(ago, stored=documents, listed=4, **counts) for ago in range(start, stop - 1, -1)]


# -- the verdict ---------------------------------------------------------------------------------------

VERDICTS = [
    ([], "silent", "it has not run yet"),
    ([day(0, run_skipped=3)], "silent", "it has not run yet"),
    ([*weeks(), day(0, stored=5)], "ok", ""),
    (weeks(), "ok", ""),
    (weeks(stop=2), "silent", "it has not run since 2020-11-27"),
    ([*weeks(), day(0, run_failed=2)], "failing", "all 2 runs of 2020-11-29 failed"),
    ([*weeks(), day(0, run_killed=1)], "failing", "all 1 runs of 2020-11-29 failed"),
    (
        [*weeks(), day(0, run_failed=1, blocked=1, unchanged=4)],
        "failing",
        "all 1 runs of 2020-11-29 failed: blocked on 1 pages",
    ),
    (
        [*weeks(), day(0, run_failed=1, not_kept=1, unreachable=2, unchanged=4)],
        "failing",
        "all 1 runs of 2020-11-29 failed: 1 runs could not keep what they read: our disk, "
        "journal or state, not the site, 2 pages ended in errors",
    ),
    (
        [*weeks(), day(0, run_failed=2, selector_empty=2, unchanged=4)],
        "failing",
        "all 2 runs of 2020-11-29 failed: 2 lists on which the selector or path matches nothing",
    ),
    ([*weeks(), day(0, run_failed=1, run_finished=3, stored=9)], "degraded", "1 of 4 runs failed"),
    # Half of the pages blocked is failing, one less is degraded.
    ([*weeks(), day(0, blocked=5, stored=5)], "failing", "blocked on 5 of 10 pages"),
    ([*weeks(), day(0, blocked=4, stored=6)], "degraded", "blocked on 4 of 10 pages"),
    ([*weeks(), day(0, blocked=1, stored=5, known=90)], "degraded", "blocked on 1 of 6 pages"),
    ([*weeks(), day(0, blocked=1, stored=48)], "degraded", "blocked on 1 of 49 pages"),
    ([*weeks(), day(0, blocked=1, stored=49)], "ok", ""),
    ([*weeks(), day(0, run_failed=1, run_finished=8, stored=9)], "degraded", "1 of 9 runs failed"),
    ([*weeks(), day(0, run_failed=1, run_finished=9, stored=9)], "ok", ""),
    ([day(0, run_failed=1, robots_denied=3)], "failing", "robots.txt denies all 3 pages asked for"),
    ([*weeks(), day(0, robots_denied=5, stored=5)], "degraded", "robots.txt denies 5 pages"),
    ([*weeks(), day(0, robots_denied=4, stored=6)], "ok", ""),
    (
        [*weeks(), day(0, run_finished=9, lost_list=9, lost_in_run=9, gone=9, stored=40)],
        "degraded",
        "in each run a list could not be read, or not to its end: 9 in 9 runs",
    ),
    ([*weeks(), day(0, run_finished=9, lost_list=1, lost_in_run=1, timeout=1, stored=40)], "ok", ""),
    ([*weeks(), day(0, run_finished=9, lost_list=60, lost_in_run=1, stored=240)], "ok", ""),
    ([*weeks(), day(0, unfinished=10, stored=40)], "degraded", "runs ended before 10 pages that they met"),
    ([*weeks(), day(0, unfinished=9, stored=40)], "ok", ""),
    ([*weeks(), day(0, selector_empty=1, stored=30)], "degraded", "the selector or path of a list matches"),
    (
        [*weeks(), day(0, timeout=1, http_error=1, stored=8)],
        "degraded",
        "2 of 10 pages ended in errors: 1 pages that did not come in time",
    ),
    ([*weeks(), day(0, timeout=1, stored=8)], "ok", ""),
    # A handful says nothing.
    ([*weeks(), day(0, timeout=1, stored=3)], "ok", ""),
    ([*weeks(), day(0, empty_body=2, stored=8)], "degraded", "2 pages without a body beside 8 documents"),
    ([*weeks(), day(0, empty_body=1, stored=8)], "ok", ""),
    ([*weeks(), day(0, no_date=2, stored=10)], "degraded", "2 of 10 documents without a date"),
    ([*weeks(), day(0, no_date=1, stored=10)], "ok", ""),
    # A hot list never had dates: nothing is lost.
    ([*weeks(no_date=40), day(0, no_date=10, stored=10)], "ok", ""),
    # Six days of history are not enough to call anything unusual, seven are.
    ([*weeks(start=6), day(0, no_date=10, stored=10)], "ok", ""),
    ([*weeks(start=7), day(0, no_date=10, stored=10)], "degraded", "10 of 10 documents without a date"),
    ([*weeks(), day(0, truncated_list=1, stored=40)], "degraded", "lists were longer than max_pages"),
    ([*weeks(truncated_list=1), day(0, truncated_list=1, stored=40)], "ok", ""),
    # 40 ± 6.3 (the root of the mean) a day: 21 is within three of them, 20 below.
    ([*weeks(stop=2), day(1, stored=22)], "ok", ""),
    ([*weeks(stop=2), day(1, stored=20)], "degraded", "20 documents on 2020-11-28, usual is 40.0 ± 0.0"),
    # Today may be half over: only whole days count.
    ([*weeks(), day(0, stored=0, listed=4)], "ok", ""),
    ([*weeks(stop=2), day(1, stored=0, listed=4)], "silent", "no document on 1 day(s) with runs"),
    ([*weeks(stop=2), day(1, stored=0, listed=4), day(0, stored=2)], "degraded", "0 documents on 2020-11-28"),
    # exp(-2·3) = .0025 may be chance, exp(-2·4) = .0003 is not.
    ([*weeks(2, stop=4), *weeks(0, start=3)], "ok", ""),
    ([*weeks(2, stop=5), *weeks(0, start=4)], "silent", "no document on 4 day(s) with runs, usual is 2.0"),
    ([*weeks(2, start=10, stop=5), *weeks(0, start=4)], "ok", ""),
    # A backfill of 500 does not make one document a day unusually few.
    ([*weeks(1, stop=7), day(6, stored=500), *weeks(1, start=5, stop=4), *weeks(0, start=3)], "ok", ""),
]


@pytest.mark.parametrize(("days", "state", "reason"), VERDICTS)
def test_the_verdict(days: list[Day], state: str, reason: str) -> None:
    verdict = decide(days, TODAY)
    assert (verdict.state.value, verdict.reason[: len(reason)]) == (state, reason)
    assert bool(verdict.reason) == (verdict.state is not Health.OK)


def test_what_is_usual_is_taken_from_the_28_days_before() -> None:
    days = [day(29, stored=1000), *weeks(30, start=28, stop=15), *weeks(50, start=14), day(0, stored=7)]
    normal = usual(days, TODAY, lambda d: d.documents)
    assert (normal.mean, normal.sigma, normal.days) == (40.0, 10.0, 28)
    assert str(normal) == "40.0 ± 10.0"


def test_a_day_without_a_run_is_no_day_of_zero() -> None:
    days = [day(3, stored=10), day(2, run_skipped=5), day(1, stored=20)]
    assert usual(days, TODAY, lambda d: d.documents).mean == 15.0


COUNTS = st.dictionaries(
    st.sampled_from([*(status.value for status in Status), "run_finished", "run_failed", "no_date"]),
    st.integers(0, 200),
    max_size=6,
)


@given(st.dictionaries(st.integers(0, 40), COUNTS, max_size=20))
def test_any_history_has_a_verdict(found: dict[int, dict[str, int]]) -> None:
    days = [Day(TODAY - timedelta(days=ago), found[ago]) for ago in sorted(found, reverse=True)]
    verdict = decide(days, TODAY)
    assert bool(verdict.reason) == (verdict.state is not Health.OK)
    if not any(d.runs for d in days):
        assert verdict.state is Health.SILENT


# -- homes ---------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def fill(home: Home, source: str, days: list[Day]) -> None:
    """Writes counts as runs would have left them."""
    with State.open(home).begin() as connection:
        for one in days:
            for name, count in one.counts.items():
                connection.execute(
                    source_health.insert().values(source=source, day=one.day, status=name, count=count)
                )


def quiet_home(folder: Path, *names: str, config: str = "") -> Home:
    source = list_source("https://news.example/list.html")
    return make_home(folder, config, **dict.fromkeys(names, source))


def test_a_change_is_told_once_and_a_recovery_too(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a", "b")
    fill(home, "a", weeks())
    assert check(home, NOON) == []
    fill(home, "a", [day(0, run_failed=2)])
    (notice,) = check(home, NOON + timedelta(hours=1))
    assert notice.sentence == "a is failing, it was ok: all 2 runs of 2020-11-29 failed."
    assert check(home, NOON + timedelta(hours=2)) == []
    fill(home, "a", [Day(TODAY + timedelta(days=1), {"run_finished": 1, "stored": 40})])
    (recovered,) = check(home, NOON + timedelta(days=1))
    assert recovered.recovery and recovered.sentence == "a is ok again, it was failing."
    assert [n.after for n in notices(home, NOON)] == [Health.FAILING, Health.OK]
    assert [n.after for n in notices(home, NOON + timedelta(hours=2))] == [Health.OK]


def test_another_cause_of_a_source_that_is_still_not_well_is_told(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a")
    told = []
    for hour, counts in enumerate(
        [
            {"run_finished": 3, "run_failed": 2, "unreachable": 2, "refused": 2},
            {"run_finished": 3, "run_failed": 3, "unreachable": 3, "refused": 3},
            {"run_finished": 3, "run_failed": 4, "unreachable": 3, "refused": 3, "selector_empty": 1},
            {"run_finished": 3, "run_failed": 4, "unreachable": 3, "refused": 3, "selector_empty": 1},
        ]
    ):
        with State.open(home).begin() as connection:
            connection.execute(source_health.delete())
        fill(home, "a", [*weeks(), day(0, **counts)])
        told.append([notice.sentence for notice in check(home, NOON + timedelta(hours=hour))])
    (down,), (), (changed,), () = told
    assert "refused the connection" in down and "selector" not in down
    assert changed.startswith("a is degraded: ") and "selector or path" in changed


def test_since_when_is_remembered_while_it_stays(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a")
    fill(home, "a", [*weeks(), day(0, run_failed=1)])
    check(home, NOON)
    (standing,) = standings(home, NOON + timedelta(hours=5))
    assert (standing.verdict.state, standing.since) == (Health.FAILING, NOON)


def test_a_source_that_never_ran_is_silent_without_a_notice(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a")
    assert check(home, NOON) == []
    assert standings(home, NOON)[0].verdict.state is Health.SILENT


def test_a_chosen_source_that_is_gone_keeps_no_other_from_being_judged(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a")
    home.config_file.write_text('[crawl]\nsources = ["gone-news"]\n', encoding="utf-8")
    ended(home, "a", *["failed"] * 3)
    assert [notice.source for notice in check(Home.open(home.root), NOON)] == ["a"]


def ended(home: Home, source: str, *outcomes: str, at: datetime = NOON) -> None:
    """Runs of the last hours, five minutes apart, the last at *at*."""
    for number, outcome in enumerate(outcomes):
        begun = at - timedelta(minutes=5 * (len(outcomes) - number))
        finished = outcome == "finished"
        counts = {Status.STORED: 4} if finished else {Status.HTTP_ERROR: 1}
        Runs(State.open(home)).end(
            CrawlResult(source, Outcome(outcome), begun, begun, "", f"{source}{begun:%H%M}", counts)
        )


def test_failed_runs_in_a_row_are_a_failure_and_good_ones_end_it(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a", "b")
    good = ["finished"] * 7
    ended(home, "a", *good, *["failed"] * 5)
    ended(home, "b", *good, "failed", "finished", "failed")
    found, flaky = standings(home, NOON)
    assert found.verdict.state is Health.FAILING
    assert found.verdict.reason.startswith("its last 5 runs failed, since 2020-11-29T")
    assert (flaky.verdict.state, flaky.verdict.reason[:21]) == (Health.DEGRADED, "2 of 10 runs failed: ")
    later = NOON + timedelta(minutes=20)
    ended(home, "a", "finished", "finished", at=later)
    assert standings(home, later)[0].verdict.reason.startswith("5 of 14 runs failed")
    ended(home, "a", "finished", at=later + timedelta(minutes=5))
    (well, _) = standings(home, later + timedelta(minutes=5))
    assert well.verdict.state is Health.OK
    assert well.days[-1].failed == 5, "what was counted stays"


def test_a_first_run_is_no_recovery(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "a", "b")
    assert check(home, NOON) == []
    fill(home, "a", [day(0, stored=4)])
    fill(home, "b", [day(0, run_failed=2)])
    [failing] = check(home, NOON + timedelta(hours=1))
    assert failing.sentence.startswith("b is failing: ")


def test_notices_wait_for_a_channel_that_refuses(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    home = quiet_home(tmp_path / "home", "a", config='[crawl]\nnotify = ["file", "hook"]\n')
    book = f'[channels.hook]\nkind = "webhook"\nurl = "{site.url("/hook")}"\n'
    (home.root / "delivery.toml").write_text(book, encoding="utf-8")
    fill(home, "a", [*weeks(), day(0, run_failed=1)])
    command = ["--home", str(home.root), "source", "health", "--notify", "--at", "2020-11-29T12:00"]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert said.out == "a is failing: all 1 runs of 2020-11-29 failed.\n"
    assert "hook" in said.err
    assert "404" in said.err
    assert untold(home) == {}, "the outbox has it"
    outbox = Outbox.open(home)
    assert [letter.channel for letter in (*outbox.waiting(), *outbox.dead())] == ["hook"]
    (line,) = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["labels"] == {"source": ["a"]}
    with pytest.raises(SystemExit):
        main([*command[:4], "--counts", "--at", "2020-11-29T12:00"])
    counts = {"ok": 0, "degraded": 0, "failing": 1, "silent": 0, "notices": 0}
    assert json.loads(capsys.readouterr().out).items() >= counts.items()


def test_health_of_real_crawls_as_json_and_as_a_table(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    links = {f"/a{n}.html": f"样例直播间第{n}场的售后" for n in range(3)}
    for path, title in links.items():
        site.pages[path] = Reply(article(title, "买完不让换"))
    site.pages["/list.html"] = Reply(list_page(links))
    home = make_home(tmp_path / "home", good=list_source(site.url("/list.html")))
    add_source(home.root, "bad", list_source(site.url("/none.html")))
    crawl(home, at=NOON)
    command = ["--home", str(home.root), "source", "health", "--at", "2020-11-29T13:00"]
    with pytest.raises(SystemExit) as ended:
        main([*command, "--json"])
    assert ended.value.code == 0
    bad, good = json.loads(capsys.readouterr().out)["sources"]
    assert (good["source"], good["state"], bad["state"]) == ("good", "ok", "failing")
    (counts,) = good["days"]
    assert counts == {
        "day": "2020-11-29", "runs": 1, "failed": 0, "requests": 5, "pages": 5, "items": 3, "documents": 3,
        "empty": 0, "undated": 0, "blocked": 0, "robots_denied": 0,
    }  # fmt: skip
    for more in ([], ["good"], ["--days"]):
        with pytest.raises(SystemExit):
            main([*command, *more])
        shown = capsys.readouterr().out
        assert "good" in shown
        # The reason stands in one line, however narrow the table.
        told = "bad failing: all 1 runs of 2020-11-29 failed: 1 pages are gone · 1 failed"
        assert (told in shown) is (more == [])
    with pytest.raises(SystemExit) as ended:
        main([*command, "goud"])
    assert ended.value.code == 2


def test_a_disk_that_takes_nothing_is_not_laid_to_the_site(tmp_path: Path, site: Site) -> None:
    links = {"/a.html": "样例直播间的售后"}
    site.pages["/a.html"] = Reply(article(links["/a.html"], "买完不让换"))
    site.pages["/list.html"] = Reply(list_page(links))
    home = make_home(tmp_path / "home", good=list_source(site.url("/list.html")))
    home.journal.parent.mkdir(exist_ok=True)
    home.journal.symlink_to("/proc/self/fd")  # a folder in which nobody can make a file
    [result] = crawl(home, at=NOON)
    assert "cannot be written" in result.reason
    [standing] = standings(home, NOON)
    assert "not the site" in standing.verdict.reason


# -- coverage ------------------------------------------------------------------------------------------


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+08:00")


def test_coverage_names_each_source_and_the_days_nothing_ran(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "good", "walled", "idle")
    fill(home, "good", [d for d in weeks() if d.day.day not in (11, 12)])
    fill(home, "walled", [day(4, run_failed=2, blocked=3), day(3, run_failed=1, blocked=3)])
    fill(home, "gone", [day(20, stored=6, no_date=1), day(19, stored=2, lost_list=1, unfinished=4)])
    covered = coverage(home, moment("2020-11-09"), moment("2020-11-27"), NOON)
    assert covered is not None
    assert covered.missing_days == (date(2020, 11, 11), date(2020, 11, 12))
    assert covered.failed_days == ()
    rows = {s.name: (s.state, s.runs, s.documents, s.note) for s in covered.sources}
    assert rows == {
        "good": ("ok", 16, 640, ""),
        "walled": ("blocked", 3, 0, "3次运行失败，6页被拦截"),
        "gone": ("silent", 2, 8, "1个列表页未能读全，4页次列出而未及采集，1条无发布时间"),
        "idle": ("silent", 0, 0, "尚未运行"),
    }


def test_the_coverage_of_some_sources_is_theirs_alone(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "good", "bad", "idle")
    fill(home, "good", [d for d in weeks() if d.day.day != 11])
    fill(home, "bad", [day(20, stored=6), day(18, stored=2)])
    window = moment("2020-11-09"), moment("2020-11-12")
    covered = coverage(home, *window, NOON, sources=("bad", "idle"))
    assert covered is not None
    assert [s.name for s in covered.sources] == ["bad", "idle"]
    assert covered.missing_days == (date(2020, 11, 10),)
    assert coverage(home, *window, NOON, sources=("idle",)) is None


def test_a_day_on_which_every_run_failed_is_not_covered(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "good", "bad", config='store = "memory:"\n')
    fill(home, "good", [day(20, stored=3), day(19, run_failed=9), day(18, run_failed=1, run_finished=1)])
    fill(home, "bad", [day(19, run_killed=2), day(18, run_failed=1)])
    window = moment("2020-11-09"), moment("2020-11-13")
    covered = coverage(home, *window, NOON)
    assert covered is not None
    assert covered.missing_days == (date(2020, 11, 10), date(2020, 11, 12))
    assert covered.failed_days == (date(2020, 11, 10),)
    of_bad = coverage(home, *window, NOON, sources=("bad",))
    assert of_bad is not None and of_bad.failed_days == (date(2020, 11, 10), date(2020, 11, 11))
    told = collected(home, open_store(home), Filter(since=window[0], until=window[1]), Interval.DAY, NOON)
    gaps = [told.gap(window[0] + timedelta(days=n)) for n in range(4)]
    assert [gap.startswith("no run") for gap in gaps] == [False, True, False, True]


def test_a_window_before_any_run_is_not_called_uncovered(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "good")
    fill(home, "good", weeks())
    assert coverage(home, moment("2019-11-01"), moment("2019-11-12"), NOON) is None
    assert coverage(home, moment("2021-11-01"), moment("2021-11-12"), NOON) is None


def test_days_to_come_are_not_missing(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", "good")
    fill(home, "good", weeks(start=5, stop=0))
    covered = coverage(home, moment("2020-11-25"), moment("2020-12-02"), NOON)
    assert covered is not None and covered.missing_days == ()


def test_the_report_prints_the_coverage(tmp_path: Path) -> None:
    home = quiet_home(tmp_path / "home", config='store = "memory:"\n')
    add_source(home.root, "good", list_source("https://news.example/list.html", 'title = "样例消费报"'))
    fill(home, "good", [d for d in weeks() if d.day.day not in (10, 11)])
    fill(home, "good", [day(19, run_failed=4, unreachable=4)])
    out = tmp_path / "out"
    span = ["--from", "2020-11-09", "--to", "2020-11-12"]
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "report", "custom", *span, "--format", "md", "--out", str(out)])
    assert ended.value.code == 0
    (written,) = out.glob("*.md")
    text = written.read_text(encoding="utf-8")
    assert "采集覆盖：共1个来源" in text and "11月11日没有任何来源运行，为未采集" in text
    assert "11月10日来源虽有运行而均失败，为采集不全" in text
    assert "11月9日、11月12日来源有运行，为当日无信息" in text
    assert "| 样例消费报 | 正常 | 6 | 80 | 4次运行失败，4页出错 |" in text
