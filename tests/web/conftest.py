"""A console over a home with invented documents, and a browser's way of asking it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.making import document

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Evidence, Polarity
from fengping.web import make_app

NOW = datetime(2020, 11, 12, 2, 30, tzinfo=UTC)
HOST = "鹿十七"


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


def client_of(home: Home, **options: object) -> TestClient:
    """A client of the console of *home*, at a fixed moment."""
    return TestClient(make_app(home, clock=lambda: NOW, **options), base_url="http://127.0.0.1")  # type: ignore[arg-type]


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
