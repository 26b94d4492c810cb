"""A console over a home with invented documents, and a browser's way of asking it."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.making import document

from fengping.chromium import find_chromium
from fengping.errors import NotInstalled
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Evidence, Polarity
from fengping.services import alert, edition, events
from fengping.web import make_app
from fengping.web.accounts import book
from fengping.web.accounts.door import reads
from fengping.web.working import Works

# What argon2 takes a fifth of a second for, each time a password is set or checked, is not at issue.
book._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
expect.set_options(timeout=30_000)  # as long as an action waits: the machine may be busy
NOW = datetime(2020, 11, 12, 2, 30, tzinfo=UTC)
HOST = "鹿十七"
HOSTILE = '<script>window.harmed=1</script><img src=x onerror="window.harmed=1">\u202e"><svg onload=harmed=1>'
RULE = 'name = "夜班"\nkind = "frequency"\nnum_events = 5\n'


def documents() -> list[Document]:
    """Eight quiet Thursdays with one complaint an hour-before-noon, and a loud ninth."""
    found = []
    for week in range(9):
        for n in range(12 if week == 0 else 2):
            at = NOW - timedelta(days=7 * week, minutes=20 * n + 5)
            text = f"{HOST}直播间买的第{week}{n}件羽绒服是假货，退款也不理"
            span = text.index("假货")
            evidence = (
                Evidence(f"host:{HOST}", 0, len(HOST), HOST),
                Evidence("issue:C03", span, span + 2, "假货"),
            )
            found.append(
                document(
                    100 * week + n, at, text, hosts=(HOST,), negative_hosts=(HOST,), issues=("C03",),
                    evidence=evidence, negative=0.5 + n / 100,
                )
            )  # fmt: skip
    found.append(
        document(5000, NOW - timedelta(hours=3), "客服秒回，好评", polarity=Polarity.POS, negative=0.1)
    )
    return found


@pytest.fixture(autouse=True)
def few_formats(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editions as pages alone, or in what the test's mark ``formats`` names."""
    marked = request.node.get_closest_marker("formats")
    monkeypatch.setattr(edition, "FORMATS", marked.args if marked else ("html",))


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home with documents in its store, to be copied."""
    root = tmp_path_factory.mktemp("stock")
    (root / "fengping.toml").write_text("", encoding="utf-8")
    (root / "hosts.toml").write_text(f'version = 1\n\n[[host]]\nname = "{HOST}"\n', encoding="utf-8")
    store = open_store(Home.open(root))
    store.put(documents())
    store.close()
    return root


@pytest.fixture
def stocked(stock: Path, tmp_path: Path) -> Home:
    """A home of its own with documents in its store."""
    shutil.copytree(stock, tmp_path / "stocked")
    return Home.open(tmp_path / "stocked")


_SHARED: dict[bool, FastAPI] = {}
"""One application with accounts and one without for all clients: its routes are made ready once."""


def client_of(home: Home, *, accounts: bool = False, now: datetime = NOW) -> TestClient:
    """A client of the console of *home*, at the moment *now*; those of the last home work."""
    if accounts not in _SHARED:
        _SHARED[accounts] = make_app(home, clock=lambda: NOW, accounts=accounts)
    state = _SHARED[accounts].state
    state.desk.close()
    state.desk.home, state.desk.works, state.desk.now = home, Works(), lambda: now
    state.reads = reads(home.config.serve, accounts=accounts)
    return TestClient(_SHARED[accounts], base_url="http://127.0.0.1")


@pytest.fixture
def client(stocked: Home) -> Iterator[TestClient]:
    with client_of(stocked) as made:
        yield made


Post = Callable[..., object]


def token_of(client: TestClient, page: str = "/keys") -> str:
    """The token of the forms, as a browser gets it."""
    client.get(page)
    return client.cookies["fp_token"]


def links_of(page: str) -> set[str]:
    """Every address that a page links to."""
    return {found.replace("&amp;", "&") for found in re.findall(r'(?:href|action|src)="([^"]+)"', page)}


@pytest.fixture(scope="module")
def manned(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with documents, one of them hostile, events, a rule and its alarm."""
    root = tmp_path_factory.mktemp("manned") / "home"
    shutil.copytree(stock, root)
    home = Home.open(root)
    store = open_store(home)
    store.put([document(9000, NOW, f"退款 {HOSTILE} " + "很长的标题" * 60, negative_hosts=(HOSTILE,))])
    store.close()
    home.alerts.mkdir()
    (home.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    events.update(home)
    alert.check(home, NOW, NOW)
    return home


@pytest.fixture(scope="module")
def desk(manned: Home) -> Iterator[str]:
    """The address of a console over that home."""
    yield from serving(make_app(manned, clock=lambda: NOW))


@pytest.fixture(scope="module")
def furnished(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which everything was done once."""
    from tests.web.furnished import furnish  # which is made of what stands here

    return furnish(stock, tmp_path_factory.mktemp("furnished") / "home")


@pytest.fixture
def plain(browser: Browser, desk: str) -> Iterator[Page]:
    """A page of a browser without JavaScript."""
    context = browser.new_context(base_url=desk, java_script_enabled=False)
    yield context.new_page()
    context.close()


def serving(app: FastAPI) -> Iterator[str]:
    """The address of *app* while it is served."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


# Not for the session: while it is open, its event loop runs in this process, and no other may.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        program = find_chromium()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, desk: str) -> Iterator[Page]:
    """A page that fails the test where the policy or a script complains."""
    context = browser.new_context(base_url=desk)
    made = context.new_page()
    said: list[str] = []
    made.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    assert not said
