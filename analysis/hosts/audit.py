"""Audit of the host registry on real texts: hits and refusals of each alias, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from fengping.analysis.mentions import Lexicon, Mention

SAMPLES = 3
_AROUND = 18


@dataclass(slots=True)
class AliasAudit:
    """Counts of one alias over the texts given."""

    host: str
    alias: str
    hits: int = 0
    """Places where it stands, a longer name around it not counted."""
    counted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Reason → places where it stands and does not count."""
    samples: list[str] = field(default_factory=list)
    """Up to three cuts where it counts, then up to three where it does not, marked ``✗``."""

    def add(self, content: str, mention: Mention) -> None:
        self.hits += 1
        if mention.refused:
            self.refused[mention.refused] = self.refused.get(mention.refused, 0) + 1
        else:
            self.counted += 1
        mark = "✗ " if mention.refused else ""
        if sum(sample.startswith("✗") == bool(mention.refused) for sample in self.samples) < SAMPLES:
            cut = content[max(0, mention.start - _AROUND) : mention.end + _AROUND]
            self.samples.append(mark + " ".join(cut.split()))


def audit(texts: Iterable[tuple[str, date | None]], lexicon: Lexicon) -> list[AliasAudit]:
    """An audit of every alias that stands in *texts* (content, day), the most frequent first."""
    found: dict[tuple[str, str], AliasAudit] = {}
    for content, day in texts:
        for mention in lexicon.audit(content, day):
            key = mention.name, mention.alias
            found.setdefault(key, AliasAudit(*key)).add(content, mention)
    return sorted(found.values(), key=lambda a: (-a.hits, a.host, a.alias))


def silent(audits: Iterable[AliasAudit], lexicon: Lexicon) -> Iterator[str]:
    """Canonical names of which no alias stood in the texts."""
    seen = {a.host for a in audits}
    return (host.name for host in lexicon.registry.hosts if host.name not in seen)
