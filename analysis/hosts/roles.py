"""Roles of hosts in a negative text: accused, accuser, victim or commentator.

A host is the accused (``被罚``, ``售假``, object of ``打假``), an accuser (``怒怼``), a victim (``被造谣``),
a commentator (``称``) or one who answers. Each mention gives roles from the clause it stands in; roles and
where they stand are weighed by a small linear scorer whose weights stand in ``registry/targets.toml``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fengping.analysis.hosts.registry import REGISTRY
from fengping.analysis.mentions import Kind, Mention, Scan
from fengping.analysis.text.sentences import Span, clauses, sentences, span_at
from fengping.models import Evidence
from fengping.toml import Strict, load_toml

REACH = 16
"""Characters behind a mention in which its verb is looked for."""
SIGHT = 400
"""Characters of its sentence behind a mention that are looked at: a text without full stops stays cheap."""
NEIGHBOURS = 40
"""Mentions on either side that one mention is weighed against."""

_MARKS = " “”\"'「」『』@#，,。！!？?：:、"
_PASSIVE = re.compile("被|遭|受到|让")
_BY_HOST = (("accuses", "accused_by_host"), ("speaks", "spoken_of"), ("answers", "answered_by"))
_BESIDE = re.compile("(?:与|对|和|给|向|替|为|同|跟)$")


class TargetFile(Strict):
    """``targets.toml``: cue words by role, and the scorer's weights."""

    version: int
    cues: dict[str, tuple[str, ...]]
    weights: dict[str, float]
    threshold: float


@dataclass(frozen=True)
class _Cues:
    patterns: dict[str, re.Pattern[str]]
    weights: Mapping[str, float]
    threshold: float


@cache
def _cues() -> _Cues:
    file = load_toml(TargetFile, REGISTRY / "targets.toml")
    patterns = {
        role: re.compile("|".join(re.escape(w.lower()) for w in sorted(words, key=len, reverse=True)))
        for role, words in file.cues.items()
    }
    return _Cues(patterns, file.weights, file.threshold)


@dataclass(frozen=True, slots=True)
class Target:
    """A host the negative is directed at, with the mention and the role that said so most strongly."""

    name: str
    start: int
    end: int
    role: str
    probability: float

    def evidence(self) -> Evidence:
        return Evidence(f"negative_host:{self.name}", self.start, self.end, self.role)


def negative_hosts(scan: Scan, *, negative: bool = True) -> tuple[Target, ...]:
    """Those of ``scan.hosts`` against whom a negative text is directed; none when it is not negative."""
    if not negative:
        return ()
    cues = _cues()
    targets = []
    for host, features in host_features(scan).items():
        total = sum(cues.weights.get(name, 0.0) for name in features)
        probability = 1 / (1 + math.exp(-total))
        if probability > cues.threshold:
            role = max(features, key=lambda name: cues.weights.get(name, 0.0))
            mention = features[role]
            targets.append(Target(host, mention.start, mention.end, role, probability))
    return tuple(targets)


def host_features(scan: Scan) -> dict[str, dict[str, Mention]]:
    """For each host the features that hold, each with the first mention that gave it."""
    mentions = scan.of(Kind.HOST)
    if not mentions:
        return {}
    text = scan.folded
    cut = _Cut(text, clauses(text), sentences(text))
    lead = cut.lead_end()
    features: dict[str, dict[str, Mention]] = {}
    alone = len(scan.hosts) == 1
    for number, mention in enumerate(mentions):
        mine = features.setdefault(mention.name, {"bias": mention})
        around = mentions[max(0, number - NEIGHBOURS) : number + NEIGHBOURS + 1]
        others = [m for m in around if m.name != mention.name]
        part = "lead" if mention.start < lead else "rest"
        # Sorted, so that sums and evidence come out the same in every process.
        for role in sorted(_roles(cut, mention, others)):
            mine.setdefault(f"{part}:{role}", mention)
        if not alone:
            mine.setdefault("others", mention)
            if number == 0 and others and others[0].start > mention.start:
                mine.setdefault("first", mention)
    for name, mine in features.items():
        if not any(feature.startswith("lead:") for feature in mine):
            mine["not_lead"] = next(m for m in mentions if m.name == name)
    return features


@dataclass(frozen=True, slots=True)
class _Cut:
    text: str
    clauses: list[Span]
    sentences: list[Span]

    def lead_end(self) -> int:
        """End of the title or first sentence (a mark of a few characters is none)."""
        return next((s.end for s in self.sentences if s.end - s.start >= 6), len(self.text))


def _clause(cut: _Cut, mention: Mention) -> Span:
    """The clause of *mention*; behind an account's name (``@甲 发文``) a blank ends none."""
    clause = span_at(cut.clauses, mention.start)
    blank = cut.text[mention.end : clause.end]
    if blank.isspace() and "\n" not in blank and cut.text[clause.start : mention.start].endswith("@"):
        return Span(clause.start, span_at(cut.clauses, clause.end).end)
    return clause


def _roles(cut: _Cut, mention: Mention, others: Sequence[Mention]) -> set[str]:
    patterns = _cues().patterns
    text = cut.text
    clause = _clause(cut, mention)
    sentence = span_at(cut.sentences, mention.start)
    nearest = next((o.start for o in others if o.start >= mention.end), len(text))
    end = min(clause.end, mention.end + REACH)
    # Beyond another name the words are about that one, unless both stand together (A和B被罚).
    after = text[mention.end : min(end, nearest) if nearest - mention.end > 1 else end]
    before = text[max(clause.start, mention.start - REACH) : mention.start]
    behind = text[mention.end : min(sentence.end, mention.end + SIGHT)]
    roles = _roles_after(after)
    if before.endswith("向") and "accuses" in roles:
        # "消费者向甲索赔": the verb behind is done to the host.
        roles = roles - {"accuses"} | {"accused"}
    roles |= _roles_before(before)
    roles |= _roles_beside(text, mention, others, clause, roles)
    # What one host says against or of another is about the other.
    if not roles & {"accuses", "answers_host", "speaks_host"} and patterns["accused"].search(behind):
        roles.add("sentence_accused")
    if not roles - {"sentence_accused", "later"}:
        roles.add("bare")
    return roles


def _roles_after(after: str) -> set[str]:
    """Roles told by the words behind a mention."""
    patterns = _cues().patterns
    roles: set[str] = set()
    ends = len(after)
    verb = patterns["accuses"].search(after)
    if verb:
        # 被H质疑's passive, or the bare noun at the end: H的假货质疑.
        noun = verb.start() > 0 and not after[verb.end() :].strip(_MARKS)
        passive = noun or bool(_PASSIVE.search(after[: verb.start()]))
        roles.add("accused" if passive else "accuses")
        if not passive:
            ends = verb.start()
    saying = patterns["speaks"].search(after)
    if saying and saying.start() <= 6 and not _PASSIVE.search(after[: saying.start()]):
        roles.add("speaks")
    for role in ("accused", "sells", "answers"):
        if patterns[role].search(after[:ends]):
            roles.add(role)
    harm = patterns["suffers"].search(after)
    if harm and not patterns["around"].search(after[: harm.start()]):
        roles.add("suffers")
    if patterns["parts"].search(after):
        roles.add("parts")
    near = patterns["around"].search(after)
    if near and near.start() <= 2:
        roles.add("around")
    return roles


def _roles_before(before: str) -> set[str]:
    """Roles told by the words in front of a mention: object of an accusation, of slander."""
    patterns = _cues().patterns
    roles: set[str] = set()
    verbs = list(patterns["accuses"].finditer(before))
    if verbs and len(before) - verbs[-1].end() <= 6 and not _PASSIVE.search(before[: verbs[-1].start()]):
        roles.add("object")
    harms = list(patterns["suffers"].finditer(before))
    if harms and len(before) - harms[-1].end() <= 3:
        roles.add("slandered")
    answers = list(patterns["answers"].finditer(before))
    if answers and len(before) - answers[-1].end() <= 3:
        roles.add("answered")
    if _BESIDE.search(before):
        roles.add("with")
    if before.strip(_MARKS) and "object" not in roles:
        roles.add("later")
    return roles


def _roles_beside(
    text: str, mention: Mention, others: Sequence[Mention], clause: Span, known: set[str]
) -> set[str]:
    """Roles told by another host in the same clause or just behind."""
    patterns = _cues().patterns
    roles: set[str] = set()
    if any(mention.end <= o.start < mention.end + 24 for o in others):
        roles |= {f"{role}_host" for role in known & {"accuses", "speaks", "answers"}}
    earlier = [o for o in others if clause.start <= o.start and o.end <= mention.start]
    if earlier:
        between = text[earlier[-1].end : mention.start]
        for role, name in _BY_HOST:
            if patterns[role].search(between):
                roles.add(name)
                return roles
        if len(between) <= 1:
            roles.add("together")
    return roles
