"""Commands of ``source``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fengping.cli.terminal import remark, write_json, write_table
from fengping.models import RawDocument
from fengping.spiders.source_dev.cases import Reading

Name = Annotated[str, typer.Argument(help="A source of this home, or one that ships.")]

_SHOWN = ("title", "text", "author", "site", "published_at", "likes", "comments", "reposts", "views")


def show_reading(reading: Reading, *, as_json: bool) -> None:
    """Each field of the first documents with how it was found."""
    if as_json:
        write_json(
            {
                "documents": reading.records(),
                "methods": reading.methods,
                "counts": reading.counts,
                "signals": reading.signals,
            }
        )
        return
    for document in reading.documents[:3]:
        rows = [(field, *_field(document, reading, field)) for field in _SHOWN]
        write_table(("field", "value", "found by"), rows, title=document.url or document.title)
    remark(f"{len(reading.documents)} documents. {reading.counts}")
    for signal in reading.signals:
        remark(signal, style="yellow")


def _field(document: RawDocument, reading: Reading, field: str) -> tuple[str, str]:
    """A field's value, shortened, and how it was found."""
    record = document.to_record()
    value: Any = record["engagement"].get(field) if field in record["engagement"] else record[field]
    if value in (None, ""):
        return "—", ""
    method = reading.methods.get(document.url, {}).get(field, "list")
    text = str(value).replace("\n", " ⏎ ")
    return (text if len(text) <= 160 else f"{text[:150]} … ({len(text)} characters)"), method
