"""Features of a host or brand named in a text: the cues around its mentions, and the characters there.

Cue words by role stand in ``registry/targets.toml``. :func:`features` gives named features, each with the
mention that gave it; :func:`runs` the runs of characters on either side of the name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple

from fengping.analysis.hosts.entries import Kind
from fengping.analysis.hosts.registry import REGISTRY
from fengping.analysis.mentions import Mention, Scan
from fengping.analysis.text import Span, WordFinder, clauses, span_at
from fengping.analysis.text.sentences import Places, sentences
from fengping.toml import Strict, load_toml

REACH = 16
"""Characters behind a mention in which its verb is looked for."""
SIGHT = 400
"""Characters of its sentence behind a mention that are looked at: a text without full stops stays cheap."""
NEIGHBOURS = 40
"""Mentions on either side that one mention is weighed against."""
READ = 160
"""Mentions of a name whose surroundings are read: a text that names one more often says nothing new of it."""
MENTIONS = 4
"""Mentions of a name around which runs of characters are read."""
BEFORE, BEHIND = 10, 16
"""Characters on either side of a mention whose runs are read."""
BARE = 34
"""A text shorter than this is a title without a lead."""
KEPT = 2048
"""Short runs of text whose cues are remembered: a text that repeats itself is read once."""

_MARKS = " “”\"'「」『』@#，,。！!？?：:、"
_PASSIVE = re.compile("被|遭|受到|让")
_BY_HOST = (("accuses", "accused_by_host"), ("speaks", "spoken_of"), ("answers", "answered_by"))
_BESIDE = re.compile("(?:与|对|和|给|向|替|为|同|跟)$")
_END = re.compile("[。！？；\n]")
_STOP = re.compile("[。！？；\n#]")
# Behind the object of a verb: 怼甲称其…, where who speaks is the one in front.
_OF_THE_OTHER = re.compile("[^，。]{0,2}(?:称|说|骂|指|斥|批)(?:其|他|她|对方)")
# 甲、乙等5个账号被罚: what befalls the whole list.
_LISTED = re.compile("[、和与及”][^，。；！？\n]{0,40}?等(?P<fate>[^，。；！？\n]{0,18})")
_PAYING = re.compile("赔付|赔偿|退一赔|垫付|先赔|补偿|退赔|退款")
_MADE_TO = re.compile("被|遭|要求|判|索赔|拒|须|需|应|未|不|欠|没|无|难")
# 在甲直播间买的乙家衣服退款: whoever bought asks for it, the name is where.
_NO_PAYER = re.compile('(?:在|从|找|让|叫|请|催|求|逼|要求|联系|投诉|起诉)[“”"]?$')
_BOUGHT = re.compile("[买购订拍卖售]|下单|入手|到手|收到|申请")
_FOR = re.compile("[向为给替对帮]|宣布|承诺")
# What is held back or broken off is not paid: 退款无门, 退款一个月没到账.
_HELD_BACK = re.compile(
    "无|难|没|未|不|拒|拖|迟|慢|卡|失败|反悔|困|遥|(?:何|几)时|[？?]|[一两三四五六七八九十几半多\\d]个?(?:天|周|月|年)"
)


class CueFile(Strict):
    """``targets.toml``: cue words by role and by what stands in front of a name or behind it."""

    version: int
    cues: dict[str, tuple[str, ...]]
    before: dict[str, str]
    """Name → pattern that ends at the mention."""
    behind: dict[str, str]
    """Name → pattern that begins at the mention's end."""


@dataclass(frozen=True)
class _Cues:
    words: dict[str, re.Pattern[str]]
    accused: WordFinder
    """Finds the words of being accused, each of them wherever it stands."""
    before: dict[str, re.Pattern[str]]
    behind: dict[str, re.Pattern[str]]


@cache
def _cues() -> _Cues:
    file = load_toml(CueFile, REGISTRY / "targets.toml")
    words = {
        role: re.compile("|".join(re.escape(w.lower()) for w in sorted(words, key=len, reverse=True)))
        for role, words in file.cues.items()
    }
    before = {name: re.compile(f"(?:{pattern})$") for name, pattern in file.before.items()}
    accused = WordFinder(list(dict.fromkeys(w.lower() for w in file.cues["accused"])))
    return _Cues(words, accused, before, {name: re.compile(pattern) for name, pattern in file.behind.items()})


def features(scan: Scan, kind: Kind, places: Places) -> dict[str, dict[str, Mention]]:
    """For each host (or brand) the features that hold, each with the first mention that gave it.

    *places*: where the words that tell acts stand.
    """
    mentions = scan.of(kind)
    if not mentions:
        return {}
    text = scan.folded
    cut = _Cut(text, clauses(text), sentences(text), _charges(text))
    lead = cut.lead_end()
    acts = sorted((span.start, at, kind) for at, (kind, of) in enumerate(places.items()) for span in of)
    counts = Counter(mention.name for mention in mentions[:READ])
    found: dict[str, dict[str, Mention]] = {}
    names = {mention.name for mention in mentions}
    row = _Row.of(mentions)
    named = [m for m in scan.mentions if m.kind in (Kind.HOST, Kind.BRAND)]
    both = _Row.of(named) if len(named) > len(mentions) else row
    starts = [m.start for m in both.mentions]
    read: Counter[str] = Counter()
    for number, mention in enumerate(mentions):
        mine = found.setdefault(mention.name, {"bias": mention})
        read[mention.name] += 1
        if read[mention.name] > READ:
            continue
        others = _Others(
            row.before(number),
            row.behind(number + 1, mention.name),
            both.behind(bisect_left(starts, mention.end), mention.name),
        )
        part = "lead" if mention.start < lead else "rest"
        # Sorted, so that sums and evidence come out the same in every process.
        for role in sorted(_roles(cut, mention, others)):
            mine.setdefault(f"{part}:{role}", mention)
        for role in _beside(text, mention, acts):
            mine.setdefault(role, mention)
        if len(names) > 1:
            mine.setdefault("others", mention)
            if number == 0 and others.behind and others.behind[0].start > mention.start:
                mine.setdefault("first", mention)
    of_text = _of_text(scan)
    for name, mine in found.items():
        first = mine["bias"]
        if not any(feature.startswith("lead:") for feature in mine):
            mine["not_lead"] = first
        for feature in (*of_text, f"at{min(4, first.start // 10)}", f"times{min(3, counts[name])}"):
            mine.setdefault(feature, first)
        if first.start <= 1:
            mine["opens"] = first
    return found


class Marked(NamedTuple):
    """A text with one character in the place of each name: ``\\x02`` a host's, ``\\x03`` a brand's."""

    text: str
    places: dict[str, list[int]]
    """Name → where it stood."""

    @classmethod
    def of(cls, scan: Scan) -> Marked:
        parts, last, length = [], 0, 0
        places: dict[str, list[int]] = {}
        for mention in scan.mentions:
            if mention.kind in (Kind.HOST, Kind.BRAND) and mention.start >= last:
                length += mention.start - last
                places.setdefault(mention.name, []).append(length)
                length += 1
                parts += [scan.folded[last : mention.start], "\x02" if mention.kind is Kind.HOST else "\x03"]
                last = mention.end
        return cls("".join([*parts, scan.folded[last:]]), places)

    def around(self, name: str, start: int, end: int) -> str:
        """``text[start:end]`` with ``\\x01`` where *name* itself stood."""
        part, places = self.text[start:end], self.places.get(name, [])
        for at in places[bisect_left(places, start) : bisect_left(places, end)]:
            part = f"{part[: at - start]}\x01{part[at - start + 1 :]}"
        return part


def runs(marked: Marked, name: str) -> set[str]:
    """Runs of one to three characters around the mentions of *name*, names themselves left out."""
    found: set[str] = set()
    for at in marked.places.get(name, [])[:MENTIONS]:
        before = _END.split(marked.around(name, max(0, at - BEFORE), at))[-1]
        behind = _END.split(marked.around(name, at + 1, at + 1 + BEHIND))[0]
        found |= _runs("b", before) | _runs("a", behind)
        found |= {"B" + before[-1:], "B" + before[-2:], "A" + behind[:1], "A" + behind[:2]}
    # The title or first sentence as a whole: what the text is about.
    lead = _END.split(marked.around(name, 0, 40))[0]
    found.update("t" + lead[start : start + size] for size in (2, 3) for start in range(len(lead) - size + 1))
    return found


@lru_cache(KEPT)
def _runs(side: str, part: str) -> frozenset[str]:
    return frozenset(
        side + part[start : start + size] for size in (1, 2, 3) for start in range(len(part) - size + 1)
    )


def _of_text(scan: Scan) -> list[str]:
    """Features that all names of a text share."""
    brands = len(dict.fromkeys(scan.brands))
    found = [f"brands{min(4, brands)}", f"hosts{min(3, len(scan.hosts))}"]
    if len(scan.folded) < BARE:
        found.append("bare")
    return found


def _beside(text: str, mention: Mention, acts: Sequence[tuple[int, int, str]]) -> list[str]:
    """Features of the words right in front of a mention and right behind.

    *acts*: start, kind's number and kind of each word that tells an act, in the order of the text.
    """
    before, features_before = _before(text[max(0, mention.start - 14) : mention.start])
    behind, features_behind = _behind(text[mention.end : mention.end + 22])
    return [
        *(f"word before:{kind}" for kind in _kinds(acts, mention.start - before, mention.start)),
        *(f"word behind:{kind}" for kind in _kinds(acts, mention.end, mention.end + behind)),
        *features_before,
        *features_behind,
    ]


@lru_cache(KEPT)
def _before(text: str) -> tuple[int, tuple[str, ...]]:
    """The number of last characters of *text* that are of the sentence that goes on, and their features."""
    own = _STOP.split(text)[-1]
    return len(own), tuple(f"before:{name}" for name, cue in _cues().before.items() if cue.search(own))


@lru_cache(KEPT)
def _behind(text: str) -> tuple[int, tuple[str, ...]]:
    """The number of first characters of *text* that are of the sentence that goes on, and their features."""
    own = _END.split(text)[0]
    return len(own), tuple(f"behind:{name}" for name, cue in _cues().behind.items() if cue.match(own))


def _kinds(acts: Sequence[tuple[int, int, str]], start: int, end: int) -> list[str]:
    """Kinds of the words that begin in ``[start, end)``, in the order of their numbers."""
    there = acts[bisect_left(acts, (start,)) : bisect_left(acts, (end,))]
    return [kind for _, kind in sorted({(number, kind) for _, number, kind in there})] if there else []


class _Charges(NamedTuple):
    """Starts of words of being accused, and how soon one ends that begins there or later."""

    starts: list[int]
    ends: list[int]

    def within(self, start: int, end: int) -> bool:
        """True if a whole word stands in ``[start, end)``."""
        at = bisect_left(self.starts, start)
        return at < len(self.starts) and self.ends[at] <= end


def _charges(text: str) -> _Charges:
    found = sorted((start, end) for end, start, _ in _cues().accused.find(text))
    ends = accumulate((end for _, end in reversed(found)), min)
    return _Charges([start for start, _ in found], list(ends)[::-1])


@dataclass(frozen=True, slots=True)
class _Cut:
    text: str
    clauses: list[Span]
    sentences: list[Span]
    charges: _Charges

    def lead_end(self) -> int:
        """End of the title or first sentence (a mark of a few characters is none)."""
        return next((s.end for s in self.sentences if s.end - s.start >= 6), len(self.text))


def _clause(cut: _Cut, mention: Mention) -> Span:
    """The clause of *mention*; behind an account's name (``@甲 发文``) a blank ends none."""
    clause = span_at(cut.clauses, mention.start)
    called = cut.text.endswith("@", clause.start, mention.start)
    # A blank ends a clause: where none stands right behind the name, nothing else needs to be looked at.
    if not called or not cut.text[mention.end : mention.end + 1].isspace():
        return clause
    blank = cut.text[mention.end : clause.end]
    if blank.isspace() and "\n" not in blank:
        return Span(clause.start, span_at(cut.clauses, clause.end).end)
    return clause


class _Row(NamedTuple):
    """Mentions in the order of the text; a run of one name is passed in one step."""

    mentions: Sequence[Mention]
    next_name: list[int]
    """For each, the place of the next of another name."""
    last_name: list[int]
    """For each, the place of the last of another name in front of it."""

    @classmethod
    def of(cls, mentions: Sequence[Mention]) -> _Row:
        names, n = [m.name for m in mentions], len(mentions)
        following, before = [n] * n, [-1] * n
        for at in range(1, n):
            before[at] = before[at - 1] if names[at] == names[at - 1] else at - 1
        for at in range(n - 2, -1, -1):
            following[at] = following[at + 1] if names[at] == names[at + 1] else at + 1
        return cls(mentions, following, before)

    def behind(self, at: int, name: str) -> Sequence[Mention]:
        """Those of other names among the :data:`NEIGHBOURS` from *at* on."""
        stop = at + NEIGHBOURS
        if at < len(self.mentions) and self.mentions[at].name == name:
            at = self.next_name[at]
        return [m for m in self.mentions[at:stop] if m.name != name]

    def before(self, at: int) -> Sequence[Mention]:
        """Those of other names among the :data:`NEIGHBOURS` before *at*."""
        name = self.mentions[at].name
        first, stop = max(0, at - NEIGHBOURS), self.last_name[at] + 1
        return [m for m in self.mentions[first:stop] if m.name != name]


class _Others(NamedTuple):
    """Mentions of other names beside one mention."""

    before: Sequence[Mention]
    behind: Sequence[Mention]
    beyond: Sequence[Mention]
    """Those behind it of both kinds, hosts and brands."""


def _roles(cut: _Cut, mention: Mention, others: _Others) -> set[str]:
    """Roles of one mention."""
    patterns = _cues().words
    text = cut.text
    clause = _clause(cut, mention)
    sentence = span_at(cut.sentences, mention.start)
    nearest = next((o.start for o in others.behind if o.start >= mention.end), None)
    beyond = others.beyond[0].start if others.beyond else mention.start
    end = min(clause.end, mention.end + REACH)
    # Beyond another name the words are about that one, unless both stand together (A和B被罚).
    after = text[mention.end : min(end, nearest) if nearest and nearest - mention.end > 1 else end]
    before = text[max(clause.start, mention.start - REACH) : mention.start]
    behind = text[mention.end : min(sentence.end, mention.end + SIGHT)]
    roles = set(_roles_after(after))
    if before.endswith("向") and "accuses" in roles:
        # "消费者向甲索赔": the verb behind is done to the host.
        roles = roles - {"accuses"} | {"accused"}
    roles |= _roles_before(before)
    if "object" in roles and _OF_THE_OTHER.match(after):
        roles.discard("speaks")
    if nearest and nearest < mention.end + 24:
        roles |= {f"{role}_host" for role in roles & {"accuses", "speaks", "answers"}}
    roles |= _roles_beside(text, mention, others.before, clause)
    listed = _LISTED.match(behind)
    if listed and patterns["accused"].search(listed["fate"]):
        roles.add("listed_accused")
    pays = mention.end <= beyond < clause.end and not _NO_PAYER.search(before)
    if pays and _pays(text[mention.end : min(clause.end, mention.end + SIGHT)]):
        roles.add("pays")
    # What one host says against, pays for or says of another is about the other.
    charged = cut.charges.within(mention.end, mention.end + len(behind))
    if charged and not roles & {"accuses", "answers_host", "speaks_host", "pays"}:
        roles.add("sentence_accused")
    if not roles - {"sentence_accused", "later"}:
        roles.add("bare")
    return roles


@lru_cache(KEPT)
def _roles_after(after: str) -> frozenset[str]:
    """Roles told by the words behind a mention."""
    patterns = _cues().words
    roles: set[str] = set()
    ends = len(after)
    verb = patterns["accuses"].search(after)
    if verb:
        # 被H质疑's passive, or a noun: H的假货质疑 at the end, H的退款投诉量.
        rest = after[verb.end() :]
        noun = verb.start() > 0 and (rest.startswith("量") or not rest.strip(_MARKS))
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
    return frozenset(roles)


def _pays(behind: str) -> bool:
    """True if the bearer of a name pays of himself: 甲向乙的消费者赔付, not 甲被判赔付, 甲家买的退款无门."""
    paying = _PAYING.search(behind)
    if paying is None or _HELD_BACK.search(behind, paying.end()):
        return False
    said = behind[: paying.start()]
    bought = _BOUGHT.search(said)
    if bought and not _FOR.search(said[: bought.start()]):
        return False
    return not _MADE_TO.search(said) and not _cues().words["accused"].search(said)


@lru_cache(KEPT)
def _roles_before(before: str) -> frozenset[str]:
    """Roles told by the words in front of a mention: object of an accusation, of slander."""
    patterns = _cues().words
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
    return frozenset(roles)


def _roles_beside(text: str, mention: Mention, before: Sequence[Mention], clause: Span) -> set[str]:
    """Role told by another host in front in the same clause."""
    for other in reversed(before):
        if other.start < clause.start:
            break
        if other.end <= mention.start:
            between = text[other.end : mention.start]
            told = (name for role, name in _BY_HOST if _cues().words[role].search(between))
            return {name for name in [next(told, "together" if len(between) <= 1 else "")] if name}
    return set()
