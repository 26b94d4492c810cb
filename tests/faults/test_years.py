"""A date without a year gets one only where it was new within seven days of it; else it lies in no window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.site.homes import CONFIG, journaled, make_home
from tests.site.server import Reply, Site, serve

from fengping.models import Precision
from fengping.spiders import Flag, crawl
from fengping.spiders.extraction import extract, parse_time, year_of_first_sight

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
POSTS = 'kind = "json"\nurls = ["{url}"]\ndetail = false\n[json]\nitems = "list"\n[json.fields]\nid = "id"\ntext = "text"\npublished_at = "at"\n'  # noqa: E501


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def posts(**times: str) -> Reply:
    entries = [{"id": name, "text": f"样例店铺{name}", "at": at} for name, at in times.items()]
    return Reply(json.dumps({"list": entries}, ensure_ascii=False))


def test_only_a_fresh_entry_gets_a_year(site: Site, tmp_path: Path) -> None:
    site.pages["/api"] = posts(fresh="11-10 20:05", old="3月2日", whole="2019-11-10 20:05")
    home = make_home(tmp_path / "home", CONFIG, posts=POSTS.format(url=site.url("/api")))
    result = crawl(home, at=NOW)[0]
    found = {document.text[4:]: document for document in journaled(home)}
    assert found["fresh"].published_at == datetime(2020, 11, 10, 12, 5, tzinfo=UTC)
    assert found["fresh"].precision is Precision.YEAR_INFERRED
    assert found["old"].published_at is None
    assert found["old"].precision is Precision.NO_YEAR
    assert found["whole"].precision is Precision.MINUTE
    assert {name: result.flags.get(name) for name in (Flag.NO_YEAR, Flag.YEAR_INFERRED, Flag.NO_DATE)} == {
        Flag.NO_YEAR: 1, Flag.YEAR_INFERRED: 1, Flag.NO_DATE: 1,
    }  # fmt: skip


def test_what_was_fresh_once_keeps_its_year(site: Site, tmp_path: Path) -> None:
    site.pages["/api"] = posts(fresh="11-10 20:05")
    home = make_home(tmp_path / "home", CONFIG, posts=POSTS.format(url=site.url("/api")))
    crawl(home, at=NOW)
    later = posts(fresh="11-10 20:05")
    assert isinstance(later.body, str)
    site.pages["/api"] = Reply(later.body.replace("样例店铺fresh", "样例店铺fresh改了"))
    crawl(home, at=NOW + timedelta(days=400))
    assert {document.published_at for document in journaled(home)} == {
        datetime(2020, 11, 10, 12, 5, tzinfo=UTC)
    }


@pytest.mark.parametrize(
    ("moment", "first_at", "year"),
    [
        ("2020-12-30 20:00", "2021-01-02 10:00", 2020),
        ("2020-11-05 12:30", "2020-11-12 12:00", 2020),
        ("2020-11-05 11:30", "2020-11-12 12:00", None),
        ("2019-11-10 12:00", "2020-11-12 12:00", 2020),
        ("2020-02-29 12:00", "2021-03-01 12:00", None),
    ],
)
def test_the_year_is_that_of_the_first_sight(moment: str, first_at: str, year: int | None) -> None:
    one, other = (parse_time(text, datetime(2030, 1, 1, tzinfo=UTC)) for text in (moment, first_at))
    assert one is not None and other is not None
    found = year_of_first_sight(one[0], other[0])
    assert (found and found.year) == year


BODY = "<p>消费者表示在样例直播间买的锅一用就裂了，平台至今没有答复，客服让他等待处理结果。</p>" * 3


def page(dated: str, extra: str = "") -> str:
    head = "<html><head><title>样例主播致歉</title></head><body><h1>样例主播致歉</h1>"
    return f'{head}<div class="info">{dated}</div><div class="content">{BODY}</div>{extra}</body></html>'


@pytest.mark.parametrize(
    ("html", "url", "day", "precision"),
    [
        (page("发布时间：11月10日 20:05"), "https://a.example/1", "2020-11-10", Precision.YEAR_INFERRED),
        (page("发布时间：11月10日 20:05"), "https://a.example/20181110/1", "2018-11-10", Precision.MINUTE),
        (page("11月10日 20:05", '<i itemprop="dateUpdate">2018-11-10 21:00</i>'), "https://a.example/1",
         "2018-11-10", Precision.MINUTE),
        (page("", '<i itemprop="dateUpdate">2018-11-10 21:00</i>'), "https://a.example/1", "2018-11-10",
         Precision.MINUTE),
    ],
)  # fmt: skip
def test_pages_without_a_year(html: str, url: str, day: str, precision: Precision) -> None:
    read = extract(html, url=url, fetched_at=NOW)
    assert read.published_at is not None
    assert (read.published_at.date().isoformat(), read.precision) == (day, precision)
