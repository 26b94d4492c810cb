"""Text normalisation for search, the same in every store: folded, then cut into tokens.

*Folding*: invisible characters removed, Unicode NFKC, lower case, every run of white space one space, and
no space where the script changes: ``在 618 大促`` = ``在618大促``, ``iPhone 15`` = ``iphone15``.

A Chinese (or Japanese, Korean) character, a punctuation mark and an emoji are one token each; the letters of
other scripts form whole words, and digits whole numbers. A space is a token too, except between two words or
two numbers, where nothing else could stand: so a phrase of tokens is a substring of the folded text that
begins and ends at whole words and numbers, and the other way round.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

# Han, kana, bopomofo, hangul and the marks that stand among them: one token a character.
_IDEOGRAPH = (
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W\d_{_IDEOGRAPH}]"

# Soft hyphen, zero-width and direction marks, variation selectors, byte order mark, tags: put between
# characters by editors, and by sellers who want a word not to be found.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef]"
)
# Controls, lone surrogates and private use carry no meaning either; they part words like a space.
SPACES = re.compile("[\\s\x00-\x1f\x7f-\xa0\ud800-\udfff\ue000-\uf8ff]+")
_SCRIPTS = (rf"[{_IDEOGRAPH}]", _LETTER, r"\d")
_SPACE_AT_SCRIPT_BORDER = re.compile(
    "|".join(rf"(?<={one}) (?={other})" for one in _SCRIPTS for other in _SCRIPTS if one != other)
)
_BETWEEN = rf"(?<={_LETTER}) (?={_LETTER})|(?<=\d) (?=\d)"
_SPACE_OUTSIDE_WORDS = re.compile(rf"(?!{_BETWEEN}) ")
_LONG_OR_SPACE = re.compile(rf"(?P<word>{_LETTER}{{2,}}|\d{{2,}})|(?P<between>{_BETWEEN})| ")
WHOLE = [(re.compile(kind), kind) for kind in (_LETTER, r"\d")]

# Never part of folded text.
SPACE_TOKEN = "\x7f"

FILLER = "\x7f\x7f"

MAX_WORD = 64
"""Longer words (hashes, encoded data) are indexed by their digest: Elasticsearch splits tokens over 255."""


_SHORT = 24
"""Characters of a text, such as a query's, for which no tables are loaded."""

# The full-width marks of ordinary Chinese text; without them most texts pass NFKC's quick check.
_COMMON_MARKS = [(mark, unicodedata.normalize("NFKC", mark)) for mark in "，：！？；（）"]


def fold(text: str) -> str:
    """*text* as it is compared."""
    if not text:  # as most titles
        return ""
    simple = None
    if len(text) > _SHORT:
        from fengping.indexer.search.text import tables as text_tables

        simple = text_tables.simplified(text)
    if simple is None:
        for mark, plain in _COMMON_MARKS:
            text = text.replace(mark, plain)
        simple = SPACES.sub(" ", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).lower())
    if " " not in simple:
        return simple
    return _SPACE_AT_SCRIPT_BORDER.sub("", SPACES.sub(" ", simple).strip())


def variants(text: str) -> tuple[str, ...]:
    """The folded forms of a query term: with its inner spaces, and without those outside words.

    So ``"刷单 炒信"`` finds ``刷单炒信`` and ``刷单 炒信``. Empty where *text* holds nothing to look for.
    """
    folded = fold(text)
    joined = _SPACE_OUTSIDE_WORDS.sub("", folded)
    return tuple(form for form in dict.fromkeys((folded, joined)) if form)


def pattern(form: str) -> str:
    """A regular expression that finds a folded *form* in folded text, words and numbers only as a whole."""
    before = "".join(rf"(?<!{kind})" for of_kind, kind in WHOLE if of_kind.match(form[0]))
    after = "".join(rf"(?!{kind})" for of_kind, kind in WHOLE if of_kind.match(form[-1]))
    return f"{before}{re.escape(form)}{after}"


def prefix_pattern(form: str) -> str:
    """A regular expression that finds whole words of letters that begin with a folded *form*.

    Words that are indexed by their digest are none of them.
    """
    return f"(?<!{_LETTER}){re.escape(form)}{_LETTER}{{0,{MAX_WORD - len(form)}}}(?!{_LETTER})"


def beginning_with(text: str) -> str:
    """An engine's regular expression of the tokens that :func:`prefix_pattern` finds.

    A token that begins with a letter is one word; only the digest of a longer one holds digits.
    """
    return f"{fold(text)}[^0-9]*"


def stream(folded: str) -> str:
    """The tokens of folded text, parted by single spaces, for an engine's whitespace tokenizer."""
    if len(folded) > _SHORT:
        from fengping.indexer.search.text import tables as text_tables

        if (parted := text_tables.parted(folded)) is not None:
            return parted
    return " ".join(_tokens(folded, aligned=False))


def aligned(folded: str) -> str:
    """The tokens of folded text like :func:`stream`, each at the place of its first character.

    A word's further characters are fillers and every space is a token, so that an engine counts characters.
    """
    return " ".join(_tokens(folded, aligned=True))


def _tokens(folded: str, *, aligned: bool) -> Iterator[str]:
    at = 0
    for match in _LONG_OR_SPACE.finditer(folded):
        start, end = match.span()
        yield from folded[at:start]
        if match["word"]:
            yield _token(match["word"])
            if aligned:
                yield from [FILLER] * (end - start - 1)
        elif aligned or not match["between"]:
            yield SPACE_TOKEN
        at = end
    yield from folded[at:]


def _token(word: str) -> str:
    if len(word) <= MAX_WORD:
        return word
    # No word of this length is left over to be mistaken for it.
    return hashlib.blake2b(word.encode(), digest_size=MAX_WORD).hexdigest()


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters (and its end) the place in *text* it came from.

    Where folding one character at a time differs from folding the whole (letters with loose accents),
    the offsets are those of the nearest whole character.
    """
    folded: list[str] = []
    offsets: list[int] = []
    for at, character in enumerate(text):
        plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", character)).lower()
        for piece in SPACES.sub(" ", plain):
            if piece == " " and (not folded or folded[-1] == " "):
                continue
            folded.append(piece)
            offsets.append(at)
    joined = "".join(folded)
    keep = [True] * len(joined)
    for match in _SPACE_AT_SCRIPT_BORDER.finditer(joined):
        keep[match.start()] = False
    if joined.endswith(" "):
        keep[-1] = False
    kept = [at for at, wanted in enumerate(keep) if wanted]
    return "".join(joined[at] for at in kept), [*(offsets[at] for at in kept), len(text)]
