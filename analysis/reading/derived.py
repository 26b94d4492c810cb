"""What queries, counts and the interface ask of a reading, and how sure it must be.

Each claim has two limits: one to search and count by, one to say it in print.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from fengping.analysis.reading.terms import FORMS
from fengping.models import Act, Evidence, Polarity, Role
from fengping.reading import SELLERS, Party, Reading, Signal, Span


class Limit(NamedTuple):
    """Probabilities from which a claim counts."""

    search: float
    say: float


FILE = Path(__file__).with_name("limits.toml")
LIMITS = {name: Limit(*values) for name, values in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}
"""Claim → its limits."""
LIKELY = 0.5
UNLIKELY = 0.1
"""Probability below which a role is not kept."""
_PLAIN = Limit(LIKELY, 1.01)
_CHARGES = ("charge", "harm", "test", "demand")
_LEAD = 20
"""An answer or official act is that of the text if its clause begins before so many characters; one told
further on is another's, or what led to the charge (docs/measurements/reading.md)."""


class Sellers(NamedTuple):
    """Who of the registries sells by livestream and is named in a text."""

    host: bool = False
    agency: bool = False
    """An agency or a room of many hosts."""


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
    parties: tuple[str, ...]
    accused: tuple[str, ...]
    roles: dict[str, Role]
    """The likeliest role of each party that has a likely one."""
    signals: tuple[str, ...]
    facets: tuple[str, ...]
    people: tuple[str, ...]
    """Persons that no registry knows."""


def labels_of(reading: Reading, sellers: Sellers) -> Labels:
    """The labels of *reading*. Hosts are those of the registry, accused brands of any kind of seller."""
    polarity = polarity_of(reading)
    charged = [p for p in reading.parties if accused(p)] if polarity is Polarity.NEG else []
    return Labels(
        round(reading.negative, 4),
        round(reading.positive, 4),
        polarity,
        _act(reading, polarity),
        reading.consumer >= LIMITS["consumer"].search,
        relevant(reading, sellers),
        tuple(p.name for p in reading.parties if _is_host(p)),
        tuple(p.name for p in charged if _is_host(p)),
        tuple(p.name for p in charged if p.kind in SELLERS),
        tuple(p.name for p in reading.parties if p.known and p.kind == "platform"),
        _issues(reading) if polarity is Polarity.NEG else (),
        tuple(p.name for p in reading.parties),
        tuple(p.name for p in charged),
        {p.name: Role(role) for p in reading.parties if (role := "accused" if p in charged else _role(p))},
        _signals(reading),
        tuple(name for name, share in reading.facets.items() if share >= LIKELY),
        tuple(p.name for p in reading.parties if p.kind == "person" and not p.known),
    )


def evidence_of(reading: Reading, labels: Labels) -> Iterator[Evidence]:
    """The spans of the text that made the labels: names of parties, clauses."""
    for party in reading.parties:
        (start, end), role = party.mentions[0], labels.roles.get(party.name)
        if party.name in labels.negative_hosts:
            yield Evidence(f"negative_host:{party.name}", start, end, "reading")
        elif party.name in labels.negative_brands:
            yield Evidence(f"negative_brand:{party.name}", start, end, "reading")
        elif role not in (None, Role.BYSTANDER, Role.ACCUSED):
            yield Evidence(f"role:{role}:{party.name}", start, end, "reading")
    for kind in FORMS:
        for signal in told(reading, kind):
            yield Evidence(f"signal:{kind}", *signal.span, signal.form or kind)
            if labels.polarity is Polarity.NEG and kind in _CHARGES:
                yield Evidence("polarity:neg", *signal.span, kind)
            for code, share in (signal.classes or {}).items():
                if code in labels.issues and share >= LIMITS["class"].search:
                    yield Evidence(f"issue:{code}", *(signal.object or signal.span), kind)


def relevant(reading: Reading, sellers: Sellers) -> bool:
    """True of a text about selling by livestream: it says so, or whom it names sells so."""
    by_name = sellers.agency or (sellers.host and reading.consumer >= LIMITS["host"].search)
    return by_name or reading.relevant >= LIMITS["relevant"].search


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
    if polarity is not Polarity.NEG:
        if any(one.form == "rule" for one in official):
            return Act.RULE
        if told(reading, "promotion"):
            return Act.PROMOTION
    if any(one.form not in ("rule", "clear") for one in official if one.span[0] < _LEAD):
        return Act.PENALTY
    if any(one.span[0] < _LEAD for one in told(reading, "answer")):
        return Act.RESPONSE
    if polarity is Polarity.NEG:
        own = not any(p.roles["accuser"] >= 0.5 for p in reading.parties) and reading.consumer >= 0.5
        return Act.COMPLAINT if own else Act.REPORT
    return Act.REPORT if any(told(reading, kind) for kind in _CHARGES) else Act.OTHER


def _role(party: Party) -> str:
    role, share = max(party.roles.items(), key=itemgetter(1))
    return role if share >= LIMITS.get(role, _PLAIN).search else ""


def _signals(reading: Reading) -> tuple[str, ...]:
    """Kinds of the signals that count, behind each answer or official act its form."""
    found = [s for kind in FORMS for s in told(reading, kind)]
    return tuple(
        dict.fromkeys(name for s in found for name in (s.kind, s.form and f"{s.kind}.{s.form}") if name)
    )


def _is_host(party: Party) -> bool:
    return party.known and party.kind == "person"


def _issues(reading: Reading) -> tuple[str, ...]:
    limit = LIMITS["class"].search
    charges = told(reading, "charge")
    return tuple(sorted({c for s in charges for c, share in (s.classes or {}).items() if share >= limit}))


def kept(reading: Reading) -> Reading:
    """*reading* as it is stored: first mentions and likely roles alone."""
    parties = tuple(
        replace(
            one,
            mentions=one.mentions[:1],
            roles={role: share for role, share in one.roles.items() if share >= UNLIKELY},
        )
        for one in reading.parties
    )
    return replace(reading, parties=parties)


def moved(reading: Reading, places: Sequence[int]) -> Reading:
    """*reading* with other spans; *places*: where each character that was read stands in the whole text."""

    def there(span: Span) -> Span:
        return places[span[0]], places[span[1] - 1] + 1

    return replace(
        reading,
        parties=tuple(replace(p, mentions=tuple(map(there, p.mentions))) for p in reading.parties),
        signals=tuple(
            replace(s, span=there(s.span), object=s.object and there(s.object)) for s in reading.signals
        ),
    )
