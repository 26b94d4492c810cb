"""The random sample of judged documents on which accuracy is measured, apart from sought-out mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from sqlalchemy import delete, insert, select

from fengping.state import State
from fengping.web.accounts.tables import samples

_Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Share of documents on which person and model agree, with its 95 % interval (Wilson)."""

    share: float
    low: float
    high: float
    n: int


def measured(right: int, n: int) -> Measured | None:
    """The share *right* of *n*; ``None`` for no document at all."""
    if not n:
        return None
    share = right / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return Measured(share, max(0.0, middle - half), min(1.0, middle + half), n)


def keep(state: State, document: str, by: str, judged: str, said: str, now: datetime) -> None:
    """Writes down what a person says of a document that was drawn."""
    with state.begin() as connection:
        connection.execute(delete(samples).where(samples.c.document == document))
        connection.execute(insert(samples).values(document=document, by=by, at=now, judged=judged, said=said))


def drop(state: State, document: str) -> None:
    """Takes a document out again, where what was said of it is undone."""
    with state.begin() as connection:
        connection.execute(delete(samples).where(samples.c.document == document))


def accuracy(state: State) -> dict[str, Measured]:
    """Agreement overall, and of negatives: how many judged so are, and how many that are were judged so."""
    with state.begin() as connection:
        pairs = [(row.judged, row.said) for row in connection.execute(select(samples))]
    judged = [said == "neg" for judge, said in pairs if judge == "neg"]
    said = [judge == "neg" for judge, told in pairs if told == "neg"]
    made = {
        "倾向": measured(sum(judge == told for judge, told in pairs), len(pairs)),
        "负面（查准）": measured(sum(judged), len(judged)),
        "负面（查全）": measured(sum(said), len(said)),
    }
    return {name: one for name, one in made.items() if one}


def documents(state: State) -> set[str]:
    """Ids of the documents in the sample."""
    with state.begin() as connection:
        return set(connection.scalars(select(samples.c.document)))
