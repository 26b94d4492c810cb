"""Content words of a text, for clouds and for comparing groups of texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fengping.analysis.hosts import REGISTRY
from fengping.toml import Strict, load_toml

TOP = 12
"""Words kept of one text."""
READ = 20_000
"""Characters read of one text; what comes later adds no new subject."""

# Nouns and names, verbs, adjectives, idioms and set phrases, abbreviations, Latin words, in jieba's tags.
_CONTENT = frozenset(("n", "nr", "nrt", "ns", "nt", "nz", "v", "vn", "a", "an", "i", "l", "j", "eng"))
# Links, account names, the bracketed names of emoticons and halves of surrogate pairs are no words.
_NOISE = re.compile(
    r"[\ud800-\udfff]|https?://[\w./?=&%#~+:-]*|@[\w·-]{1,30}|\[[^\[\]\s]{1,8}\]|O?网页链接|展开全文|全文$"
)


class KeywordFile(Strict):
    """``keywords.toml``."""

    version: int
    trade: tuple[str, ...]
    stop: frozenset[str]


class KeywordFinder:
    """A dictionary that knows the trade's words and the names of hosts. Safe to share between threads."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        import rjieba  # reads its dictionary, a tenth of a second

        file = load_toml(KeywordFile, REGISTRY / "keywords.toml")
        self.version = f"keywords-{file.version}"
        self._stop = file.stop
        self._jieba = rjieba.Jieba()
        # In a fixed order: each gets a frequency just high enough not to be cut, given those before it.
        for word in dict.fromkeys((*file.trade, *(name for name in names if len(name) > 1))):
            self._jieba.add_word(word, None, "nz")

    def find(self, content: str) -> tuple[str, ...]:
        """The :data:`TOP` content words of *content* by frequency × length, then by place."""
        weights: dict[str, int] = {}
        for word, tag in self._jieba.tag(_NOISE.sub(" ", content[:READ])):
            size = len(word)
            if size > 1 and tag in _CONTENT and (word.lower() if tag == "eng" else word) not in self._stop:
                weights[word] = weights.get(word, 0) + size
        return tuple(sorted(weights, key=weights.__getitem__, reverse=True)[:TOP])
