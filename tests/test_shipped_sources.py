"""Every source that ships reads a response in the shape of the real thing, with invented contents.

``tests/sources/NAME/``: ``response.*`` as the site would send it, ``expected.json`` what it says, and for
many ``page.html``, an article page of the site.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fengping.clock import parse_moment
from fengping.spiders.documents import Entry
from fengping.spiders.previewing import read_entries, read_page, response_of
from fengping.spiders.sources import SourceKind
from fengping.spiders.sources.catalogue import SHIPPED, load_source

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
SAVED = Path(__file__).parent / "sources"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml"))
WITH_PAGE = [name for name in NAMES if (SAVED / name / "page.html").exists()]


def expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAVED / name / "expected.json").read_text(encoding="utf-8"))
    return loaded


def said(entry: Entry) -> dict[str, Any]:
    """An entry's fields under the names of ``expected.json``."""
    counts = ("likes", "comments", "reposts", "views")
    return {name: getattr(entry.engagement, name) for name in counts} | {
        "url": entry.url, "id": entry.id, "title": entry.title, "text": entry.text, "author": entry.author,
        "author_id": entry.author_id, "site": entry.site, "published_at": entry.published_at,
    }  # fmt: skip


def wanted(fields: dict[str, Any]) -> dict[str, Any]:
    moment = fields.get("published_at")
    return fields | ({"published_at": parse_moment(moment)} if moment else {})


@pytest.mark.parametrize("name", NAMES)
def test_its_saved_response_is_read(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    (saved,) = (SAVED / name).glob("response.*")
    case = expected(name)
    listing = read_entries(source, response_of(case["url"], saved.read_bytes()), NOW)
    assert listing.matched and not listing.complaints
    found: dict[str, Entry] = {}
    for entry in listing.entries:
        found.setdefault(entry.key, entry)
    assert len(found) == len(case["entries"]) >= 3
    for entry, fields in zip(found.values(), case["entries"], strict=True):
        assert {key: value for key, value in said(entry).items() if key in fields} == wanted(fields)
        # What is not expected is not there either: no date or count out of thin air.
        for key in ("published_at", "likes", "comments", "reposts", "views", "author"):
            assert key in fields or not said(entry)[key], key


@pytest.mark.parametrize("name", WITH_PAGE)
def test_its_saved_page_is_read(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    case = expected(name)
    page, first = case["page"], case["entries"][0]
    url = first["url"]
    body = (SAVED / name / "page.html").read_bytes()
    entry = read_page(source, response_of(url, body), Entry(url, ""), NOW)
    assert entry.title == page["title"]
    assert entry.published_at == parse_moment(page["published_at"])
    assert entry.text.startswith(page["begins"]) and entry.text.endswith(page["ends"])
    assert entry.text.count("\n") == 2


def test_there_are_at_least_thirty_and_each_has_its_case() -> None:
    assert len(NAMES) >= 40
    assert {folder.name for folder in SAVED.iterdir()} == set(NAMES)
    without_page = {
        name for name in NAMES if load_source(SHIPPED / f"{name}.toml").detail and name not in WITH_PAGE
    }
    # Their pages lie on hosts of many makes (self-media, apps); the general extractor has its own tests.
    assert without_page == {"heimao-groups", "nandu", "netease-hot", "qq-hot"}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_a_user_must_know(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    assert source.title and source.licence.endswith(".")
    assert source.note.endswith(".") and "login" in source.note
    assert source.rate.delay >= 2
    assert source.expect.max_items > 0
    assert source.kind is SourceKind.BROWSER or source.browser is None
    # Who opens a page with a login is never faster than a reader, one page after the other.
    if source.browser and source.browser.session:
        assert source.rate.concurrency == 1 and source.rate.delay >= 8


def test_those_of_unknown_shape_are_off() -> None:
    off = {name for name in NAMES if not load_source(SHIPPED / f"{name}.toml").enabled}
    assert off == {"12315", "js315", "people-tousu", "sh315", "zj315"}
