"""Keyword plans: searches as values, and a loopback search site that shows six results and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.homes import journaled, make_home
from tests.site.server import Handler, Reply, Site, serve

from fengping.cli.app import main
from fengping.clock import SHANGHAI
from fengping.home import Home
from fengping.spiders.plans import Done, Ending, Search, Step, run_plan, searches, spans, split
from fengping.spiders.plans.searches import finest
from fengping.spiders.sources import Source, SourceKind


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


MOMENTS = st.integers(0, 10**8).map(lambda seconds: at("2019-01-01") + timedelta(seconds=seconds))

# -- values --------------------------------------------------------------------------------------------


def test_spans_are_cut_at_chinese_borders_newest_first() -> None:
    months = list(spans(at("2020-10-20"), at("2020-12-02T08:00"), Step.MONTH))
    assert months == [
        (at("2020-12-01"), at("2020-12-02T08:00")),
        (at("2020-11-01"), at("2020-12-01")),
        (at("2020-10-20"), at("2020-11-01")),
    ]
    hours = list(spans(at("2020-11-11T22:30"), at("2020-11-12"), Step.HOUR))
    assert hours == [
        (at("2020-11-11T23:00"), at("2020-11-12")), (at("2020-11-11T22:30"), at("2020-11-11T23:00")),
    ]  # fmt: skip


@given(
    MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=40)), st.sampled_from([Step.MONTH, Step.DAY])
)
def test_spans_leave_no_gap_and_no_overlap(since: datetime, length: timedelta, step: Step) -> None:
    found = list(spans(since, since + length, step))
    assert found[0][1] == since + length and found[-1][0] == since
    assert all(start < stop for start, stop in found)
    assert all(later[0] == earlier[1] for later, earlier in pairwise(found))


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=3)))
def test_splitting_ends_at_an_hour_and_loses_no_moment(since: datetime, length: timedelta) -> None:
    whole = Search("s", "词", since, since + length)
    waiting, pieces = [whole], []
    while waiting:
        search = waiting.pop()
        smaller = split(search, Step.HOUR)
        waiting += smaller
        pieces += [] if smaller else [search]
    pieces.sort(key=lambda s: s.since)
    assert pieces[0].since == since and pieces[-1].until == since + length
    assert all(a.until == b.since for a, b in pairwise(pieces))
    assert all(p.until - p.since <= timedelta(hours=1) for p in pieces)


def source(url: str) -> Source:
    return Source(name="s", title="s", kind=SourceKind.RSS, urls=(url,), keywords=("x",))


def test_a_source_is_split_as_far_as_its_address_goes() -> None:
    hourly = source("https://s.example/?q={keyword}&from={since:%s}&to={until:%s}")
    daily = source("https://s.example/?q={keyword}&day={date}")
    timeless = source("https://s.example/?q={keyword}")
    assert [finest(s) for s in (hourly, daily, timeless)] == [Step.HOUR, Step.DAY, None]
    day = Search("s", "词", at("2020-11-11"), at("2020-11-12"))
    month = Search("s", "词", at("2020-11-01"), at("2020-12-01"))
    assert len(split(day, Step.HOUR)) == 24 and len(split(month, Step.DAY)) == 30
    assert split(day, Step.DAY) == () == split(month, None)


def test_a_plan_is_names_by_sources_by_time() -> None:
    sources = {
        "a": source("https://s.example/?q={keyword}&from={since}"),
        "b": source("https://s.example/?q={keyword}"),
    }
    found = searches(sources, ["甲", "乙"], at("2020-10-20"), at("2020-11-15"), Step.MONTH)
    assert [(s.source, s.keyword, s.since, s.until) for s in found] == [
        ("a", "甲", at("2020-11-01"), at("2020-11-15")), ("a", "乙", at("2020-11-01"), at("2020-11-15")),
        ("a", "甲", at("2020-10-20"), at("2020-11-01")), ("a", "乙", at("2020-10-20"), at("2020-11-01")),
        ("b", "甲", at("2020-10-20"), at("2020-11-15")), ("b", "乙", at("2020-10-20"), at("2020-11-15")),
    ]  # fmt: skip


# -- a search site that shows two pages of three -------------------------------------------------------

PAGES, PER_PAGE = 2, 3
SEARCH = """
title = "Sample search"
kind = "json"
urls = ["{url}?q={{keyword}}&from={{since:%Y-%m-%dT%H:%M}}&to={{until:%Y-%m-%dT%H:%M}}&page={{page}}"]
keywords = ["样例"]
channel = "forum"
platform = "sample"
detail = false
pagination = {{ max_pages = 2 }}
[json]
items = "posts"
[json.fields]
id = "id"
text = "text"
published_at = "at"
"""

POSTS = [
    # A quiet day, a busy day with a busy hour, and another quiet one.
    *(("样例主播甲", f"2020-11-09 {hour:02}:10:00") for hour in (8, 12)),
    *(
        ("样例主播甲", f"2020-11-11 {hour:02}:{minute:02}:00")
        for hour in (0, 20, 21)
        for minute in (5, 25, 45)
    ),
    *(("样例主播甲", f"2020-11-11 22:{minute:02}:30") for minute in (1, 2, 3)),
    ("样例主播乙", "2020-11-12 09:00:00"),
]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def search_page(posts: list[tuple[str, str]]) -> object:
    """The answer to a search: newest first, three a page, no more than two pages."""

    def reply(handler: Handler) -> Reply:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        first, last = at(asked["from"]), at(asked["to"])
        found = [
            {"id": n, "text": f"{who}的直播间售后", "at": when}
            for n, (who, when) in enumerate(posts)
            if who == asked["q"] and first <= at(when) < last
        ][::-1][: PAGES * PER_PAGE]
        number = int(asked["page"])
        shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
        return Reply(json.dumps({"posts": shown}), headers={"Content-Type": "application/json"})

    return reply


class Searched(dict):  # type: ignore[type-arg]
    """Pages by path; every ``/search?…`` is one."""

    def __init__(self, posts: list[tuple[str, str]]) -> None:
        super().__init__()
        self._reply = search_page(posts)

    def get(self, key: str, default: object = None) -> object:
        return self._reply if key.startswith("/search?") else super().get(key, default)


def a_home(site: Site, folder: Path, posts: list[tuple[str, str]] = POSTS) -> Home:
    site.pages = Searched(posts)
    return make_home(folder, sample=SEARCH.format(url=site.url("/search")))


def run(home: Home, step: Step = Step.MONTH) -> list[Done]:
    span = (at("2020-11-08"), at("2020-11-13"))
    words = ["样例主播甲", "样例主播乙"]
    return list(run_plan(home, ["sample"], words, *span, step=step, clock=lambda: at("2020-12-05")))


def test_capped_results_are_searched_by_shorter_spans(site: Site, tmp_path: Path) -> None:
    home = a_home(site, tmp_path / "home")
    ended = run(home, Step.MONTH)
    found = [document.text for document in journaled(home)]
    assert len(found) == len(POSTS)
    assert len({document.id for document in journaled(home)}) == len(POSTS)
    split_ones = [(d.search.until - d.search.since).days for d in ended if d.ending is Ending.SPLIT]
    # The whole time of the first name, and in it the busy day.
    assert split_ones == [5, 1]
    assert {d.ending for d in ended} == {Ending.SPLIT, Ending.COMPLETE}
    assert sum(d.documents for d in ended) == len(POSTS)


@pytest.mark.long
def test_a_plan_searches_by_post_as_well(site: Site, tmp_path: Path) -> None:
    def answer(handler: Handler) -> Reply:
        asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.path = f"/search?{urlencode(asked)}"
        return search_page(POSTS)(handler)  # type: ignore[operator, no-any-return]

    site.pages = {"/post": answer}
    span = '"from": "{since:%Y-%m-%dT%H:%M}", "to": "{until:%Y-%m-%dT%H:%M}"'
    body = f'{{"q": "{{keyword}}", {span}, "page": "{{page}}"}}'
    text = re.sub("urls = .*", f"urls = ['{site.url('/post')}']\nbody = '{body}'", SEARCH.format(url=""))
    home = make_home(tmp_path / "home", sample=text)
    ended = run(home, Step.MONTH)
    assert len(journaled(home)) == len(POSTS)
    assert [d.ending for d in ended].count(Ending.SPLIT) == 2
    assert all(d.ending in (Ending.SPLIT, Ending.COMPLETE) for d in ended)


def evening(home: Home) -> Iterator[Done]:
    """A plan over five hours of the busy day."""
    span = (at("2020-11-11T18:00"), at("2020-11-11T23:00"))
    return run_plan(home, ["sample"], ["样例主播甲"], *span, step=Step.DAY, clock=lambda: at("2020-12-05"))


def test_a_plan_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    home = a_home(site, tmp_path / "home")
    plan = evening(home)
    assert [next(plan).ending for _ in range(3)] == [Ending.SPLIT, Ending.COMPLETE, Ending.COMPLETE]
    plan.close()  # type: ignore[attr-defined]
    rest = [done.ending for done in evening(home)]
    assert rest == [Ending.KNOWN] * 3 + [Ending.COMPLETE] * 3
    assert len(journaled(home)) == 9
    site.requests.clear()
    assert [done.ending for done in evening(home)] == [Ending.KNOWN] * 6
    assert not site.requests


def test_what_is_still_cut_off_in_an_hour_is_told(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = [("样例主播甲", f"2020-11-11 20:00:{second:02}") for second in range(10)]
    home = a_home(site, tmp_path / "home", posts)
    code, ended = command(
        home, capsys, "--step", "hour", "--since", "2020-11-11T20:00", "--until", "2020-11-11T21:00"
    )
    assert code == 1
    assert [d["ending"] for d in ended] == ["cut_off"] and len(journaled(home)) == 6
    assert "cannot be split further" in ended[0]["reason"]


def test_a_search_of_which_a_page_is_left_over_is_made_again(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages = Searched(POSTS[:5])
    three = SEARCH.replace("max_pages = 2", "max_pages = 3")
    home = make_home(tmp_path / "home", sample=three.format(url=site.url("/search")))
    whole = site.pages._reply  # type: ignore[attr-defined]
    site.pages._reply = lambda handler: (  # type: ignore[attr-defined]
        Reply("away", 503) if handler.path.endswith("page=2") else whole(handler)
    )
    code, ended = command(home, capsys, *NOVEMBER)
    assert (code, [d["ending"] for d in ended], len(journaled(home))) == (1, ["failed"], 3)
    assert ended[0]["reason"] == "not every page could be had: 1 http_error"
    site.pages._reply = whole  # type: ignore[attr-defined]
    code, ended = command(home, capsys, *NOVEMBER)
    assert (code, [d["ending"] for d in ended], len(journaled(home))) == (0, ["complete"], 5)
    code, ended = command(home, capsys, *NOVEMBER)
    assert (code, [d["ending"] for d in ended]) == (0, ["known"])


def test_a_wall_behind_the_first_page_leaves_the_site_alone(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = a_home(site, tmp_path / "home", POSTS[2:8])
    whole = site.pages._reply  # type: ignore[attr-defined]
    site.pages._reply = lambda handler: (  # type: ignore[attr-defined]
        Reply("slow down", 429) if handler.path.endswith("page=2") else whole(handler)
    )
    code, ended = command(home, capsys, "--step", "day", "--since", "2020-11-10", "--until", "2020-11-11")
    assert (code, [d["ending"] for d in ended]) == (1, ["failed", "left"])


def command(
    home: Home, capsys: pytest.CaptureFixture[str], *options: str, names: str = "样例主播甲"
) -> tuple[int, list[dict[str, str]]]:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "source", "plan", "sample", "--names", names, "--json", *options])
    lines = capsys.readouterr().out.splitlines()
    return int(ended.value.code or 0), [json.loads(line) for line in lines]


NOVEMBER = ("--since", "2020-11-01", "--until", "2020-11-30")


def test_a_site_that_blocks_is_left_alone(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = a_home(site, tmp_path / "home")
    site.pages._reply = Reply("slow down", 429)  # type: ignore[attr-defined]
    code, ended = command(home, capsys, "--step", "day", *NOVEMBER)
    assert code == 1 and [d["ending"] for d in ended] == ["failed", *["left"] * 29]
    assert len([path for path in site.requests if path.startswith("/search")]) == 1


def test_json_without_its_list_is_no_empty_result(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = a_home(site, tmp_path / "home")
    site.pages._reply = Reply('{"moved": []}')  # type: ignore[attr-defined]
    code, ended = command(home, capsys, *NOVEMBER)
    assert code == 1 and [d["ending"] for d in ended] == ["failed"]
    assert "matched nothing" in ended[0]["reason"]


HTML = """
kind = "list"
urls = ["{url}?q={{keyword}}&from={{since:%Y-%m-%dT%H:%M}}&to={{until:%Y-%m-%dT%H:%M}}"]
keywords = ["样例"]
detail = false
[selectors]
items = "p.post"
item = {{ title = "b" }}
"""


def test_a_page_without_results_is_believed_once_the_selector_has_worked(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(handler: Handler) -> Reply:
        full = "2020-11-11T00:00" in handler.path.partition("&to=")[0]
        return Reply(
            f"<html><body>{'<p class=post><b>样例主播甲致歉</b></p>' if full else '无结果'}</body></html>"
        )

    site.pages = Searched([])
    site.pages._reply = reply
    home = make_home(tmp_path / "home", sample=HTML.format(url=site.url("/search")))
    days = ("--step", "day", "--since", "2020-11-09", "--until", "2020-11-12")
    code, ended = command(home, capsys, *days)
    assert code == 0 and [d["ending"] for d in ended] == ["empty", "complete", "empty", "empty"]
    code, ended = command(home, capsys, *days)
    # The newest was asked before anything had been found, so it is asked again.
    assert [d["ending"] for d in ended] == ["empty", "known", "known", "known"]
    site.pages._reply = Reply("<html><body>neu</body></html>")
    code, ended = command(home, capsys, "--step", "day", "--since", "2020-10-01", "--until", "2020-10-02")
    assert code == 1 and [d["ending"] for d in ended] == ["empty", "empty"]


def test_the_searches_are_shown_without_being_made(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = a_home(site, tmp_path / "home")
    listed = home.root / "names.txt"
    listed.write_text("样例主播甲\n\n样例主播乙\n", encoding="utf-8")
    code, planned = command(
        home, capsys, "--dry-run", "--with", "售后,假货", "--step", "day", *NOVEMBER, names=f"@{listed}"
    )
    assert code == 0 and len(planned) == 2 * 2 * 30
    assert planned[0] == {
        "source": "sample", "keyword": "样例主播甲 售后",
        "since": "2020-11-30T00:00:00+08:00", "until": "2020-12-01T00:00:00+08:00",
    }  # fmt: skip
    code, planned = command(home, capsys, "--dry-run", *NOVEMBER, names="hosts")
    assert code == 0 and len(planned) > 50
    assert not site.requests


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--step", "week", *NOVEMBER), "Unknown step 'week'"),
        (("--names", " , ", *NOVEMBER), "No search words"),
        (("--names", "@none.txt", *NOVEMBER), "none.txt does not exist"),
        (("--since", "2020-11-30", "--until", "2020-11-01"), "is empty"),
    ],
)
def test_mistakes_are_one_sentence(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], sentence: str
) -> None:
    home = a_home(site, tmp_path / "home")
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "source", "plan", "sample", *options])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_source_without_a_keyword_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = make_home(tmp_path / "home", plain='kind = "rss"\nurls = ["https://news.example/feed.xml"]\n')
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "source", "plan", "plain", "--names", "x", *NOVEMBER])
    assert ended.value.code == 2 and "searches no keyword" in capsys.readouterr().err


@pytest.mark.parametrize(
    "answer",
    ['{"ok": 0, "errno": "100005", "msg": "请稍后再试"}', "<html><body>稍后再试</body></html>"],
    ids=["no list", "no json"],
)
def test_a_further_page_that_is_no_list_is_not_its_end(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    site.pages = Searched(POSTS[:5])
    three = SEARCH.replace("max_pages = 2", "max_pages = 3")
    home = make_home(tmp_path / "home", sample=three.format(url=site.url("/search")))
    whole = site.pages._reply  # type: ignore[attr-defined]
    site.pages._reply = lambda handler: (  # type: ignore[attr-defined]
        Reply(answer) if handler.path.endswith("page=2") else whole(handler)
    )
    code, ended = command(home, capsys, *NOVEMBER)
    assert (code, [d["ending"] for d in ended], len(journaled(home))) == (1, ["failed"], 3)
    assert ended[0]["reason"] == "not every page could be had: 1 lost_list"
    site.pages._reply = whole  # type: ignore[attr-defined]
    code, ended = command(home, capsys, *NOVEMBER)
    assert (code, [d["ending"] for d in ended], len(journaled(home))) == (0, ["complete"], 5)
