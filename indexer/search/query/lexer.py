"""A query's text cut into words, operators, fields and brackets, each with its place.

Full-width brackets, quotes, colons and spaces count as their ASCII forms, and commas part words.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import pairwise

from fengping.errors import UsageError, did_you_mean
from fengping.indexer.search.query.lookalikes import OPERATORS, lookalike
from fengping.indexer.search.query.words import NAMES, NUMBER_NAMES, SAVED_NAMES, TIME_NAMES

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_LEXEMES = re.compile(
    rf"""
    (?P<space>[\s，、；,;]+)
  | (?P<open>[(（])
  | (?P<close>[)）])
  | (?P<near>O?NEAR)\s*
    (?: [/／]\s*(?P<distance>[^\s(（"“”＂，、；,;]*) | (?=[(（]) )
    (?P<gap>\s*)
  | (?P<minus>[-－])
  | "(?P<quoted>(?:\\.|[^"\\])*)(?P<end>"|\\?$)
  | [“”＂](?P<curled>[^“”＂"]*)(?P<curl>[“”＂"]|$)
  | (?P<field>[A-Za-z_]+|[{_HAN}]{{1,6}})[:：]
  | (?P<word>[^\s"“”＂（）()，、；,;]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_SCALAR = re.compile(r"\s*[\"“”＂]?(?P<value>[^\s\"“”＂（）()，、；,;]*)[\"“”＂]?")
_WORD = re.compile(r"[^\s\"“”＂（）()，、；,;]+")
_PREFIX = re.compile(r"(?P<beginning>[^\W\d_]{2,62})[*＊]")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece. A ``near`` has its distance as written, and tells of a bracket behind it and a gap."""

    kind: str
    text: str
    at: int
    """Its first character, counted from 1."""
    distance: str = ""
    bracket: bool = False
    gap: bool = False


def lexemes(query: str) -> list[Lexeme]:
    """The pieces of *query*; raises :class:`UsageError` for what is none, with its place and the repair."""
    return [lexeme for lexeme, _, _ in spans(query)]


def spans(query: str) -> list[tuple[Lexeme, int, int]]:
    """The same, each with the places in *query* where it begins and ends."""
    found: list[tuple[Lexeme, int, int]] = []
    at = 0
    while at < len(query):
        begin = at
        lexeme, at = _next(query, begin)
        if lexeme.kind != "space":
            found.append((lexeme, begin, at))
    return found


def named_queries(query: str) -> set[str]:
    """The saved queries that *query* names."""
    return {name.text for name, _, _ in _names(query)}


def with_renamed(query: str, was: str, name: str) -> str:
    """*query* with the saved query *was* called *name*; all else as it is written."""
    for found, begin, end in reversed(_names(query)):
        if found.text == was:
            query = f'{query[:begin]}"{name}"{query[end:]}'
    return query


def _names(query: str) -> list[tuple[Lexeme, int, int]]:
    return [
        name
        for (field, _, _), name in pairwise(spans(query))
        if field.kind == "field" and field.text in SAVED_NAMES
    ]


def _next(query: str, at: int) -> tuple[Lexeme, int]:
    found = _LEXEMES.match(query, at)
    if found is None:
        raise UsageError(f"Missing quotation mark at character {at + 1}.")
    if found["field"] is not None:
        return _field(query, found)
    if found["near"] is not None:
        bracket = query.startswith(("(", "（"), found.end())
        near = Lexeme("near", found["near"], at + 1, found["distance"] or "", bracket, bool(found["gap"]))
        return near, found.end()
    for kind in ("space", "open", "close", "minus"):
        if found[kind] is not None:
            return Lexeme(kind, found[kind], at + 1), found.end()
    if found["word"] is not None:
        return _word(found["word"], at), found.end()
    if not (found["end"] or found["curl"] or "").strip("\\"):
        raise UsageError(f"Unclosed quotation at character {at + 1}.")
    if found["curled"] is not None:
        return Lexeme("phrase", found["curled"], at + 1), found.end()
    return Lexeme("phrase", re.sub(r'\\([\\"])', r"\1", found["quoted"]), at + 1), found.end()


def _word(word: str, at: int) -> Lexeme:
    if word in OPERATORS:
        return Lexeme(OPERATORS[word], word, at + 1)
    if (prefix := _PREFIX.fullmatch(word)) and not re.search(f"[{_HAN}]", word):
        return Lexeme("prefix", prefix["beginning"], at + 1)
    if wrong := lookalike(word):
        place, sentence, remedy = wrong
        raise UsageError(f"{sentence} (character {at + place + 1}).", remedy=remedy)
    return Lexeme("word", word, at + 1)


def _field(query: str, found: re.Match[str]) -> tuple[Lexeme, int]:
    """A field's name; of one that compares, with what it is compared with."""
    name, at = found["field"], found.start()
    if name not in NAMES:
        chinese = not name.isascii()
        if chinese and not difflib.get_close_matches(name, NAMES, n=1, cutoff=0.6):
            whole = _WORD.match(query, at)
            assert whole is not None
            return _word(whole[0], at), whole.end()
        raise UsageError(
            f"Unknown field {name!r} (character {at + 1}).",
            remedy=f"{did_you_mean(name, NAMES)} Or put the whole in quotation marks.",
        )
    if name in NUMBER_NAMES or name in TIME_NAMES:
        value = _SCALAR.match(query, found.end())
        assert value is not None
        kind = "number" if name in NUMBER_NAMES else "time"
        return Lexeme(kind, f"{name}:{value['value']}", at + 1), value.end()
    return Lexeme("field", name, at + 1), found.end()
