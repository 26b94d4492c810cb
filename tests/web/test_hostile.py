"""Texts that would harm a page, a terminal or a sheet go through every page and harm nothing."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from itertools import product

import pytest
from tests.making import LONG, document
from tests.web.conftest import NOW, client_of, token_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Evidence
from fengping.web.rendering import address, web_link

MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</textarea><script>1</script>",
    "<iframe src=javascript:alert(1)>",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7*7}",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "<b",
    "</title><h1>x",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<math><mi/></math>",
    "\x00<script>",
    "<form action=//evil.example>",
    '<a href="javascript:alert(1)">',
]
CONTROLS = [f"前{chr(code)}后" for code in (*range(1, 9), 11, 12, *range(14, 32), 127, 155)]
BIDI = [f"前{mark}后" for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
FORMULAS = [f"{sign}cmd|' /C calc'!A0" for sign in "=+-@\t\r"] + ['=HYPERLINK("http://evil.example")']
PATHS = [
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "%2e%2e%2f",
    "a/../../b",
    "file.html/..",
    "~root",
    "con.html",
]
SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>1</script>",
    "vbscript:x",
    "file:///etc/passwd",
    " javascript:1",
    "\tjavascript:1",
    "//evil.example",
]
LENGTHY = ["长" * 5000, "a" * 5000, "\u0301" * 500, "🙂" * 500, "﷽" * 50]
PLAIN = [*MARKUP, *CONTROLS, *BIDI, *FORMULAS, *PATHS, *SCHEMES, *LENGTHY]
CORPUS = PLAIN + [f"{one}{other}"[:400] for one, other in product(MARKUP, [*BIDI[:6], *FORMULAS[:6]])]
STEP = 1 if LONG else 6
"""Of so many texts one is sent and shown."""

ALLOWED = {"script"}
EVENTS = re.compile(r"on\w+")


class Seen(HTMLParser):
    """Tags and attributes of a page, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.bad: list[str] = []
        self.body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src") or "inline")
        if tag in {"iframe", "object", "embed", "base", "style"} or (tag == "meta" and "http-equiv" in given):
            self.bad.append(tag)
        for name, value in attrs:
            place = (value or "").strip().lower()
            if EVENTS.fullmatch(name) or name == "style":
                self.bad.append(f"{tag} {name}")
            if name in {"href", "src", "action"} and not place.startswith(("/", "#", "http://", "https://")):
                self.bad.append(f"{tag} {name}={value}")


def hostile(number: int, text: str) -> Document:
    made = document(
        number,
        NOW,
        f"退款 {text}",
        hosts=(text[:60] or "x",),
        negative_hosts=(text[:60] or "x",),
        issues=("C03",),
        evidence=(Evidence("issue:C03", 0, 2, text[:200]),),
        keywords=(text[:40],),
        model=text[:50],
    )
    return made.changed(
        {"title": text[:300], "author": text[:60], "site": text[:60], "url": text, "region": text[:20]}
    )


@pytest.fixture(scope="module")
def infested(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("hostile")
    (root / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(root)
    store = open_store(home)
    store.put([hostile(number, text) for number, text in enumerate(CORPUS)])
    store.close()
    return home


def harmless(page: str) -> None:
    seen = Seen()
    seen.feed(page)
    assert all(source.startswith("/static/desk.js?v=") for source in seen.scripts) and len(seen.scripts) == 1
    assert not seen.bad, seen.bad[:3]
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS)) >= 300


def test_hostile_texts_are_shown_on_every_page_and_harm_nothing(infested: Home) -> None:
    with client_of(infested) as client:
        for offset in range(0, len(CORPUS), 20 * STEP):
            harmless(client.get(f"/search?q=退款&offset={offset}").text)
        for page in (
            "/", "/hosts", "/crosstab", "/correct?order=newest", "/events", "/settings", "/audit", "/words",
            "/alerts", "/sources", "/queries", "/jobs", "/reports", "/registry?name=退款",
        ):  # fmt: skip
            answer = client.get(page)
            assert answer.status_code == 200
            harmless(answer.text)
        for number, text in enumerate(PLAIN[::STEP]):
            one = hostile(number * STEP, text)
            harmless(client.get(f"/documents/{one.id}").text)


def _forms(text: str) -> tuple[str, ...]:
    """Addresses of forms that hold *text*."""
    return (
        address("/alerts", key=text[:200], rule=text[:200]),
        address("/alerts/rule", name=text[:200], was=text[:200]),
        address("/alerts/rule", name=text[:100], kind="any", query=text[:200], hosts=text[:100]),
        address("/registry", name=text[:200], aliases=text[:200], ambiguous=text[:200]),
        address("/words", q=text[:2000], against=text[:20]),
    )


@pytest.mark.parametrize("step", [18, pytest.param(1, marks=pytest.mark.long)])
def test_hostile_parameters_harm_nothing(infested: Home, step: int) -> None:
    with client_of(infested) as client:
        # The pairs differ in what stands beside the markup.
        for text in [*PLAIN[::step], *CORPUS[len(PLAIN) :: 4 * step]]:
            harmless(client.get(address("/search", q=text[:2000])).text)
        for number, text in enumerate(PLAIN[::step]):
            for page in (
                address("/search", host=text[:2000], since=text[:50]),
                address("/correct", said=text[:500], undo=text[:50]),
                address("/events", q=text[:2000], party=text[:2000]),
                address("/compare", one=text[:2000], other="退款"),
                address("/hosts", name=text),
                address("/", day=text[:80]),
                address("/settings/who", for_host=text[:200], for_time=text[:20]),
                *(_forms(text) if number % 8 == 0 else ()),
            ):
                answer = client.get(page)
                assert answer.status_code in (200, 400), (page, answer.status_code)
                harmless(answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_no_file_beside_the_reports_is_read(infested: Home, path: str) -> None:
    with client_of(infested) as client:
        for place in (f"/reports/{path}", f"/static/{path}"):
            answer = client.get(place)
            # The client itself makes another path of some.
            assert answer.status_code == 404 or answer.url.path in {"/", "/reports", "/reports/"}
            assert "root:" not in answer.text


def test_sheets_get_no_formula(infested: Home) -> None:
    with client_of(infested) as client:
        text = client.get("/search.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 300
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_only_the_web_is_linked(scheme: str) -> None:
    assert web_link(scheme) == ""
    assert web_link("https://example.org/") == "https://example.org/"


def test_hostile_forms_are_refused_in_a_page(infested: Home) -> None:
    with client_of(infested) as client:
        token = token_of(client)
        for number, text in enumerate(PLAIN[::STEP]):
            form = {"token": token, "document": text[:200], "polarity": text[:50], "note": text[:200]}
            answer = client.post("/correct", data=form)
            assert answer.status_code in (400, 404)
            harmless(answer.text)
            for place, form in (
                ()
                if number % 8
                else (
                    ("/marks", {"id": text[:200], "tags": text[:100], "back": text[:500]}),
                    ("/search/save", {"name": text[:64], "query": text[:200], "back": text[:500]}),
                    ("/alerts/silences", {"key": text[:200], "reason": text[:200], "lasting": text[:20]}),
                    ("/alerts/rule", {"name": text[:100], "kind": "frequency", "hosts": text[:100]}),
                    ("/source/switch", {"name": text[:100], "on": "1", "back": text[:500]}),
                    ("/jobs/run", {"name": text[:100]}),
                    ("/settings/recipient", {"name": text[:100], "to": text[:200]}),
                    ("/settings/route", {"name": text[:100], "to": "file", "host": text[:100]}),
                )
            ):
                answer = client.post(place, data={"token": token} | form)
                assert answer.status_code in (200, 400, 422), (place, text, answer.status_code)
                harmless(answer.text)
