"""Words that tell what a peak is about: in more of its documents than usual, and of the matter itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import ceil

from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search import Expression, Or, Term
from fengping.services.trends.shares import Share
from fengping.services.trends.spans import repeated_spans, whole
from fengping.services.trends.summits import AROUND, chance
from fengping.services.trends.words import Word, rise

_FILLED, _FILLED_LARGE, _DOZENS = 0.15, 0.1, 4
"""Shares of a small and of a large peak from which a story is told of it, and documents of a large one."""
_WORDS = 8
_SURE = 3.0
"""Standard errors by which a word's share must rise; chance raises a word so in one of a dozen peaks."""
LIFT = 1.5
"""Least rise of a word's share over that in the question's own documents."""
_CHANCE, _OWN_CHANCE, _UNHEADED_CHANCE = 5e-5, 1e-2, 1e-6
"""Probabilities under which so many documents of a peak hold a word by chance.

Drawn from all around, of which some hundred words are tried; from the question's own, which are few; and
from all around where texts share it and no headline holds it, as manners of speaking go ("Mr")."""
_SHARED, _SHARED_FROM, _SHARED_CHANCE = 3, 0.25, (1e-3, 1e-2)
"""Words told that a question's documents share, of how many, and the probability that chance did it.

A word of half of the documents says what they are about though others tell of it as well."""
_SAMPLE = 100
"""Documents of a peak, the oldest, that are asked whether they have headlines."""
_IMPLIED = 0.8
"""Share of all that a question ever selects from which a word only repeats the question."""
_NEARLY = 0.9
"""Share of a peak from which a word that holds what the question asks for tells more than the question."""
_UNHEADED = 0.1
"""Weight of a word that no headline holds."""
_PRIOR = 10
"""Documents that all those around weigh beside the question's own in a word's usual share."""
_EVEN = 30
"""Documents of both sides that weigh beside those of one side."""
_COUNTED = 5_000
_TRIED = 24
"""Words that are counted as text, those with the most documents beyond their usual share."""
_READ = 500
"""Documents up to which the texts of a peak are read for its words."""
_TELLING = frozenset((
    "回应", "宣布", "表示", "发布", "发文", "发声", "通报", "报道", "反映", "关注", "曝光", "网友", "记者",
    "媒体", "事件", "消息", "视频", "官方", "专家", "当事人", "男子", "女子", "男生", "女生", "现场", "情况",
    "问题", "原因", "影响", "引发", "评论", "建议",
))  # fmt: skip
"""Words for the telling itself and for whom headlines do not name, which say nothing of the matter."""


@dataclass(frozen=True, slots=True)
class Windows:
    """A peak and what it is compared with."""

    inside: Filter
    n: int
    sides: Sequence[Filter]
    """The question's two weeks before and after."""
    sizes: Sequence[int]
    every: Sequence[Filter]
    """All documents of these weeks."""
    sizes_every: Sequence[int]
    rest: Sequence[Filter]
    """All that the question selects, but for the peak."""
    n_rest: int
    headlines: bool
    """Some documents of the peak have one."""

    @property
    def n_every(self) -> int:
        return sum(self.sizes_every)

    @property
    def selects(self) -> bool:
        """Say whether the question is of some documents only."""
        return self.n_every > sum(self.sizes)

    @property
    def asked(self) -> list[str]:
        """Values of exact fields that the question asks for."""
        return [value for found in self.inside.where.values() for value in found]


def least_told(n: int) -> int:
    """Documents from which a story of a peak of *n* is told: 15 % of a small peak, 10 % of one of dozens."""
    return max(2, ceil(min(_FILLED * n, max(_DOZENS, _FILLED_LARGE * n))))


def telling_words(store: Store, windows: Windows) -> list[Word]:
    """Words that stand in more of the peak's documents than usual, those that fill and tell most first.

    Counted as ``search`` finds them. Usual is the side of the peak on which a word is rarer, as an affair
    goes on after its first peak and lies before its last. A question that selects asks more of a word: to
    stand out of all documents of both sides, and not to be what the question itself says. In a peak of a few
    documents that also rules out common words that two or three unrelated ones happen to share. Words of
    headlines come before those of texts alone.
    """
    weighed = [_weighed(store, windows, word) for word in _candidates(store, windows)]
    sure = [one for one in weighed if one is not None]
    found: list[Word] = []
    for _, one in sorted(sure, key=lambda one: (-one[0], -len(one[1].word), one[1].word)):
        if not any(alike(one.word, other.word) for other in found):
            found.append(one)
    return found[:_WORDS]


def alike(one: str, other: str) -> bool:
    """Say whether one word holds the other, in whatever case."""
    one, other = one.casefold(), other.casefold()
    return one in other or other in one


def shared_words(store: Store, windows: Windows, told: Sequence[str]) -> list[tuple[str, int]]:
    """Words that the peak's documents share and other questions' do not, with their documents, most first.

    They say what a question is about at that time, also where its affair fills the weeks around as well.
    Words of *told* are left out.
    """
    inside, n = windows.inside, windows.n
    others = windows.n_every - sum(windows.sizes)
    found: list[tuple[str, int]] = []
    for word in _candidates(store, windows):
        held = any_of([word])
        now = holding(store, [inside], held)
        beside = holding(store, windows.every, held) - holding(store, windows.sides, held)
        sure = _SHARED_CHANCE[now >= windows.n / 2]
        if now < max(2, _SHARED_FROM * n) or chance(now, n * (beside + 0.5) / (others + _PRIOR)) > sure:
            continue
        if not any(alike(word, other) for other in (*told, *(one for one, _ in found))):
            found.append((word, now))
    return sorted(found, key=lambda one: (-one[1], -len(one[0]), one[0]))[:_SHARED]


def holding(store: Store, windows: Sequence[Filter], wanted: Expression) -> int:
    """Documents of *windows* that *wanted* selects."""
    return sum(store.count(one.holding(wanted)) for one in windows)


def any_of(words: Sequence[str], field: str | None = None) -> Expression:
    """Documents with one of *words* in the title or text, or in *field* of the two."""
    terms = tuple(Term(word, field) for word in words)
    return terms[0] if len(terms) == 1 else Or(terms)


def windows_of(store: Store, where: Filter, inside: Filter, n: int) -> Windows:
    assert inside.since and inside.until
    begin, end = inside.since - AROUND, inside.until + AROUND
    since = max(begin, where.since) if where.since else begin
    until = min(end, where.until) if where.until else end

    def beside(one: Filter) -> list[Filter]:
        both = [replace(one, until=inside.since), replace(one, since=inside.until)]
        return [side for side in both if not (side.since and side.until) or side.since < side.until]

    sides = beside(replace(where, since=since, until=until))
    every, rest = beside(Filter(since=since, until=until)), beside(where)
    return Windows(
        inside, n, sides, [store.count(one) for one in sides],
        every, [store.count(one) for one in every], rest, sum(store.count(one) for one in rest),
        any(one.raw.title for one in store.search(inside, limit=_SAMPLE, sort=Sort.OLDEST).documents),
    )  # fmt: skip


def _weighed(store: Store, windows: Windows, word: str) -> tuple[float, Word] | None:
    """*word* with its weight; ``None`` where it does not tell. Cheap questions come first."""
    inside, n, held = windows.inside, windows.n, any_of([word])
    now = holding(store, [inside], held)
    if now < least_told(n):
        return None
    around = [holding(store, [one], held) for one in windows.every]
    common = sum(around)
    if windows.selects and rise(now, n, common, windows.n_every) < _SURE:
        return None
    prior = _PRIOR * common / max(1, windows.n_every)
    own = [holding(store, [one], held) for one in windows.sides] if windows.selects else around
    usual = zip(own, windows.sizes, strict=True)
    before, size = min(usual, key=lambda one: (one[0] + prior) / (one[1] + _PRIOR), default=(0, 0))
    share = (before + prior) / (size + _PRIOR)
    if windows.selects:
        before, size = common, windows.n_every
    z = rise(now, n, before, size)
    if z < _SURE or now < LIFT * share * n:
        return None
    # Both sides weigh on each other, as one may hold few documents; half a document keeps a word that is
    # nowhere around from being sure.
    spread = min(
        (
            (count + 0.5 + _EVEN * common / windows.n_every) / (size + _EVEN)
            for count, size in zip(around, windows.sizes_every, strict=True)
            if windows.n_every
        ),
        default=1.0,
    )
    headed = holding(store, [inside], any_of([word], "title")) / now
    least = _UNHEADED_CHANCE if windows.headlines and not headed else _CHANCE
    if chance(now, n * spread) > least or chance(now, n * share) > _OWN_CHANCE:
        return None
    if windows.selects and holding(store, windows.rest, held) >= _IMPLIED * windows.n_rest:
        return None
    weight = z * (now - share * n) * max(_UNHEADED, headed)
    return weight, Word(word, Share(now, n), Share(before, size), z)


def _candidates(store: Store, windows: Windows) -> list[str]:
    """Words with the most documents beyond their usual share.

    Keywords are cut differently from sentence to sentence (a name with or without the verb before it), so the
    documents of a small peak are read for each, and their headlines for what none of them was cut to.
    """
    inside, n = windows.inside, windows.n
    counts = dict(store.terms(inside, "keywords", limit=_COUNTED))
    least = least_told(n)
    if n <= _READ:
        counts = _read(store, windows, set(counts), least)
    usual = [
        (dict(store.terms(one, "keywords", limit=_COUNTED)), size + _PRIOR)
        for one, size in zip(windows.sides, windows.sizes, strict=True)
    ]

    def excess(word: str) -> float:
        return counts[word] - n * min((found.get(word, 0) / size for found, size in usual), default=0.0)

    def asked(word: str) -> bool:
        return any(word in value for value in windows.asked)

    likely = [
        word
        for word, count in counts.items()
        if count >= least and word not in _TELLING and not asked(word) and excess(word) > 0
    ]
    return sorted(likely, key=lambda word: (-excess(word), word))[:_TRIED]


def _read(store: Store, windows: Windows, keywords: Collection[str], least: int) -> dict[str, int]:
    """Documents of the peak with each of *keywords*, and with what recurs in their headlines.

    What the question asks for is left away first, so that no part of it with a part of its neighbour counts.
    A longer word with it counts where nearly all documents hold it ("power bank" where "power" is asked for).
    """
    rows = list(store.columns(windows.inside, ["title", "text"]))
    texts = [f"{title}\n{text}" for title, text in rows]
    left = texts
    for value in windows.asked:
        left = [text.replace(value, "\n") for text in left]
    spans = repeated_spans([title for title, _ in rows if title], least)

    def held(word: str) -> int:
        longer = any(value in word for value in windows.asked)
        count = sum(word in text for text in (texts if longer else left))
        return 0 if longer and count < _NEARLY * windows.n else count

    counts = {
        word: count for word in keywords if word not in windows.asked and (count := held(word)) >= least
    }
    for span in spans:
        count = held(span)
        # A span in the same documents as a word of it is that word with what its sentences repeat.
        if count >= least and not any(word in span and counts[word] == count for word in counts):
            counts[span] = count
    grown = {whole(word, left) for word in counts}
    return {word: sum(word in text for text in texts) for word in grown}
