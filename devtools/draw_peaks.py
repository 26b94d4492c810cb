"""Draws peaks of homes at random and prints each with its explanation and documents, to be read and judged.

.venv/bin/python -m devtools.draw_peaks HOME… [--draw 30] [--seed 1] [--documents 60] [--list]
[--without FILE]

Asked are all documents and the most frequent hosts, classes, platforms, tones and words of each home, by day
and by hour. One peak is drawn of each home, kind of question and interval in turn until enough are drawn, so
that the kind with most peaks does not fill the draw. ``--list`` prints the draw alone, to be kept before any
is read; ``--without`` such a file leaves out the days and hours that it has of a home.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fengping.clock import iso, now
from fengping.home import Home
from fengping.indexer import Filter, Interval, open_store
from fengping.services.search import Asked
from fengping.services.trends.peaks import Peak, peaks

FIELDS = {"hosts": 40, "issues": 40, "platforms": 40, "polarity": 40, "keywords": 400}
"""Values of each field that are asked for, the most frequent first."""
ENOUGH = 15
"""Documents under which a value is not asked for."""
ALL = 100_000


@dataclass(frozen=True)
class Drawn:
    """A peak with the question that it is a peak of."""

    home: Path
    field: str
    value: str
    by: Interval
    peak: Peak
    where: Filter

    @property
    def stratum(self) -> tuple[str, str, str]:
        return str(self.home), self.field, self.by.value

    @property
    def time(self) -> tuple[str, ...]:
        return self.home.name, self.by.value, (iso(self.peak.summit.start) or "")[:16]

    def __str__(self) -> str:
        home, by, start = self.time
        return f"{home} {self.field or 'all'} {self.value.replace(' ', '_') or '-'} {by} {start}"


def found(root: Path) -> Iterator[Drawn]:
    """All peaks of a home, of every question."""
    home = Home(root)
    store = open_store(home)
    asked = [("", "")] + [
        (field, value)
        for field, values in FIELDS.items()
        for value, count in store.terms(Filter(), field, limit=values)
        if count >= ENOUGH
    ]
    for field, value in asked:
        for by in (Interval.DAY, Interval.HOUR):
            question = Asked(where={field: (value,)} if field else {})
            answer = peaks(home, question, now(), by=by, limit=ALL, store=store)
            for peak in answer.peaks:
                yield Drawn(root, field, value, by, peak, answer.where)
    store.close()


def drawn(every: Sequence[Drawn], n: int, seed: int) -> list[Drawn]:
    """*n* of them, one of each home, field and interval in turn; of each day or hour of a home only one."""
    chance = random.Random(seed)
    strata: dict[tuple[str, str, str], list[Drawn]] = defaultdict(list)
    for one in sorted(every, key=str):
        strata[one.stratum].append(one)
    order = sorted(strata)
    chance.shuffle(order)
    for key in order:
        chance.shuffle(strata[key])
    taken: dict[tuple[str, ...], Drawn] = {}
    while len(taken) < n and any(strata.values()):
        for key in order:
            while strata[key] and strata[key][-1].time in taken:
                strata[key].pop()
            if strata[key]:
                one = strata[key].pop()
                taken[one.time] = one
    return list(taken.values())[:n]


def say(*words: object) -> None:
    """Writes a line."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def tell(number: int, one: Drawn, documents: int) -> None:
    """Prints a peak as the command explains it, then its documents in time order."""
    peak = one.peak
    summit = peak.summit
    say(f"\n=== {number}. {one} to {iso(summit.end)}")
    say(f"{peak.cause.kind}: {peak.cause.sentence}")
    say(f"count {summit.count} usual {summit.usual:.1f} z {summit.z:.1f} campaign {peak.campaign or '-'}")
    for word in peak.words:
        say(f"  word {word.word} {word.now} before {word.before} z {word.z:.1f}")
    for story in peak.stories:
        first = f"first {story.first_id[:6]} {iso(story.first_at)} {story.first_publisher}"
        say(
            f"  {story.kind} {story.title} {story.example} {story.share} carries {story.carried:.0%}; {first}"
        )
    say("  hosts", dict(peak.hosts))
    store = open_store(Home(one.home))
    inside = replace(one.where, since=summit.start, until=summit.end)
    found = list(store.scan(inside)) if documents else []
    if len(found) > documents:
        found = random.Random(number).sample(found, documents)
    for document in sorted(found, key=lambda d: (d.raw.published_at, d.id)):
        raw = document.raw
        text = raw.text.replace("\n", " ")[:100]
        say(f"  {iso(raw.published_at)} {document.id[:6]} {document.group[:4]} {raw.title} | {text}")
    store.close()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("homes", nargs="+", type=Path)
    parser.add_argument("--draw", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=60, help="Documents printed of each, at random.")
    parser.add_argument("--without", type=Path, help="A kept list, of which none is drawn.")
    parser.add_argument("--list", action="store_true", help="Print the draw alone.")
    options = parser.parse_args()
    kept = options.without.read_text(encoding="utf-8").splitlines() if options.without else []
    read = {tuple(word for at, word in enumerate(line.split()) if at in (1, 4, 5)) for line in kept}
    every = [one for root in options.homes for one in found(root) if one.time not in read]
    say(f"{len(every):,} peaks; {options.draw} drawn with seed {options.seed}.")
    for number, one in enumerate(drawn(every, options.draw, options.seed), 1):
        if options.list:
            say(number, one)
        else:
            tell(number, one, options.documents)


if __name__ == "__main__":
    main()
