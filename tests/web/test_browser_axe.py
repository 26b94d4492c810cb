"""Every page, looked at by axe in both themes and two widths, and on screens of any width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Route
from tests.web.conftest import NOW, serving
from tests.web.furnished import pages_of_console, places
from tests.web.test_store_down import store_down

from fengping.home import Home
from fengping.web import make_app

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def app(furnished: Home) -> FastAPI:
    return make_app(furnished, clock=lambda: NOW)


@pytest.fixture(scope="module")
def desk(app: FastAPI) -> Iterator[str]:
    yield from serving(app)


@pytest.fixture(scope="module")
def every(furnished: Home, app: FastAPI) -> dict[str, list[str]]:
    return places(furnished, app)


def test_every_page_is_looked_at(every: dict[str, list[str]]) -> None:
    assert pages_of_console() == set(every) - {""}


@pytest.mark.parametrize(
    ("theme", "width", "nth"),
    [
        ("light", 1280, 12),
        *((t, w, 1) for t in ("light", "dark") for w in (1280, 390)),
    ],
)
def test_axe_finds_nothing(
    browser: Browser, desk: str, every: dict[str, list[str]], theme: str, width: int, nth: int
) -> None:
    size = {"width": width, "height": 800}
    context = browser.new_context(base_url=desk, color_scheme=theme, viewport=size)  # type: ignore[arg-type]
    page, axe, found = context.new_page(), Axe(), []
    page.route("**/progress/*", _once)
    for place in [one for listed in every.values() for one in listed][::nth]:
        page.goto(place)
        _all_open(page)
        told = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        found += [(place, one["id"], one["nodes"][0]["html"][:120]) for one in told]
    context.close()
    assert not found


def _all_open(page: Page) -> None:
    """Opens what is folded: forms of a row, tables of a chart."""
    page.evaluate("document.querySelectorAll('main details:not(.menu)').forEach(one => one.open = true)")


def _once(route: Route) -> None:
    """The page of work that goes on, as it is now: it is not asked again while it is looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1200, 1920, 3840])
def test_every_page_fits_every_screen_and_a_page_at_200_percent(
    browser: Browser, desk: str, every: dict[str, list[str]], width: int
) -> None:
    context = browser.new_context(base_url=desk, viewport={"width": width, "height": 900})
    page = context.new_page()
    wide = []
    for place in [one for listed in every.values() for one in listed]:
        page.goto(place)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(place)
    context.close()
    assert not wide


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_and_stay_accessible_while_their_store_is_down(
    browser: Browser, desk: str, every: dict[str, list[str]], width: int
) -> None:
    context = browser.new_context(base_url=desk, viewport={"width": width, "height": 900})
    page, axe, found = context.new_page(), Axe(), []
    page.route("**/progress/*", _once)
    with store_down():
        for place in [listed[0] for listed in every.values()]:
            page.goto(place)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append((place, "wide", ""))
            told = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
            found += [(place, one["id"], one["nodes"][0]["html"][:120]) for one in told]
    context.close()
    assert not found


IDLE = "[...document.forms].filter(form => ![...form.elements].some(one => one.type == 'submit')).length"
"""Forms that no button sends."""


def test_every_page_is_whole_without_javascript(
    browser: Browser, desk: str, every: dict[str, list[str]]
) -> None:
    context = browser.new_context(base_url=desk, java_script_enabled=False)
    page, lacking = context.new_page(), []
    page.route("**/progress/*", _once)
    for place in [one for listed in every.values() for one in listed]:
        page.goto(place)
        if page.locator("main h1").count() != 1:
            lacking.append((place, "heading"))
        if page.evaluate(IDLE):
            lacking.append((place, "button"))
    context.close()
    assert not lacking


STUCK = """() => [...document.querySelectorAll('main .note')].filter(note => {
  const below = note.nextElementSibling;
  if (!below || !note.offsetHeight || !below.offsetHeight) return false;
  const [a, b] = [note.getBoundingClientRect(), below.getBoundingClientRect()];
  return b.top >= a.top && b.left < a.right && b.top - a.bottom < 3;
}).map(note => note.outerHTML.slice(0, 60) + ' > ' + note.nextElementSibling.outerHTML.slice(0, 60))"""


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_to_a_note(
    browser: Browser, desk: str, every: dict[str, list[str]], width: int
) -> None:
    context = browser.new_context(base_url=desk, viewport={"width": width, "height": 900})
    page, stuck = context.new_page(), []
    page.route("**/progress/*", _once)
    for place in [one for listed in every.values() for one in listed]:
        page.goto(place)
        _all_open(page)
        stuck += [(place, one) for one in page.evaluate(STUCK)]
    context.close()
    assert not stuck
