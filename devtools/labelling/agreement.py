"""Agreement of two readers of the same texts, head by head."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from devtools.labelling.packs import ROLES, Answer
from devtools.labelling.store import Label
from fengping.analysis.reading import FORMS

Items = Callable[[Answer], set[object]]


def heads() -> dict[str, Items]:
    """What each head of the model learns, as a set of items of one answer."""
    found: dict[str, Items] = {
        "polarity": lambda a: {a.polarity},
        "negative": lambda a: {1} if a.polarity == "neg" else set(),
        "positive": lambda a: {1} if a.polarity == "pos" else set(),
        "relevant": lambda a: {1} if a.relevant else set(),
        "consumer": lambda a: {1} if a.consumer else set(),
        "parties": lambda a: {(p.start, p.end) for p in a.parties},
        "classes": lambda a: {code for s in a.signals for code in s.classes},
        "facets": lambda a: set(a.facets),
        "clauses": lambda a: {(s.clause, s.kind.partition(".")[0]) for s in a.signals},
        "objects": lambda a: {s.object for s in a.signals if s.kind == "charge" and s.object[1]},
    }
    found |= {role: partial(_in_role, letter=letter) for letter, role in ROLES.items()}
    found |= {f"has {kind}": partial(_tells, kind=kind) for kind in FORMS}
    return found


def _in_role(answer: Answer, letter: str) -> set[object]:
    return {(party.start, party.end) for party in answer.parties if letter in party.roles}


def _tells(answer: Answer, kind: str) -> set[object]:
    return {1} if any(signal.kind.partition(".")[0] == kind for signal in answer.signals) else set()


def agreement(labels: Iterable[Label]) -> dict[str, tuple[float, int]]:
    """F1 of the second reader against the first and the number of items of both, for each head."""
    said: dict[str, dict[int, Answer]] = {}
    for label in labels:
        said.setdefault(label.key, {})[label.reader] = label.answer
    pairs = [(both[1], both[2]) for both in said.values() if {1, 2} <= both.keys()]
    return {head: f1((items(a), items(b)) for a, b in pairs) for head, items in heads().items()}


def f1(pairs: Iterable[tuple[set[object], set[object]]]) -> tuple[float, int]:
    """Micro-F1 over pairs of sets, and the number of items in all; 1 where there are none."""
    both = every = 0
    for first, second in pairs:
        both += len(first & second)
        every += len(first) + len(second)
    return (2 * both / every if every else 1.0), every
