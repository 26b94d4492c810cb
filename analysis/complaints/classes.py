"""Complaint classes C01–C14 of a negative text: triggers with context and exclusions, sentence by sentence.

``registry/issues.toml`` holds the lists and says how they are read. A trigger does not count where its
sentence states a rule, a promise kept, a denial, a question or speaks of films, games and taxes; a weak one
needs a trigger of its class in its sentence, or a word of trade in the text. A sentence that tells what
buyers are given is no complaint. What the text speaks of as a whole (:mod:`.concepts`) then adds
classes no trigger gave and takes back improbable ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from pydantic import Field

from fengping.analysis.complaints.concepts import SIGHT, Concepts, Trigger
from fengping.analysis.hosts import REGISTRY
from fengping.analysis.hosts.entries import apart, holders, lies_within, stands_between
from fengping.analysis.mentions import Scan
from fengping.analysis.text import Span, fold, span_at
from fengping.analysis.text.sentences import sentences
from fengping.models import Evidence
from fengping.toml import Strict, load_toml

# Words that begin like a denial and deny nothing: 非常刺鼻, 没收假酒, 无故砍单, 无锡假酒案.
_NO_DENIAL = (
    "非常|非法|非遗|非凡|没收|没落|未来|未成年"
    "|无故|无理|无良|无端|无比|无耻|无数|无锡|无限|无线|无疑|无非|无奈|无德"
)
GAP = "…"
REACH = 14
"""Characters that may stand between two parts of a trigger with a gap, none of them a full stop."""
_CLAUSE = re.compile("[，,、]")
_STOP = re.compile(r"[。！？!?\n；;]")
# Right in front of a trigger and right behind: 真的有毒吗.
_ASKED = re.compile("(?:真的?|究竟|到底|是否)$")
_MARK = re.compile(".?[吗么]")
_OWED = ("owed", "broken", "charged", "negation")
"""Contexts in which a remedy is asked for or refused, not given."""


class ClassRules(Strict):
    """One complaint class."""

    code: str = Field(pattern=r"^C\d\d$")
    name: str
    triggers: tuple[str, ...]
    weak: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    excluded: tuple[str, ...] = Field((), alias="not")


class IssueFile(Strict):
    """``issues.toml``."""

    version: int
    context: dict[str, tuple[str, ...]]
    excluded: tuple[str, ...] = Field((), alias="not")
    """Longer words that hold one of context and mean something else."""
    classes: tuple[ClassRules, ...] = Field(alias="class")


@dataclass(frozen=True, slots=True)
class IssueHit:
    """A class and the span that gave it: ``content[start:end]``; *trigger* as it stands in the list, or the
    concept's word as it stands in the text."""

    code: str
    start: int
    end: int
    trigger: str
    weak: bool = False

    def evidence(self) -> Evidence:
        return Evidence(f"issue:{self.code}", self.start, self.end, self.trigger)


class Reading(NamedTuple):
    """Complaints that the word lists find in a text."""

    hits: list[IssueHit]
    silent: list[Span]
    """Sentences in sight that state a rule, a promise kept or a remedy, deny a charge, or speak of films,
    games and taxes."""
    remedied: bool
    """The first of them states a remedy."""


class IssueRules:
    """The lists, folded. Immutable; :attr:`words` must be in the lexicon whose scans it reads."""

    def __init__(self, file: IssueFile, concepts: Concepts) -> None:
        self.file = file
        self.concepts = concepts
        self.names = {c.code: c.name for c in file.classes}
        self._context = {name: frozenset(map(fold, words)) for name, words in file.context.items()}
        self._groups: dict[str, list[str]] = {}
        for name, group in self._context.items():
            for word in group:
                self._groups.setdefault(word, []).append(name)
        self._hiding = frozenset(map(fold, file.excluded))
        self._hidden = holders(self._groups, self._hiding)
        self._triggers: dict[str, list[tuple[str, bool]]] = {}
        self._gapped: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._unless = {c.code: frozenset(map(fold, c.unless)) for c in file.classes}
        # A word of denial or question, at most one character in front of the trigger.
        doubts = sorted(self._context["negation"] | self._context["asking"], key=len, reverse=True)
        self._doubt = re.compile(f"(?!{_NO_DENIAL})(?:{'|'.join(map(re.escape, doubts))}).?$")
        self._excluded: dict[str, frozenset[str]] = {}
        for rules in file.classes:
            self._excluded[rules.code] = frozenset(map(fold, rules.excluded))
            for words, weak in ((rules.triggers, False), (rules.weak, True)):
                for word in map(fold, words):
                    parts = tuple(word.split(GAP))
                    if len(parts) == 1:
                        self._triggers.setdefault(word, []).append((rules.code, weak))
                    else:
                        self._gapped.setdefault(parts[0], []).append((rules.code, parts))

    @classmethod
    @cache
    def load(cls) -> IssueRules:
        """The lists as shipped, read once."""
        return cls(load_toml(IssueFile, REGISTRY / "issues.toml"), Concepts.load())

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word whose places the rules ask for."""
        found: set[str] = set(self._triggers) | set(self._gapped) | self.concepts.words | self._hiding
        for gapped in self._gapped.values():
            found.update(part for _, parts in gapped for part in parts)
        for group in (*self._context.values(), *self._unless.values(), *self._excluded.values()):
            found |= group
        return frozenset(found)

    def find(self, scan: Scan) -> list[IssueHit]:
        """Hits in the order of the text, each trigger once a class."""
        reading = self.read(scan)
        concepts, hits = self.concepts, reading.hits
        weighed = concepts.weigh(scan, as_triggers(hits), reading.silent)
        strong = {h.code for h in hits if not h.weak}
        kept = [
            h
            for h in hits
            if h.start >= SIGHT or not concepts.doubts(h.code, weighed, weak=h.code not in strong)
        ]
        added = set() if reading.remedied else concepts.adds(weighed)
        for code in added - {hit.code for hit in hits}:
            if self._unless[code].isdisjoint(scan.words):
                spans = concepts.telling(code, weighed) or [Span(h.start, h.end) for h in hits[:1]]
                kept += [IssueHit(code, s.start, s.end, scan.content[s.start : s.end]) for s in spans]
        return _first_of_class(sorted(kept, key=lambda h: (h.start, h.code)))

    def read(self, scan: Scan) -> Reading:
        """Find complaints by the lists alone, each trigger once a class; and sentences without complaint."""
        spans = sentences(scan.folded)
        by_sentence: dict[Span, list[IssueHit]] = {}
        for hit in self._plain(scan) + self._with_gaps(scan):
            by_sentence.setdefault(span_at(spans, hit.start), []).append(hit)
        context = self._places(scan)
        kept: list[IssueHit] = []
        silent: list[Span] = []
        remedied = False
        for span in spans:
            found = by_sentence.get(span, [])
            if not found and span.start >= SIGHT:
                continue
            sentence = _Sentence(scan, span, context, self._doubt)
            # "退货率高是尺码不准，没刷单": a charge denied takes the hints of it along.
            denied = {h.code for h in found if not h.weak and sentence.denied(h)}
            # "启动退一赔三": what buyers are given is no complaint, unless the sentence makes one too.
            given = sentence.remedied and all(h.weak for h in found)
            remedied |= given and span.start == 0
            hushed = sentence.hushed or given
            if (hushed or denied) and span.start < SIGHT:
                silent.append(span)
            if hushed and not sentence.promised:
                continue
            if hushed:  # "承诺是正品，收到是假货": what comes behind a promise breaks it
                found = [h for h in found if not h.weak and sentence.behind_promise(h)]
            counting = [h for h in found if self._counts(h, sentence)]
            counting = [h for h in counting if not (h.weak and h.code in denied)]
            strong = {h.code for h in counting if not h.weak}
            kept += [h for h in counting if not h.weak or "selling" in context or h.code in strong]
        return Reading(_first_of_class(sorted(kept, key=lambda h: (h.start, h.code))), silent, remedied)

    def _places(self, scan: Scan) -> dict[str, list[int]]:
        """Context → where its words start, sorted; only contexts that stand in the text."""
        places: dict[str, list[int]] = {}
        for word in scan.words:
            names = self._groups.get(word)
            if names and (starts := apart(scan.words, word, self._hidden.get(word))):
                for name in names:
                    places.setdefault(name, []).extend(starts)
        for starts in places.values():
            starts.sort()
        return places

    def _plain(self, scan: Scan) -> list[IssueHit]:
        hits = []
        for word, starts in scan.words.items():
            for code, weak in self._triggers.get(word, ()):
                for start in starts:
                    if not lies_within(scan.words, start, start + len(word), self._excluded[code]):
                        hits.append(IssueHit(code, start, start + len(word), word, weak))
        return hits

    def _with_gaps(self, scan: Scan) -> list[IssueHit]:
        hits = []
        for first, starts in scan.words.items():
            for code, parts in self._gapped.get(first, ()):
                for start in starts:
                    end = _chain(scan, start, parts, self._excluded[code])
                    if end:
                        hits.append(IssueHit(code, start, end, GAP.join(parts)))
        return hits

    def _counts(self, hit: IssueHit, sentence: _Sentence) -> bool:
        return not (sentence.has(self._unless[hit.code]) or sentence.denied(hit))


class _Sentence:
    """Properties of one sentence that the rules ask for."""

    def __init__(
        self, scan: Scan, span: Span, places: Mapping[str, Sequence[int]], doubt: re.Pattern[str]
    ) -> None:
        self._scan, self._span, self._places, self._doubt = scan, span, places, doubt
        ruling = self._group("register") and not self._group("charged")
        content = self._group("promise") and not self._group("broken")
        self.hushed = ruling or content or (self._group("elsewhere") and not self._group("selling"))
        self.promised = content and not ruling and not self._group("elsewhere") and self._group("vowed")
        self.remedied = self._group("remedy") and not any(map(self._group, _OWED))

    def has(self, words: frozenset[str]) -> bool:
        at = self._scan.words
        return any(stands_between(at[w], self._span.start, self._span.end) for w in words & at.keys())

    def behind_promise(self, hit: IssueHit) -> bool:
        """True if *hit* stands in a clause behind that of a seller's promise, and nobody is content."""
        end = self._promise_end
        return end is not None and end < hit.start

    @cached_property
    def _promise_end(self) -> int | None:
        """End of the clause of the last promise; None if it ends the sentence or somebody is content."""
        said, vowed = self._within("promise"), self._within("vowed")
        if set(said) != set(vowed):
            return None
        end = _CLAUSE.search(self._scan.folded, vowed[-1], self._span.end)
        return end.start() if end else None

    def _within(self, name: str) -> Sequence[int]:
        """Places of a context in the sentence."""
        starts = self._places[name]
        return starts[bisect_left(starts, self._span.start) : bisect_left(starts, self._span.end)]

    def denied(self, hit: IssueHit) -> bool:
        """True if words of denial or question stand right in front of the trigger, or around it: 真的…吗."""
        folded = self._scan.folded
        before = folded[max(self._span.start, hit.start - 5) : hit.start]
        asked = _ASKED.search(before) and _MARK.match(folded, hit.end)
        return bool(asked or self._doubt.search(before))

    def _group(self, name: str) -> bool:
        return name in self._places and stands_between(self._places[name], self._span.start, self._span.end)


def _chain(scan: Scan, start: int, parts: Sequence[str], excluded: frozenset[str]) -> int:
    """End of the last part when all follow each other within :data:`REACH` in one sentence, none of them in
    an *excluded* word; 0 when they do not."""
    end = start + len(parts[0])
    if lies_within(scan.words, start, end, excluded):
        return 0
    for part in parts[1:]:
        starts, last = scan.words.get(part, []), end + REACH
        at = bisect_left(starts, end)
        while at < len(starts) and starts[at] <= last:
            if not lies_within(scan.words, starts[at], starts[at] + len(part), excluded):
                break
            at += 1
        if at == len(starts) or starts[at] > last:
            return 0
        end = starts[at] + len(part)
    return 0 if _STOP.search(scan.folded, start, end) else end


def _first_of_class(hits: Sequence[IssueHit]) -> list[IssueHit]:
    """The hits with repetitions of one trigger for one class dropped."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for hit in hits:
        if (hit.code, hit.trigger) not in seen:
            seen.add((hit.code, hit.trigger))
            kept.append(hit)
    return kept


def as_triggers(hits: Iterable[IssueHit]) -> list[Trigger]:
    """Convert *hits* into the triggers that :class:`Concepts` reads."""
    return [Trigger(hit.code, hit.start, hit.weak) for hit in hits]


def codes(hits: Iterable[IssueHit]) -> tuple[str, ...]:
    """Classes of *hits*, sorted."""
    return tuple(sorted({hit.code for hit in hits}))
