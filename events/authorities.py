"""Authorities in texts: the name by which a text calls one, what it states itself, who speaks in a title."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from fengping.analysis.hosts import load_names
from fengping.events.answers.said import sentences
from fengping.events.authority_words import AUTHORITY
from fengping.events.matching.places import begins_with_place
from fengping.models import Act, Document, Polarity

_PLACED = 16
"""Characters before an authority among which its place is looked for."""
_RUN = re.compile("(?:(?<=[0-9])[年月日])?([一-鿿]+)$")
_AHEAD = re.compile(
    "来自|联系(?:上(?![海饶虞]))?|联合|采访|走访|咨询|致电|[从由在对向的被与和经据到将称说该给让悉]|记者|随后|近日|当地|[目日此]前|近期|[昨今当]日"
)
"""Words between which and the authority its place stands."""
_DISTRICT = re.compile("[省市县区州旗镇]$")
_OWN_DESK = re.compile(
    "[一-鿿]{2,4}?(?:分局|支队|大队|总队)|网安局|网络安全保卫局|(?:第[一二三四五六七八九])?稽查局"
)
"""The desk of an authority, named right behind it."""

_PUBLISHED = re.compile("[^，。；]{0,4}?(?:报道|(?:公布|发布|通报|披露)[^，。；]{0,12}案例)")
_ACTED = re.compile(
    "[^，。；]{0,12}?(?:依法|[对将][^，。；]{1,16}?(?:作出|做出|处|罚|立案|拘|开展)|责令|立案|查处|破获|侦破|抓获|处以|没收|追缴|约谈)"
)
_PUBLISHES, _SPEAKS, _ACTS = range(3)
"""Parts that an authority plays in a text, the weakest first."""

_KINDS = (
    ("警方", "警方|公安|(?<!前)民警|派出所|网警"),
    ("消协组织", "消保委|消委会|消协|消费者协会|消费者权益保护委员会"),
    ("监管部门", "市场?监|监管(?:局|部门|总局)|农牧局|农业农村局|网信办|税务|药监局|卫健委|文旅局"),
)
_WHO = "|".join(f"(?P<k{at}>{words})" for at, (_, words) in enumerate(_KINDS))
_STATES = re.compile(
    rf"(?:{_WHO})[^，。；：！？“”]{{0,18}}?(?P<verb>通报|公布|发布|披露|证实|认定|查明|(?<=[方安警所委会协局])调查|介绍|表示|告诉|告知|(?<![职简])称)"
    r"|(?P<learnt>(?:从|向)[^，。；：！？]{0,14}(?:了解到|获悉))"
)
_OPEN = re.compile(
    "[未没无不][^，。；]{0,4}(?:接到|清楚|掌握|发现|受理|涉)|[接收]到[^，。；]{0,6}(?:举报|投诉|报警|报案)|正在(?:进一步)?(?:调查|核实|了解|核查|处理)|不实|谣|将(?:会|依法)?(?:调查|核实|核查)"
)
"""In a sentence by which an authority states nothing of the charge."""
_SORRY = re.compile("致歉|道歉")
_STATED = {"通报": "已通报", "公布": "已通报", "发布": "已通报", "披露": "已通报", "调查": "已调查"}
_FOUND = frozenset({"证实", "认定", "查明"})
_TOLD = "已介绍情况"
_STRENGTH = ("已认定", "已通报", "已调查", _TOLD)
_HEADED = re.compile(
    rf"^[#【\s]*(?:{AUTHORITY.pattern}|官方|当地)[^，。；：！？]{{0,6}}?(?:回应|通报|辟谣|答复)"
)
_LAST = re.compile(rf"(?:{AUTHORITY.pattern}|官方|当地)(?:再次?)?(?:回应|通报|辟谣|答复)$")


_IN_TITLE = re.compile(rf"{AUTHORITY.pattern}(?:正|已)?(?:督促|介入|立案|查处|调查|责令|约谈)")
_FIRST = re.compile(rf"{AUTHORITY.pattern}[^，。；：！？“”]{{0,16}}?(?:回应|表示|告诉|称|介绍|通报)")
_ANSWERS = re.compile("回应|致歉|道歉|否认|声明|发声|客服")


def called_of(document: Document, names: Iterable[str]) -> tuple[str, ...]:
    """:func:`called` of each of *names*; one within another (国家税务总局上海市税务局) is left out."""
    told = tuple(called(document, name) for name in names)
    return tuple(one for one in told if not any(one != other and one in other for other in told))


def called(document: Document, name: str) -> str:
    """The authority *name* of the registry as *document* calls it, where it says of which place or desk;
    else by that name. Of several the one that acts, and not who publishes what others did, comes first."""
    content = document.raw.content
    marks = (mark for mark in document.judgement.evidence if mark.label == f"regulator:{name}")
    words = {name, *_aliases().get(name, ()), *(content[mark.start : mark.end] for mark in marks)}
    words |= {"公安"} if name == "公安机关" else set()
    found = {
        (_role(content[at + len(alias) :]), _named(content, at, alias))
        for alias in words - {""}  # a mark that lies beyond the text
        for at in _places(content, alias)
    }
    role, told = max(
        sorted(one for one in found if one[1]), key=lambda one: (one[0], len(one[1])), default=(_SPEAKS, name)
    )
    told = re.sub("民警$", "警方", told)
    return f"{told}（发布）" if role == _PUBLISHES else told


def heads(title: str) -> bool:
    """True for a *title* in which an authority answers, notifies or refutes (``某市警方回应``)."""
    return any(_HEADED.search(line) or _LAST.search(line) for line in sentences(title))


def answers_itself(document: Document) -> bool:
    """True for a text judged an answer that is an authority's, and not the accused's: its title says that one
    answers or has taken the matter up, or an authority alone speaks in the first sentence."""
    title, text = document.raw.title, document.raw.text
    if heads(title) or _IN_TITLE.search(title):
        return True
    first = next(iter(sentences(text)), "")
    return not _ANSWERS.search(title) and _FIRST.search(first) is not None


def brings_charge(document: Document, *, refuted: bool) -> bool:
    """True for a negative that tells a charge. Where an authority *refuted* it, its notice tells none, and
    its answer does."""
    judged = document.judgement
    if judged.polarity is not Polarity.NEG or judged.act is Act.RULE:
        return False
    if judged.act is Act.RESPONSE:
        return refuted and answers_itself(document)
    return not (refuted and heads(document.raw.title))


def stated(document: Document) -> str:
    """The words for what an authority itself states in *document*: 警方已通报, 消协组织已介绍情况; empty
    where none states anything of a charge.

    An answer that it looks into the matter, or knows nothing of it, states none, nor does an apology.
    """
    if not document.judgement.regulators or _SORRY.search(document.raw.title):
        return ""
    lines = (line for line in sentences(document.raw.content) if not _OPEN.search(line))
    found = [word for line in lines for word in _words(line)]
    return min(found, key=strength, default="")


def strength(word: str) -> int:
    """The rank of a word of :func:`stated`, the strongest first."""
    return next(rank for rank, one in enumerate(_STRENGTH) if word.endswith(one))


def is_only_told(word: str) -> bool:
    """True for a *word* of :func:`stated` by which an authority tells of a matter, and finds nothing."""
    return word.endswith(_TOLD)


def _words(line: str) -> Iterator[str]:
    for told in _STATES.finditer(line):
        if told["learnt"]:
            who, verb = next(_kinds(told["learnt"]), ""), ""
        else:
            who, verb = next(kind for at, (kind, _) in enumerate(_KINDS) if told[f"k{at}"]), told["verb"]
        if who:
            done = "已认定" if verb in _FOUND else _STATED.get(verb)
            yield f"{who}{done or _TOLD}"


def _kinds(text: str) -> Iterator[str]:
    return (kind for kind, words in _KINDS if re.search(words, text))


@functools.cache
def _aliases() -> dict[str, tuple[str, ...]]:
    """Names of authorities that the registry is sure of."""
    return {one.name: one.sure() for one in load_names("regulators.toml").name}


@functools.cache
def desks() -> frozenset[str]:
    """Names of the registry of regulators that take complaints and do nothing themselves."""
    return frozenset(one.name for one in load_names("regulators.toml").name if one.desk)


def regulators_of(document: Document) -> tuple[str, ...]:
    """Authorities that *document* names, without desks for complaints and television shows."""
    return tuple(name for name in document.judgement.regulators if name not in desks())


def _places(content: str, alias: str) -> Iterator[int]:
    at = content.find(alias)
    while at >= 0:
        yield at
        at = content.find(alias, at + len(alias))


def _role(after: str) -> int:
    """The part that an authority plays by what the text tells *after* its name."""
    if _PUBLISHED.match(after):
        return _PUBLISHES
    return _ACTS if _ACTED.match(after) else _SPEAKS


def _named(content: str, at: int, alias: str) -> str:
    """*alias* with its place and its desk; empty where the text tells neither."""
    before, end = _place(content[:at]), at + len(alias)
    desk = _OWN_DESK.match(content, end)
    return f"{before}{alias}{desk[0] if desk else ''}" if before or desk else ""


def _place(before: str) -> str:
    """The place that *before* ends with, as 江城市云溪区, or several, as 江城、云溪; nothing where it ends
    with none."""
    run = _RUN.search(before[-_PLACED:])
    found = _AHEAD.split(run[1])[-1] if run else ""
    told = (len(found) > 2 and _DISTRICT.search(found)) or (len(found) < 9 and begins_with_place(found))
    if not told:
        return ""
    ahead = before[: len(before) - len(found)]
    others = _place(ahead[:-1]) if ahead.endswith("、") else ""
    return f"{others}、{found}" if others else found
