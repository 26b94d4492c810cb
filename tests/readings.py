"""Invented documents as the encoder reads them: who acts upon whom, by hand and not by a model."""

from __future__ import annotations

from typing import NamedTuple

from fengping.models import Document
from fengping.reading import Party, Reading, Signal

ENCODER = "reading-0"
"""A version of a judge with which the encoder read."""


class Said(NamedTuple):
    """One clause: its kind and form, who acts upon whom, how sure."""

    kind: str
    form: str = ""
    actor: str = ""
    target: str = ""
    sure: float = 0.99
    clause: str = ""
    """A part of the text; empty for all of it."""


def as_read(made: Document, *said: Said, model: str = ENCODER, authorities: tuple[str, ...] = ()) -> Document:
    """*made* with a reading of these clauses, whose parties it names; *authorities*: those that are one."""
    content = made.raw.content
    names = list(dict.fromkeys(name for one in said for name in (one.actor, one.target) if name))
    parties = tuple(
        Party(
            name,
            "authority" if name in authorities else "person",
            False,
            ((content.index(name), content.index(name) + len(name)),),
            {},
        )
        for name in names
    )

    def signal(one: Said) -> Signal:
        start = content.index(one.clause) if one.clause else 0
        actor, target = (names.index(name) if name else None for name in (one.actor, one.target))
        span = start, start + len(one.clause or content)
        return Signal(one.kind, one.form, span, one.sure, actor, target)

    reading = Reading(0.9, 0.1, 0.0, 0.5, 0.9, parties, tuple(map(signal, said)), {}, True)
    kinds = [name for one in said for name in (one.kind, one.form and f"{one.kind}.{one.form}") if name]
    return made.with_judgement(reading=reading, signals=tuple(dict.fromkeys(kinds)), model=model)
