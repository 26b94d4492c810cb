"""Fields of a document's last version, kept for a later visit that does not state them.

A list or feed gives time, author and site where the page gives none. A page that is due is fetched by its
address alone, without the list that named it: what the list said would be lost with the next version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from fengping.clock import iso, parse_moment
from fengping.models import Kind, Precision, RawDocument


@dataclass(frozen=True, slots=True)
class Stated:
    """Fields of a document's last version; empty where no visit gave them."""

    title: str = ""
    author: str = ""
    """As shown: masked where the home masks nicknames."""
    author_id: str = ""
    """The hash that the document bears, never the platform's id."""
    site: str = ""
    region: str = ""
    published_at: datetime | None = None
    precision: Precision | None = None
    """Precision of the time; ``None`` exactly where ``published_at`` is."""

    @classmethod
    def of(cls, document: RawDocument, *, names: bool = True) -> Self:
        """The fields of *document*; without *names* no name of a person who posts (bylines of news stay)."""
        dated = document.published_at is not None
        return cls(
            title=document.title,
            author=document.author if names or document.kind is Kind.NEWS else "",
            author_id=document.author_id,
            site=document.site,
            region=document.region,
            published_at=document.published_at,
            precision=document.precision if dated else None,
        )

    def to_record(self) -> dict[str, Any]:
        """The given fields as JSON."""
        given = {field.name: value for field in fields(self) if (value := getattr(self, field.name))}
        if self.published_at is not None:
            given["published_at"] = iso(self.published_at)
        return given

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_record`; unknown keys are left out."""
        given = {field.name: record[field.name] for field in fields(cls) if record.get(field.name)}
        if "published_at" in given:
            given["published_at"] = parse_moment(given["published_at"])
            given["precision"] = Precision(given.get("precision", Precision.SECOND))
        return cls(**given)


NOTHING = Stated()
"""The record of a document of which nothing is stated."""
