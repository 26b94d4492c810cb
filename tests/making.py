"""Invented documents for tests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fengping.home import Home
from fengping.indexer import Store, arrivals
from fengping.models import Channel, Document, Judgement, Polarity, RawDocument, document_id
from fengping.state import State

LONG = bool(os.environ.get("FENGPING_LONG"))
"""True in ``make test-all``: oracles draw more examples."""
FETCHED = datetime(2020, 11, 20, tzinfo=UTC)


@dataclass
class Disk:
    """Bytes of the disk that every home stands on."""

    total: int = 100 << 30
    used: int = 50 << 30
    free: int = 50 << 30


def new_home(folder: Path) -> Home:
    """An initialised home in *folder*, with the default configuration."""
    root = folder / "home"
    root.mkdir()
    (root / "fengping.toml").write_text("", encoding="utf-8")
    return Home.open(root)


def document(number: int, at: datetime | None, text: str = "", **changes: Any) -> Document:
    """A stored document, negative about nobody unless *changes* to its judgement say otherwise."""
    raw = RawDocument(
        id=document_id("test", str(number)),
        source=changes.pop("source", "test"),
        text=text or f"第{number}条",
        fetched_at=FETCHED,
        url=f"https://example.org/{number}",
        channel=changes.pop("channel", Channel.WEIBO),
        published_at=at,
    )
    indexed_at = changes.pop("indexed_at", FETCHED)
    values: dict[str, Any] = {"snownlp": 0.2, "negative": 0.9, "polarity": Polarity.NEG, "relevant": True}
    return Document(raw, Judgement(**values | changes), raw.id, True, indexed_at)


def put(home: Home, store: Store, documents: Iterable[Document]) -> None:
    """Puts *documents* as runs of the indexer do that begin at their times."""
    found, state = [*documents], State.open(home)
    with state.begin() as connection:
        for at in sorted({one.indexed_at for one in found}):
            arrivals.note(connection, at)
    store.put(found)
    with state.begin() as connection:
        arrivals.over(connection, empty=False)
