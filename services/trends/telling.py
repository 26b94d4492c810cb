"""Words that tell what a peak is about: in more of its documents than usual, and of the matter itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fengping.indexer import Filter, Store
from fengping.indexer.search.query.tree import And, Or, Term
from fengping.services.trends.shares import Share
from fengping.services.trends.summits import AROUND
from fengping.services.trends.words import Word, rise

STORY = 0.15
"""Share of a peak from which an event, repost group, campaign or word explains it."""
_WORDS = 8
_SURE = 3.0
"""Standard errors by which a word's share must rise; chance raises a word so in one of a dozen peaks."""
_LIFT = 1.5
"""Least rise of a word's share over that in the question's own documents."""
_IMPLIED = 0.8
"""Share of all that a question ever selects from which a word only repeats the question."""
_UNHEADED = 0.1
"""Weight of a word that no headline holds."""
_PRIOR = 10
"""Documents that all those around weigh beside the question's own in a word's usual share."""
_COUNTED = 5_000
_TRIED = 24
"""Words that are counted as text, those with the most documents beyond their usual share."""
_READ = 500
"""Documents up to which the texts of a peak are read for its words."""
_TELLING = frozenset((
    "回应", "宣布", "表示", "发布", "发文", "发声", "通报", "报道", "反映", "关注", "曝光", "网友", "记者",
    "媒体", "事件", "消息", "视频",
))  # fmt: skip
"""Words for the telling itself, which say nothing of the matter."""


@dataclass(frozen=True, slots=True)
class _Windows:
    """A peak and what it is compared with."""

    inside: Filter
    n: int
    sides: Sequence[Filter]
    """The question's two weeks before and after."""
    sizes: Sequence[int]
    every: Sequence[Filter]
    """All documents of these weeks."""
    n_every: int
    rest: Sequence[Filter]
    """All that the question selects, but for the peak."""
    n_rest: int

    @property
    def selects(self) -> bool:
        """Say whether the question is of some documents only."""
        return self.n_every > sum(self.sizes)


def telling_words(store: Store, where: Filter, inside: Filter, n: int) -> list[Word]:
    """Words that stand in more of the peak's documents than usual, those that fill and tell most first.

    Counted as ``search`` finds them. Usual is the side of the peak on which a word is rarer, as an affair
    goes on after its first peak and lies before its last. A question that selects asks more of a word: to
    stand out of all documents of both sides, and not to be what the question itself says. Words of headlines
    come before those of texts alone.
    """
    windows = _windows(store, where, inside, n)
    weighed = [_weighed(store, windows, word) for word in _candidates(store, windows)]
    sure = [one for one in weighed if one is not None]
    found: list[Word] = []
    for _, one in sorted(sure, key=lambda one: (-one[0], one[1].word)):
        if not any(one.word in other.word or other.word in one.word for other in found):
            found.append(one)
    return found[:_WORDS]


def holding(store: Store, windows: Sequence[Filter], *words: str) -> int:
    """Documents with one of *words* in title or text; all where none is given."""
    return sum(store.count(with_words(one, *words)) for one in windows)


def with_words(where: Filter, *words: str, field: str | None = None) -> Filter:
    """*where* with one of *words*, in the title or text or in *field* of the two."""
    if not words:
        return where
    terms = tuple(Term(word, field) for word in words)
    either = terms[0] if len(terms) == 1 else Or(terms)
    return replace(where, text=either if where.text is None else And((where.text, either)))


def _windows(store: Store, where: Filter, inside: Filter, n: int) -> _Windows:
    assert inside.since and inside.until
    begin, end = inside.since - AROUND, inside.until + AROUND
    since = max(begin, where.since) if where.since else begin
    until = min(end, where.until) if where.until else end

    def beside(one: Filter) -> list[Filter]:
        both = [replace(one, until=inside.since), replace(one, since=inside.until)]
        return [side for side in both if not (side.since and side.until) or side.since < side.until]

    sides = beside(replace(where, since=since, until=until))
    every, rest = beside(Filter(since=since, until=until)), beside(where)
    return _Windows(
        inside, n, sides, [store.count(one) for one in sides],
        every, holding(store, every), rest, holding(store, rest),
    )  # fmt: skip


def _weighed(store: Store, windows: _Windows, word: str) -> tuple[float, Word] | None:
    """*word* with its weight; ``None`` where it does not tell. Cheap questions come first."""
    inside, n = windows.inside, windows.n
    now = holding(store, [inside], word)
    common = holding(store, windows.every, word)
    if now < max(2, STORY * n) or (windows.selects and rise(now, n, common, windows.n_every) < _SURE):
        return None
    prior = _PRIOR * common / max(1, windows.n_every)
    usual = [
        (holding(store, [one], word), size) for one, size in zip(windows.sides, windows.sizes, strict=True)
    ]
    before, size = min(usual, key=lambda one: (one[0] + prior) / (one[1] + _PRIOR), default=(0, 0))
    share = (before + prior) / (size + _PRIOR)
    if windows.selects:
        before, size = common, windows.n_every
    z = rise(now, n, before, size)
    if z < _SURE or now < _LIFT * share * n:
        return None
    if windows.selects and holding(store, windows.rest, word) >= _IMPLIED * windows.n_rest:
        return None
    headed = store.count(with_words(inside, word, field="title")) / now
    weight = z * (now - share * n) * max(_UNHEADED, headed)
    return weight, Word(word, Share(now, n), Share(before, size), z)


def _candidates(store: Store, windows: _Windows) -> list[str]:
    """Words with the most documents beyond their usual share.

    Keywords are cut differently from sentence to sentence (a name with or without the verb before it), so the
    documents of a small peak are read for each.
    """
    inside, n = windows.inside, windows.n
    counts = dict(store.terms(inside, "keywords", limit=_COUNTED))
    if n <= _READ:
        texts = [f"{title}\n{text}" for title, text in store.columns(inside, ["title", "text"])]
        counts = {word: max(count, sum(word in text for text in texts)) for word, count in counts.items()}
    usual = [
        (dict(store.terms(one, "keywords", limit=_COUNTED)), size + _PRIOR)
        for one, size in zip(windows.sides, windows.sizes, strict=True)
    ]

    def excess(word: str) -> float:
        return counts[word] - n * min((found.get(word, 0) / size for found, size in usual), default=0.0)

    least = max(2, STORY * n)
    likely = [
        word for word, count in counts.items() if count >= least and word not in _TELLING and excess(word) > 0
    ]
    return sorted(likely, key=lambda word: (-excess(word), word))[:_TRIED]
