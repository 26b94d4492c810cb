"""Packs of texts for annotators, and the check of what they answer.

A pack shows each text with numbered clauses. An answer is a line of JSON:

    {"i": 17, "p": "n", "r": 1, "c": 1, "P": ["NAME:kind:roles", …],
     "S": ["CLAUSE:kind:actor:target:object:classes", …], "F": [facet, …], "u": 1}

``p`` n, u or + (negative, neutral, positive); ``r`` relevant, ``c`` consumer, ``u`` 1 where the annotator is
unsure. Names, actors, targets and objects stand as in the text. docs/labelling.md is the guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from devtools.labelling.texts import Text
from fengping.analysis.reading import clauses_of, terms

POLARITIES = dict(zip("nu+", terms.POLARITIES, strict=True))
KINDS = dict(zip("psbcfrag", terms.KINDS, strict=True))
ROLES = dict(zip("ACVROGB", terms.ROLES, strict=True))
"""Letters of polarities, kinds and roles in an answer."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party as the text first names it: offsets into the content, kind and roles by their letters."""

    start: int
    end: int
    kind: str
    roles: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A tagged clause: its number, its kind with form, classes of a charge.

    Actor, target and object are offsets into the content, (0, 0) where the text does not tell.
    """

    clause: int
    kind: str
    actor: tuple[int, int] = (0, 0)
    target: tuple[int, int] = (0, 0)
    object: tuple[int, int] = (0, 0)
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an annotator says of one text."""

    polarity: str
    relevant: bool
    consumer: bool
    parties: tuple[Party, ...] = ()
    signals: tuple[Signal, ...] = ()
    facets: tuple[str, ...] = ()
    sure: bool = True
    notes: tuple[str, ...] = field(default=(), compare=False)


def show(texts: Iterable[Text], first: int = 1) -> str:
    """A pack: each text with its number and its numbered clauses."""
    parts = []
    for number, text in enumerate(texts, first):
        lines = [f"#{number}"]
        lines += [
            f"{place} {text.content[span.start : span.end].strip()}"
            for place, span in enumerate(clauses_of(text.content), 1)
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def parse(line: str, text: Text) -> Answer:
    """The answer of *line* on *text*. Raises :class:`ValueError` with every fault of it."""
    faults: list[str] = []
    try:
        said: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError("no JSON") from error
    if said.get("p") not in POLARITIES:
        faults.append("p must be n, u or +")
    if unknown := said.keys() - {"i", "p", "r", "c", "P", "S", "F", "u"}:
        faults.append(f"unknown keys {sorted(unknown)}")
    parties = [party for row in said.get("P", ()) if (party := _party(row, text.content, faults))]
    count = len(clauses_of(text.content))
    signals = [signal for row in said.get("S", ()) if (signal := _signal(row, text.content, count, faults))]
    if wrong := set(said.get("F", ())) - set(terms.FACETS):
        faults.append(f"unknown facets {sorted(wrong)}")
    if faults:
        raise ValueError("; ".join(faults))
    return Answer(
        POLARITIES[said["p"]], bool(said.get("r")), bool(said.get("c")), tuple(parties), tuple(signals),
        tuple(sorted(said.get("F", ()))), not said.get("u"),
    )  # fmt: skip


def _party(row: str, content: str, faults: list[str]) -> Party | None:
    name, kind, roles = [*row.rsplit(":", 2), "", ""][:3]
    start = content.find(name) if name else -1
    if start < 0:
        faults.append(f"{name!r} does not stand in the text")
    if kind not in KINDS:
        faults.append(f"kind {kind!r} of {name}")
    if not roles or set(roles) - ROLES.keys():
        faults.append(f"roles {roles!r} of {name}")
    return Party(start, start + len(name), kind, "".join(sorted(set(roles))))


def _signal(row: str, content: str, count: int, faults: list[str]) -> Signal | None:
    cells = (row.split(":") + [""] * 6)[:6]
    number, named, actor, target, thing, classes = cells
    kind, _, form = named.partition(".")
    if not number.isdigit() or not 1 <= int(number) <= count:
        faults.append(f"clause {number!r} of {row!r}; the text has {count}")
        return None
    forms = terms.FORMS.get(kind)
    if forms is None or (form not in forms if forms else form):
        faults.append(f"kind {named!r}")
    codes = tuple(code for code in classes.split(",") if code)
    if set(codes) - set(terms.CLASSES):
        faults.append(f"classes {classes!r}")
    if codes and kind != "charge":
        faults.append(f"classes stand on charges alone: {row!r}")
    by, against, about = (_place(name, content, faults) for name in (actor, target, thing))
    return Signal(int(number), named, by, against, about, codes)


def _place(name: str, content: str, faults: list[str]) -> tuple[int, int]:
    if not name:
        return 0, 0
    start = content.find(name)
    if start < 0:
        faults.append(f"{name!r} does not stand in the text")
    return start, start + len(name)
