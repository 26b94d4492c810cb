"""Plain counts beside the figures of a report, and what a reader finds in its forms."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx import Document as WordDocument

from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search import keyword_values
from fengping.models import Document


@dataclass(frozen=True, slots=True)
class Row:
    """A stored document as plain counts see it."""

    document: Document
    values: dict[str, tuple[str, ...]]


def stored(home: Home) -> list[Row]:
    with closing(open_store(home)) as store:
        return [Row(document, keyword_values(document)) for document in store.scan(Filter())]


def wrong(data: dict[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    """Figures of a report's JSON that a count of *rows* in plain Python contradicts."""
    facts = {fact["id"]: fact for fact in data["facts"]}
    for id, fact in facts.items():
        expected = _expected(fact, facts, rows)
        if expected is not None and abs(float(fact["value"] or 0) - expected) > 1e-6 + 1e-6 * abs(expected):
            yield f"{id}: {fact['value']}, counted {expected}"


def counted(data: dict[str, Any]) -> int:
    """The number of its figures that :func:`wrong` counts again."""
    facts = {fact["id"]: fact for fact in data["facts"]}
    return sum(_expected(fact, facts, ()) is not None for fact in facts.values())


def _expected(fact: dict[str, Any], facts: dict[str, Any], rows: Sequence[Row]) -> float | None:
    query = fact["query"]
    if query.get("op") in ("count", "histogram") and "query" not in query:
        return sum(holds(row, query) for row in rows)
    if found := re.fullmatch(r"(\S+) ÷ (\S+)", query.get("formula", "")):
        one, other = found.groups()
        whole = float(other[:-1]) if other.endswith("天") else float(facts[other]["value"] or 0)
        if fact["value"] is None or not whole:
            return None
        share = float(facts[one]["value"]) / whole
        # Shares are kept to six places, daily means as they are printed.
        return round(share, 6) if fact["unit"] == "比例" else None
    return None


def holds(row: Row, query: dict[str, Any]) -> bool:
    published = row.document.raw.published_at
    if "published_at" in query and query["published_at"] is None and published:
        return False
    if (days := query.get("published_at")) and not (
        published and datetime.fromisoformat(days["gte"]) <= published < datetime.fromisoformat(days["lt"])
    ):
        return False
    inside = all(_has(row, name, values) for name, values in query.get("where", {}).items())
    return inside and not any(_has(row, name, values) for name, values in query.get("exclude", {}).items())


def _has(row: Row, name: str, values: Sequence[str]) -> bool:
    return not set(row.values.get(name, ())).isdisjoint(values)


def said_in(form: str, content: bytes) -> str:
    """All words of a report's file, without spaces."""
    if form == "docx":
        word = WordDocument(io.BytesIO(content))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        # Figures are links, which the text of a paragraph leaves out.
        said = "".join(node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t"))
        return _bare(said + "".join(cells))
    return _bare(html.unescape(re.sub("<[^>]+>", "", content.decode())))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def sentences(data: dict[str, Any]) -> list[str]:
    """Every line of the digest and every paragraph, as :func:`said_in` has them."""
    told = [*data["digest"], *(part["text"] for part in data["text"] if "text" in part)]
    return [_bare(text) for text in told]
