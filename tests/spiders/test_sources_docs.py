"""``docs/sources.md``: its example is crawled, its tables are complete, its list of sources is the real one.

``FENGPING_WRITE_DOCS=1 pytest tests/test_sources_docs.py`` writes the list anew.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.site.homes import CONFIG, add_source, journaled, make_home
from tests.site.server import Reply, article, serve

from fengping.cli.app import COMMANDS
from fengping.cli.lazy import Group
from fengping.clock import iso
from fengping.spiders import Flag, Source, Status, crawl
from fengping.spiders.extraction import extract
from fengping.spiders.health import Health
from fengping.spiders.sources import SHIPPED, load_source
from fengping.spiders.sources.model import Browser, Comments, Expect, JsonPaths, Limits, Pagination, Rate

DOC = Path(__file__).parents[2] / "docs" / "sources.md"
NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
BEGIN, END = "<!-- shipped: begin -->\n", "<!-- shipped: end -->\n"


def text() -> str:
    return DOC.read_text(encoding="utf-8")


def block(name: str) -> str:
    """The code block that follows ``<!-- example: name -->``."""
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```\w+\n(.*?)```", text(), re.DOTALL)
    assert found, name
    return found[1]


def test_the_worked_example_is_crawled(tmp_path: Path) -> None:
    with serve() as site:
        site.pages |= {
            "/news/": Reply(block("list.html")),
            "/news/list_2.html": Reply(
                '<ul class="news"><li><a href="/news/2020/1110/07.html">样例店铺预售</a>'
                "<span>2020-11-10</span></li></ul>"
            ),
            "/news/2020/1111/01.html": Reply(block("article.html")),
            "/news/2020/1110/07.html": Reply(article("样例店铺预售商品迟迟不发货", "二十天没有发货")),
        }
        home = make_home(tmp_path / "home", CONFIG)
        source = block("sources/consumer.toml").replace('["https://consumer.example', f'["{site.url("")}')
        add_source(home.root, "consumer", source.replace("delay = 2", "delay = 0"))
        (result,) = crawl(home, at=NOW)
    assert result.documents == 2 and not result.signals and not result.reason
    wanted = json.loads(block("document.json"))
    (document,) = (document for document in journaled(home) if document.title == wanted["title"])
    found = {
        "title": document.title, "site": document.site, "author": document.author,
        "published_at": iso(document.published_at), "precision": document.precision.value,
        "text": document.text,
    }  # fmt: skip
    assert found == wanted


def test_the_example_article_needs_no_selectors() -> None:
    url = "https://consumer.example/news/2020/1111/01.html"
    page = extract(block("article.html"), url=url, fetched_at=NOW)
    assert page.title and page.text and "selector" not in page.methods.values()
    assert "相关新闻" not in page.text


MODELS: dict[str, type[BaseModel]] = {
    "": Source, "json": JsonPaths, "comments": Comments, "browser": Browser, "pagination": Pagination,
    "rate": Rate, "expect": Expect, "limits": Limits,
}  # fmt: skip
UNTOLD = {"json_fields", "json_paths"}
"""Names inside the program; the file says ``fields`` and ``json``."""


@pytest.mark.parametrize("table", MODELS)
def test_every_key_is_explained(table: str) -> None:
    rows = text().partition("## What a file may say")[2].partition("### Pages")[0]
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", rows))))
    keys = {field.alias or name for name, field in MODELS[table].model_fields.items()} - UNTOLD
    assert keys <= told, keys - told


def test_every_status_and_state_is_explained() -> None:
    ends = text().partition("## How every address ends")[2].partition("## Health")[0]
    for name in (*Status, *Flag):
        assert f"`{name.value}`" in ends
    states = text().partition("## Health")[2].partition("## When a source")[0]
    for state in Health:
        assert f"| `{state.value}` |" in states


def test_every_command_it_names_exists() -> None:
    group = COMMANDS["source"]
    assert isinstance(group, Group)
    sources = group.commands
    named = set(re.findall(r"fengping source (\w+)", text())) | set(re.findall(r"`source (\w+)", text()))
    assert {"add", "health", "plan", "record", "test"} <= named
    assert named - {"login"} <= set(sources), named - set(sources)


def shipped_table() -> str:
    """The table of shipped sources, from their files."""
    lines = ["| name | what | kind | gives; what a login adds |", "|---|---|---|---|"]
    for path in sorted(SHIPPED.glob("*.toml")):
        source = load_source(path)
        off = "" if source.enabled else " (off)"
        lines.append(f"| `{source.name}`{off} | {source.title} | {source.kind.value} | {source.note} |")
    return "\n".join(lines) + "\n"


def test_the_list_of_what_ships_is_the_real_one() -> None:
    before, _, rest = text().partition(BEGIN)
    shown, _, after = rest.partition(END)
    if os.environ.get("FENGPING_WRITE_DOCS"):
        DOC.write_text(before + BEGIN + shipped_table() + END + after, encoding="utf-8")
        shown = shipped_table()
    assert shown == shipped_table()
