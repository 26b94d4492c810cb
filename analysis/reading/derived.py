"""What queries, counts and the interface ask of a reading, and how sure it must be.

Each claim has two limits: one to search and count by, one to say it in print.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fengping.analysis.reading.says import Party, Reading, Signal
from fengping.models import Act, Polarity


class Limit(NamedTuple):
    """Probabilities from which a claim counts."""

    search: float
    say: float


FILE = Path(__file__).with_name("limits.toml")
LIMITS = {name: Limit(*values) for name, values in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}
"""Claim → its limits."""
_SELLERS = frozenset({"shop", "brand", "company", "room", "agency", "platform"})
_CHARGES = ("charge", "harm", "test", "demand")


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a document that follow from its reading, by the names that queries and exports use."""

    negative: float
    positive: float
    polarity: Polarity
    act: Act
    consumer: bool
    relevant: bool
    hosts: tuple[str, ...]
    negative_hosts: tuple[str, ...]
    negative_brands: tuple[str, ...]
    platforms: tuple[str, ...]
    issues: tuple[str, ...]


def labels_of(reading: Reading) -> Labels:
    """The labels of *reading*. Hosts are those of the registry, accused brands of any kind of seller."""
    polarity = polarity_of(reading)
    charged = [p for p in reading.parties if accused(p)] if polarity is Polarity.NEG else []
    return Labels(
        round(reading.negative, 4),
        round(reading.positive, 4),
        polarity,
        _act(reading, polarity),
        reading.consumer >= LIMITS["consumer"].search,
        reading.relevant >= LIMITS["relevant"].search,
        tuple(p.name for p in reading.parties if _is_host(p)),
        tuple(p.name for p in charged if _is_host(p)),
        tuple(p.name for p in charged if p.kind in _SELLERS),
        tuple(p.name for p in reading.parties if p.known and p.kind == "platform"),
        _issues(reading) if polarity is Polarity.NEG else (),
    )


def polarity_of(reading: Reading) -> Polarity:
    if reading.negative >= LIMITS["negative"].search:
        return Polarity.NEG
    return Polarity.POS if reading.positive >= LIMITS["positive"].search else Polarity.NEU


def accused(party: Party) -> bool:
    """True if the text charges this party."""
    return party.roles["accused"] >= LIMITS["accused"].search


def told(reading: Reading, kind: str) -> list[Signal]:
    """Signals of *kind* that are sure enough to count."""
    return [s for s in reading.signals if s.kind == kind and s.probability >= LIMITS[kind].search]


def _act(reading: Reading, polarity: Polarity) -> Act:
    official = told(reading, "official")
    ruled = any(one.form == "rule" for one in official)
    if polarity is not Polarity.NEG:
        if ruled:
            return Act.RULE
        if told(reading, "promotion"):
            return Act.PROMOTION
    if any(one.form not in ("rule", "clear") for one in official):
        return Act.PENALTY
    if told(reading, "answer"):
        return Act.RESPONSE
    if polarity is Polarity.NEG:
        own = not any(p.roles["accuser"] >= 0.5 for p in reading.parties) and reading.consumer >= 0.5
        return Act.COMPLAINT if own else Act.REPORT
    return Act.REPORT if any(told(reading, kind) for kind in _CHARGES) else Act.OTHER


def _is_host(party: Party) -> bool:
    return party.known and party.kind == "person"


def _issues(reading: Reading) -> tuple[str, ...]:
    limit = LIMITS["class"].search
    charges = told(reading, "charge")
    return tuple(sorted({c for s in charges for c, share in (s.classes or {}).items() if share >= limit}))
