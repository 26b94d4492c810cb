"""Source files: what they may say, and the one sentence that names what is wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.clock import SHANGHAI
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.models import Kind
from fengping.spiders.sources import SHIPPED, Catalogue, load_one, load_source
from fengping.spiders.sources.fields import within_hours
from fengping.spiders.sources.templates import fill, fill_body, fillings

LIST = """
title = "Sample news"
kind = "list"
urls = ["https://news.example/list_{page}.html"]
[selectors]
items = "ul.news > li"
next = "//a[@class='next']/@href"
[selectors.item]
link = "a::attr(href)"
title = ["h3::text", "a::text"]
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_source(tmp_path: Path) -> None:
    source = load_source(write(tmp_path, "sample", LIST))
    assert source.name == "sample"
    assert source.selectors.item.title == ("h3::text", "a::text")
    assert source.domains == ("news.example",)
    assert source.document_kind is Kind.NEWS
    assert source.revisits == (24,)


def test_a_source_with_counts_is_revisited_on_a_decaying_schedule(tmp_path: Path) -> None:
    source = load_source(write(tmp_path, "sample", LIST + 'likes = ".likes::text"'))
    assert source.revisits == (1, 6, 24, 72, 168)


BAD = [
    ('kind = "lists"', "unknown source kind 'lists'. Did you mean 'list'?"),
    ('kind = "list"\ntitel = "x"', "unknown key 'titel'. Did you mean 'title'?"),
    ('kind = "list"\n[selectors]\nitem = {}\nitmes = "li"', "'selectors.itmes'. Did you mean 'items'?"),
    ('kind = "list"\n[selectors]\nitems = "li["', "'li[' is not a valid CSS selector"),
    ('kind = "list"\n[selectors]\nitems = "//li["', "'//li[' is not a valid XPath selector"),
    ('kind = "list"\n[selectors]\nfollow = "("', "'(' is not a valid pattern"),
    ('kind = "list', "is not valid TOML"),
    ('kind = "list"', "needs selectors.items"),
    ('kind = "list"\n[selectors]\nitems = "li"', "needs selectors.item.link"),
    ('kind = "list"\ndetail = false\n[selectors]\nitems = "li"', "needs selectors.item.title or .text"),
    ('kind = "json"', "needs a [json] table"),
    ('kind = "browser"', "needs a [browser] table"),
    ('kind = "json"\n[json]\nitems = "data["\nfields = {}', "'data[' is not a valid JSON path"),
    ('kind = "rss"\ntimezone = "Asia/Peking"', "is not a time zone"),
    ('kind = "rss"\nencoding = "gbk2"', "is not a text encoding"),
    ('kind = "rss"\nrate = { hours = "25-3" }', "are no hours of the day"),
    ('kind = "rss"\nchannel = "newspaper"', "channel"),
    (
        'kind = "rss"\n[comments]\nurl = "https://x.example/?c={cursor}"\nitems = "@"\nfields = {text = "t"}',
        "comments.next and {cursor} in comments.url need each other",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_each_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = write(tmp_path, "sample", f'urls = ["https://news.example/"]\n{text}')
    with pytest.raises(ConfigError) as caught:
        load_source(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://news.example/", "is not an http(s) address"),
        ("/list.html", "is not an http(s) address"),
        ("https://news.example/?p={pgae}", "Did you mean 'page'?"),
        ("https://news.example/?q={keyword}", "keywords is empty"),
        ("https://news.example/?c={cursor}", "json.next does not say"),
        ('https://news.example/"]\nbody = "q={keywrod}"\nvars = {}#', "Did you mean 'keyword'?"),
        ("""https://news.example/"]\nbody = '{"q": "{keyword}"}'#""", "keywords is empty"),
        ('https://news.example/"]\ncookies_from = "https://news.example/"#', "needs cookies = true"),
        ('https://news.example/"]\ncookies = true\ncookies_from = "/"#', "is not an http(s) address"),
    ],
)
def test_a_bad_address_is_refused(tmp_path: Path, url: str, sentence: str) -> None:
    path = write(tmp_path, "sample", f'kind = "rss"\nurls = ["{url}"]')
    with pytest.raises(ConfigError) as caught:
        load_source(path)
    assert sentence in str(caught.value)


def test_a_name_unlike_the_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "sample", 'name = "other"\n' + LIST)
    with pytest.raises(ConfigError, match="Name it 'sample'"):
        load_source(path)


def home_with(folder: Path, config: str = "", **sources: str) -> Home:
    (folder / "fengping.toml").write_text(config, encoding="utf-8")
    (folder / "sources").mkdir()
    for name, text in sources.items():
        write(folder / "sources", name, text)
    return Home.open(folder)


def test_a_broken_file_hides_no_other(tmp_path: Path) -> None:
    catalogue = Catalogue.load(home_with(tmp_path, good=LIST, bad="kind ="))
    assert catalogue.active() == ["bad", "good"]
    assert catalogue.get("good").name == "good"
    with pytest.raises(ConfigError, match="not valid TOML"):
        catalogue.get("bad")


def test_one_source_alone_is_the_one_of_the_catalogue(tmp_path: Path) -> None:
    shipped = min(SHIPPED.glob("*.toml")).stem
    home = home_with(tmp_path, good=LIST, bad="kind =")
    for name in ("good", shipped):
        assert load_one(home, name) == Catalogue.load(home).get(name)
    write(home.sources, shipped, LIST)  # a home's own file goes before the one that ships
    assert (
        load_one(home, shipped)
        == Catalogue.load(home).get(shipped)
        == load_source(home.sources / f"{shipped}.toml")
    )
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_one(home, "bad")
    with pytest.raises(UsageError, match="Did you mean 'good'"):
        load_one(home, "godo")


def test_braces_of_a_body_may_be_its_own(tmp_path: Path) -> None:
    query = (
        """body = '{"query": "query list($n: Int) {feed {id} user {name}}", "variables": {"n": {page}}}'"""
    )
    path = write(tmp_path, "sample", f'kind = "rss"\nurls = ["https://news.example/"]\n{query}')
    assert load_source(path).slots >= {"page"}


def test_shipped_sources_wait_to_be_chosen(tmp_path: Path) -> None:
    catalogue = Catalogue.load(home_with(tmp_path, good=LIST, off="enabled = false\n" + LIST))
    assert catalogue.active() == ["good"]
    assert catalogue.active(["off"]) == ["off"]


def test_an_unknown_source_is_told_with_the_nearest(tmp_path: Path) -> None:
    catalogue = Catalogue.load(home_with(tmp_path, weibo=LIST))
    with pytest.raises(UsageError, match="Did you mean 'weibo'"):
        catalogue.active(["wiebo"])


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_what_ships_is_valid(path: Path) -> None:
    assert load_source(path).licence


def test_templates() -> None:
    template = "https://x.example/{date:%Y%m%d}?q={keyword:gbk}&p={page}"
    values = fillings(
        {"date", "keyword", "page"}, keywords=["直播"], days=[date(2020, 11, 11), date(2020, 11, 10)]
    )
    filled = [fill(template, one) for one in values]
    assert filled == [
        "https://x.example/20201111?q=%D6%B1%B2%A5&p={page}",
        "https://x.example/20201110?q=%D6%B1%B2%A5&p={page}",
    ]
    assert fill(filled[0], {"page": 3}).endswith("p=3")
    assert list(fillings({"page"}, keywords=["直播"], days=[])) == [{}]


def test_a_moment_may_be_seconds() -> None:
    moment = datetime(2020, 11, 11, 0, 30, tzinfo=SHANGHAI)
    assert fill("{since:%s}", {"since": moment}) == "1605025800"
    assert fill("{date:%s}", {"date": date(2020, 11, 11)}) == "1605024000"


@given(st.text(max_size=30))
def test_a_filled_word_never_breaks_the_body(word: str) -> None:
    body = fill_body('{"q": "{keyword}", "p": {page}}', {"keyword": word})
    assert json.loads(fill_body(body, {"page": 3})) == {"q": word, "p": 3}
    form = fill_body(fill_body("q={keyword}&p={page}", {"keyword": word}), {"page": 3})
    assert parse_qs(form, keep_blank_values=True) == {"q": [word], "p": ["3"]}


@given(st.text(max_size=30))
def test_a_filled_word_never_breaks_the_address(word: str) -> None:
    url = fill("https://x.example/?q={keyword}&p=1", {"keyword": word})
    assert url.startswith("https://x.example/?q=") and url.endswith("&p=1")
    assert not set(url[len("https://x.example/?q=") : -len("&p=1")]) & set("&#?/{} ")


@pytest.mark.parametrize(
    ("hours", "utc_hour", "inside"),
    [("", 3, True), ("01-06", 17, True), ("01-06", 22, False), ("22-06", 15, True), ("22-06", 23, False)],
)
def test_hours_of_the_chinese_day(hours: str, utc_hour: int, inside: bool) -> None:
    assert within_hours(hours, datetime(2020, 11, 10, utc_hour, 30, tzinfo=UTC)) is inside
