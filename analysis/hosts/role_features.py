"""Features of a host or brand named in a text: the cues around its mentions, and the characters there.

Cue words by role stand in ``registry/targets.toml``. :func:`features` gives named features, each with the
mention that gave it; :func:`runs` the runs of characters on either side of the name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from fengping.analysis.hosts.entries import Kind
from fengping.analysis.hosts.registry import REGISTRY
from fengping.analysis.mentions import Mention, Scan
from fengping.analysis.text.sentences import Places, Span, clauses, sentences, span_at
from fengping.toml import Strict, load_toml

REACH = 16
"""Characters behind a mention in which its verb is looked for."""
SIGHT = 400
"""Characters of its sentence behind a mention that are looked at: a text without full stops stays cheap."""
NEIGHBOURS = 40
"""Mentions on either side that one mention is weighed against."""
MENTIONS = 4
"""Mentions of a name around which runs of characters are read."""
BEFORE, BEHIND = 10, 16
"""Characters on either side of a mention whose runs are read."""
BARE = 34
"""A text shorter than this is a title without a lead."""

_MARKS = " “”\"'「」『』@#，,。！!？?：:、"
_PASSIVE = re.compile("被|遭|受到|让")
_BY_HOST = (("accuses", "accused_by_host"), ("speaks", "spoken_of"), ("answers", "answered_by"))
_BESIDE = re.compile("(?:与|对|和|给|向|替|为|同|跟)$")
_END = re.compile("[。！？；\n]")
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
    return _Cues(words, before, {name: re.compile(pattern) for name, pattern in file.behind.items()})


def features(scan: Scan, kind: Kind, places: Places) -> dict[str, dict[str, Mention]]:
    """For each host (or brand) the features that hold, each with the first mention that gave it.

    *places*: where the words that tell acts stand.
    """
    mentions = scan.of(kind)
    if not mentions:
        return {}
    text = scan.folded
    cut = _Cut(text, clauses(text), sentences(text))
    lead = cut.lead_end()
    found: dict[str, dict[str, Mention]] = {}
    names = {mention.name for mention in mentions}
    both = [m for m in scan.mentions if m.kind in (Kind.HOST, Kind.BRAND)]
    for number, mention in enumerate(mentions):
        mine = found.setdefault(mention.name, {"bias": mention})
        around = mentions[max(0, number - NEIGHBOURS) : number + NEIGHBOURS + 1]
        others = [m for m in around if m.name != mention.name]
        part = "lead" if mention.start < lead else "rest"
        # Sorted, so that sums and evidence come out the same in every process.
        for role in sorted(_roles(cut, mention, others, _next_name(both, mention))):
            mine.setdefault(f"{part}:{role}", mention)
        for role in _beside(text, mention, places):
            mine.setdefault(role, mention)
        if len(names) > 1:
            mine.setdefault("others", mention)
            if number == 0 and others and others[0].start > mention.start:
                mine.setdefault("first", mention)
    of_text = _of_text(scan)
    for name, mine in found.items():
        first = mine["bias"]
        if not any(feature.startswith("lead:") for feature in mine):
            mine["not_lead"] = first
        count = sum(m.name == name for m in mentions[: 4 * NEIGHBOURS])
        for feature in (*of_text, f"at{min(4, first.start // 10)}", f"times{min(3, count)}"):
            mine.setdefault(feature, first)
        if first.start <= 1:
            mine["opens"] = first
    return found


def runs(scan: Scan, name: str) -> set[str]:
    """Runs of one to three characters around the mentions of *name*, names themselves left out."""
    parts, last = [], 0
    for mention in scan.mentions:
        if mention.kind in (Kind.HOST, Kind.BRAND) and mention.start >= last:
            mark = "\x01" if mention.name == name else "\x02" if mention.kind is Kind.HOST else "\x03"
            parts += [scan.folded[last : mention.start], mark]
            last = mention.end
    text = "".join([*parts, scan.folded[last:]])
    found: set[str] = set()
    at = text.find("\x01")
    for _ in range(MENTIONS):
        if at < 0:
            break
        before = _END.split(text[max(0, at - BEFORE) : at])[-1]
        behind = _END.split(text[at + 1 : at + 1 + BEHIND])[0]
        for side, part in (("b", before), ("a", behind)):
            found.update(
                side + part[start : start + size]
                for size in (1, 2, 3)
                for start in range(len(part) - size + 1)
            )
        found |= {"B" + before[-1:], "B" + before[-2:], "A" + behind[:1], "A" + behind[:2]}
        at = text.find("\x01", at + 1)
    # The title or first sentence as a whole: what the text is about.
    lead = _END.split(text)[0][:40]
    found.update("t" + lead[start : start + size] for size in (2, 3) for start in range(len(lead) - size + 1))
    return found


def _of_text(scan: Scan) -> list[str]:
    """Features that all names of a text share."""
    brands = len(dict.fromkeys(scan.brands))
    found = [f"brands{min(4, brands)}", f"hosts{min(3, len(scan.hosts))}"]
    if len(scan.folded) < BARE:
        found.append("bare")
    return found


def _beside(text: str, mention: Mention, places: Places) -> list[str]:
    """Features of the words right in front of a mention and right behind."""
    reach = max(0, mention.start - 14)
    start = max(reach, *(text.rfind(mark, reach, mention.start) + 1 for mark in "。！？\n；#"))
    before, behind = text[start : mention.start], _END.split(text[mention.end : mention.end + 22])[0]
    end = mention.end + len(behind)
    cues = _cues()
    return [
        *(
            f"word before:{n}"
            for n, of in places.items()
            if any(start <= s.start < mention.start for s in of)
        ),
        *(f"word behind:{n}" for n, of in places.items() if any(mention.end <= s.start < end for s in of)),
        *(f"before:{name}" for name, pattern in cues.before.items() if pattern.search(before)),
        *(f"behind:{name}" for name, pattern in cues.behind.items() if pattern.match(behind)),
    ]


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


def _next_name(mentions: Sequence[Mention], mention: Mention) -> int:
    """Start of the next host or brand of another name; the start of *mention* where none follows."""
    at = bisect_left(mentions, mention.end, key=lambda m: m.start)
    following = (m.start for m in mentions[at : at + NEIGHBOURS] if m.name != mention.name)
    return next(following, mention.start)


def _roles(cut: _Cut, mention: Mention, others: Sequence[Mention], beyond: int) -> set[str]:
    """Roles of one mention; *beyond*: where the next other name stands, be it host or brand."""
    patterns = _cues().words
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
    if "object" in roles and _OF_THE_OTHER.match(after):
        roles.discard("speaks")
    roles |= _roles_beside(text, mention, others, clause, roles)
    listed = _LISTED.match(behind)
    if listed and patterns["accused"].search(listed["fate"]):
        roles.add("listed_accused")
    pays = mention.end <= beyond < clause.end and not _NO_PAYER.search(before)
    if pays and _pays(text[mention.end : clause.end]):
        roles.add("pays")
    # What one host says against, pays for or says of another is about the other.
    if not roles & {"accuses", "answers_host", "speaks_host", "pays"} and patterns["accused"].search(behind):
        roles.add("sentence_accused")
    if not roles - {"sentence_accused", "later"}:
        roles.add("bare")
    return roles


def _roles_after(after: str) -> set[str]:
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
    return roles


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


def _roles_before(before: str) -> set[str]:
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
    return roles


def _roles_beside(
    text: str, mention: Mention, others: Sequence[Mention], clause: Span, known: set[str]
) -> set[str]:
    """Roles told by another host in the same clause or just behind."""
    patterns = _cues().words
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
