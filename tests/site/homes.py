"""Homes and source files for crawl tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument
from fengping.spiders import CrawlResult

CONFIG = "[crawl]\ndelay = 0\nallow_private = true\n"

LIST = """
kind = "list"
urls = ["{url}"]
{top}
[selectors]
items = "ul.news > li"
next = "a.next::attr(href)"
[selectors.item]
link = "a::attr(href)"
title = "a"
{more}
"""


def make_home(folder: Path, config: str = CONFIG, **sources: str) -> Home:
    """A home in *folder* with these source files (``name="toml"``)."""
    (folder / "sources").mkdir(parents=True)
    (folder / "fengping.toml").write_text(config, encoding="utf-8")
    for name, text in sources.items():
        add_source(folder, name, text)
    return Home.open(folder)


def add_source(folder: Path, name: str, text: str) -> None:
    (folder / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")


def list_source(url: str, top: str = "", more: str = "") -> str:
    return LIST.format(url=url, top=top, more=more)


def journaled(home: Home) -> list[RawDocument]:
    """Every version in the journal, in order."""
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    return [line.document for line in lines if line.document is not None]


def ends(result: CrawlResult) -> Counter[str]:
    return Counter({status.value: n for status, n in result.counts.items()})
