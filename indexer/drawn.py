"""Documents drawn at random for an analyst to label, with the answers: the sample that corrects counts.

What analysts correct on their own are mistakes that caught an eye, no sample of anything. Only drawn
documents say how often the judge is wrong; a correction of the polarity, the same or another, answers one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Float, Integer, Row, String, Table, insert, select

from fengping.indexer.corrections import Correction, in_force
from fengping.models import Polarity
from fengping.state import Moment, metadata

drawn = Table(
    "drawn",
    metadata,
    Column("document_id", String(32), primary_key=True),
    Column("drawn_at", Moment, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("probability", Float, nullable=False),
    Column("found", Boolean, nullable=False),
    Column("check", Boolean, nullable=False),
    Column("model", String(512), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn document as it was judged on the day."""

    document_id: str
    drawn_at: datetime
    kind: int
    """Kind of source, a number of `SourceKind`."""
    probability: float
    """Of being negative."""
    found: bool
    """True if judged negative."""
    check: bool
    """True if drawn for the monthly self-check: from everything alike, whatever its kind."""
    model: str
    answer: Polarity | None = None
    """An analyst's word; None until there is one."""


def keep(connection: Connection, rows: Iterable[Drawn]) -> None:
    """Writes draws down."""
    names = ("document_id", "drawn_at", "kind", "probability", "found", "check", "model")
    values = [{name: getattr(row, name) for name in names} for row in rows]
    if values:
        connection.execute(insert(drawn), values)


def all_drawn(connection: Connection) -> list[Drawn]:
    """Every draw with its answer, in the order drawn."""
    rows = connection.execute(select(drawn).order_by(drawn.c.drawn_at, drawn.c.document_id)).all()
    made = in_force(connection, [row.document_id for row in rows])
    return [_from_row(row, _answer(row, made.get(row.document_id, ()))) for row in rows]


def _answer(row: Row[Any], made: Iterable[Correction]) -> Polarity | None:
    said = [c.polarity for c in made if c.polarity is not None and c.made_at >= row.drawn_at]
    return said[-1] if said else None


def _from_row(row: Row[Any], answer: Polarity | None) -> Drawn:
    return Drawn(**row._asdict(), answer=answer)
