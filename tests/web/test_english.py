"""English pages hold no Chinese but what was collected and the names of the registries."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from html import unescape
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, client_of, token_of
from tests.web.test_edition_pages import ended
from tests.web.test_pages import PAGES

from fengping.analysis import IssueRules
from fengping.analysis.hosts import load_names
from fengping.delivery import Outbox
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.reading import FACETS
from fengping.services import source
from fengping.services.hosts import load_registry
from fengping.web.rendering import translate

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
WORD = re.compile("[\u4e00-\u9fff]")
SAID = ("title", "aria-label", "placeholder", "alt", "value")
OWN = ("风评", "中文", "售后", "助农")
"""The program's name, the way back to Chinese, and words of an example."""
FILES = re.compile(r"\.(?:json|csv|xlsx|zip|md|docx|pdf|html|atom)(?:\?|$)|[?&](?:lang|theme)=")
EACH = 2
"""Pages of one shape that are opened."""


class Words(HTMLParser):
    """Texts of a page, and what its controls and pictures say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [text for name in SAID if (text := given.get(name))]
        self.links += [text for text in [given.get("href")] if text]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def known_to(home: Home, said: str) -> str:
    """All Chinese that a page may show as it is: collected texts, names, a person's own words, a report."""
    with closing(open_store(home)) as store:
        texts = [f"{one.raw.content} {one.raw.author} {one.judgement}" for one in store.scan(Filter())]
    names = [*IssueRules.load().names.values(), *FACETS, HOST, "夜班"]
    names += [str(one.model_dump()) for one in load_registry(home).hosts]
    names += [one.name for one in load_names("platforms.toml").name]
    names += [one.subject for one in Outbox.open(home).attempts(99)]
    titles = [one.source.title for one in source.listing(home).sources]
    return re.sub(r"\s", "", " ".join([*texts, *names, *titles, *OWN, unescape(said)]))


def test_every_page_speaks_english(manned: Home) -> None:
    with client_of(manned) as client:
        draft = {"token": token_of(client), "kind": "custom", "first": "2020-11-01", "last": "2020-11-12"}
        sent = client.post("/reports", data=draft, follow_redirects=False).headers["location"]
        edition = ended(client, sent)
        report = "".join(path.read_text("utf-8") for path in manned.reports.rglob("*.json"))
        known = known_to(manned, report + client.get("/alerts/1.json").json()["message"])
        wrong = walk(client, [*PAGES, edition], known)
    assert not wrong, "\n".join(f"{page}: {text}" for page, text in wrong)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "frequency", "num_events": "5", "timeframe": "24h"},
        {"kind": "spike", "timeframe": "36h", "hosts": HOST, "min_publishers": "2"},
        {"kind": "flatline", "threshold": "3", "timeframe": "90m"},
        {"kind": "new_term", "num_events": "2", "query": "退款"},
        {"kind": "percentage_match", "max_percentage": "40", "min_percentage": "1", "min_denominator": "9"},
        {"kind": "any", "classes": "C03", "realert": "0h"},
    ],
)
def test_a_rule_is_told_in_english(manned: Home, rule: dict[str, str]) -> None:
    with client_of(manned) as client:
        page = client.get("/alerts/rule", params={"name": "r", "negative": "1", "lang": "en"} | rule).text
    found = re.search(r'<p class="read small">(Rule .*?)</p>', page)
    assert found and not WORD.search(re.sub(f"{HOST}|退款|假冒伪劣", "", found[1])), found and found[1]


def walk(client: TestClient, pages: list[str], known: str) -> list[tuple[str, str]]:
    """Pages with a Chinese text that is not *known*."""
    waiting, shapes, wrong = list(pages), Counter[str](), {}
    seen: set[str] = set()
    while waiting:
        page = waiting.pop(0)
        if page in seen:
            continue
        seen.add(page)
        answer = client.get(page, headers={"cookie": "fp_lang=en"})
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        words = Words(answer.text)
        for text in words.found:
            bare = re.sub(r"[\s…]", "", text)
            strange = [run for run in CHINESE.findall(bare) if run not in known or not WORD.search(run)]
            if strange and bare not in known:
                wrong.setdefault(text.strip(), page)
        for link in words.links:
            path = link.partition("#")[0].partition("?")[0]
            shape = re.sub(r"[0-9a-f]{8,}|\d+|(?:%[0-9A-F]{2})+", "*", path)
            shapes[shape] += 1
            if path.startswith("/") and not FILES.search(link) and shapes[shape] <= EACH:
                waiting.append(link.partition("#")[0])
    return sorted((page, text) for text, page in wrong.items())


def test_one_is_no_plural() -> None:
    words = "{n} 条，{p} 个来源，首见 {t}"
    assert translate(words, "en", n="1", p="21", t="x") == "1 post, 21 sources, first x"
    assert translate(words, "en", n="1,001", p="1", t="x") == "1,001 posts, 1 source, first x"


def test_complaint_classes_have_english_names_and_pages_name_no_command(stocked: Home) -> None:
    with client_of(stocked) as client:
        client.get("/keys?lang=en")
        read = client.get("/search").text
        assert "Counterfeits" in read and "假冒伪劣" not in read
        assert "C03 Counterfeits" in client.get("/alerts/rule").text
        for given in ({"q": "host:墨三十"}, {"sort": "bad"}):
            said = client.get("/search", params=given).text
            assert "fengping hosts" not in said and "--sort" not in said
