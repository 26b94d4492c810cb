"""The analyst's query, read from text. What may be written stands in :mod:`.tree`.

    either  := both (OR both)*
    both    := unary ([AND] unary)*
    unary   := (NOT | -) unary | [field:] ( word | "phrase" | NEAR/n(…) | ( either ) )

Full-width brackets, quotes, colons and spaces count as their ASCII forms, and commas part words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from fengping.errors import UsageError, did_you_mean
from fengping.indexer.search.query.tree import And, Expression, Keyword, Near, Not, Or, Term
from fengping.indexer.search.query.words import KEYWORD_NAMES, NAMES, TEXT_NAMES, keyword_value
from fengping.indexer.search.text.folding import variants

MAX_LENGTH = 10_000
MAX_TERMS = 500
MAX_DEPTH = 40
MAX_DISTANCE = 100
MAX_NEAR_TERMS = 5
MAX_NEAR_CHOICES = 50
"""Combinations that words in brackets inside a NEAR may make."""

_CHINESE = "|".join(sorted((name for name in NAMES if not name.isascii()), key=len, reverse=True))
_LEXEMES = re.compile(
    rf"""
    (?P<space>[\s，、；,;]+)
  | (?P<open>[(（])
  | (?P<close>[)）])
  | (?P<near>(?P<name>O?NEAR)\s*(?:[/／]\s*(?P<distance>\d+))?\s*[(（])
  | (?P<minus>[-－])
  | "(?P<quoted>(?:\\.|[^"\\])*)(?P<end>"|\\?$)
  | [“”＂](?P<curled>[^“”＂"]*)(?P<curl>[“”＂"]|$)
  | (?P<field>[A-Za-z_]+|{_CHINESE})[:：]
  | (?P<word>[^\s"“”＂（）()，、；,;]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = {"AND", "OR", "NOT"}


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str
    at: int
    """Its first character, counted from 1."""


def parse(query: str) -> Expression | None:
    """The tree of *query*; ``None``, which selects everything, for one without a word.

    Raises :class:`UsageError`, and nothing else, in one sentence that names the place.
    """
    if len(query) > MAX_LENGTH:
        raise UsageError(f"The query is longer than {MAX_LENGTH:,} characters.", remedy="Shorten it.")
    lexemes = _lexemes(query)
    return _Parser(lexemes).whole() if lexemes else None


def _lexemes(query: str) -> list[_Lexeme]:
    lexemes = []
    at = 0
    while at < len(query):
        found = _LEXEMES.match(query, at)
        if found is None:
            raise UsageError(f"Missing quotation mark at character {at + 1}.")
        kind, text = _kind(found)
        if kind in {"quoted", "curled"} and not (found["end"] or found["curl"] or "").strip("\\"):
            raise UsageError(f"Unclosed quotation at character {at + 1}.")
        if kind == "field" and text not in NAMES:
            raise UsageError(
                f"Unknown field {text!r} (character {at + 1}).",
                remedy=f"{did_you_mean(text, NAMES)} Or put the whole in quotation marks.",
            )
        if kind != "space":
            lexemes.append(_Lexeme(kind, text, at + 1))
        at = found.end()
    return lexemes


def _kind(found: re.Match[str]) -> tuple[str, str]:
    for kind in ("space", "open", "close", "minus"):
        if found[kind] is not None:
            return kind, found[kind]
    if found["near"] is not None:
        return "near", f"{found['name']}/{found['distance'] or ''}"
    if found["quoted"] is not None:
        return "quoted", re.sub(r'\\([\\"])', r"\1", found["quoted"])
    if found["curled"] is not None:
        return "curled", found["curled"]
    if found["field"] is not None:
        return "field", found["field"]
    word = found["word"]
    return (word, word) if word in _OPERATORS else ("word", word)


class _Parser:
    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self._lexemes = lexemes
        self._next = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Expression:
        expression = self._either(None)
        if lexeme := self._peek():
            # Everything else is consumed or refused below.
            raise UsageError(f"Unmatched closing bracket at character {lexeme.at}.", remedy="Remove it.")
        return expression

    def _peek(self) -> _Lexeme | None:
        return self._lexemes[self._next] if self._next < len(self._lexemes) else None

    def _at(self, *kinds: str) -> bool:
        lexeme = self._peek()
        return lexeme is not None and lexeme.kind in kinds

    def _take(self) -> _Lexeme:
        self._next += 1
        return self._lexemes[self._next - 1]

    def _either(self, field: str | None) -> Expression:
        parts = [self._both(field)]
        while self._at("OR"):
            self._take()
            parts.append(self._both(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self, field: str | None) -> Expression:
        parts = [self._unary(field)]
        while self._peek() and not self._at("OR", "close"):
            if self._at("AND"):
                self._take()
            parts.append(self._unary(field))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _unary(self, field: str | None) -> Expression:
        if self._at("NOT", "minus"):
            with_it = self._take()
            self._deeper(with_it)
            part = self._unary(field)
            self._depth -= 1
            return Not(part)
        return self._primary(field)

    def _primary(self, field: str | None) -> Expression:
        lexeme = self._expect_operand()
        match lexeme.kind:
            case "open":
                return self._group(lexeme, field)
            case "near":
                return self._near(lexeme, field)
            case "field":
                if field is not None:
                    raise UsageError(f"A field cannot hold another field (character {lexeme.at}).")
                return self._primary(lexeme.text)
            case _:
                return self._leaf(lexeme, field)

    def _expect_operand(self) -> _Lexeme:
        lexeme = self._peek()
        if lexeme is None or lexeme.kind in {"AND", "OR", "NOT", "minus", "close"}:
            before = self._lexemes[self._next - 1] if self._next else None
            where = f"after {before.text!r} (character {before.at})" if before else "at the beginning"
            raise UsageError(f"Missing word {where}.", remedy="Quote AND, OR, NOT to look for them.")
        return self._take()

    def _group(self, opening: _Lexeme, field: str | None) -> Expression:
        self._deeper(opening)
        expression = self._either(field)
        self._close(opening)
        self._depth -= 1
        return expression

    def _close(self, opening: _Lexeme) -> None:
        if not self._at("close"):
            raise UsageError(f"Unclosed bracket at character {opening.at}.")
        self._take()

    def _deeper(self, lexeme: _Lexeme) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UsageError(f"Brackets are nested more than {MAX_DEPTH} deep (character {lexeme.at}).")

    def _leaf(self, lexeme: _Lexeme, field: str | None) -> Expression:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise UsageError(f"The query has more than {MAX_TERMS} words (character {lexeme.at}).")
        if field in KEYWORD_NAMES:
            return self._keyword(lexeme, KEYWORD_NAMES[field])
        text = " ".join(lexeme.text.split())
        if not variants(text):
            raise UsageError(f"Empty quotation at character {lexeme.at}.")
        return Term(text, TEXT_NAMES[field] if field else None)

    def _keyword(self, lexeme: _Lexeme, field: str) -> Keyword:
        try:
            value = keyword_value(field, lexeme.text)
        except UsageError as error:
            raise UsageError(f"{error.message[:-1]} (character {lexeme.at}).", remedy=error.remedy) from None
        if not value:
            raise UsageError(f"Missing value of the field {field!r} (character {lexeme.at}).")
        return Keyword(field, value)

    def _near(self, opening: _Lexeme, field: str | None) -> Expression:
        name, _, digits = opening.text.partition("/")
        if not digits or len(digits) > 3 or int(digits) > MAX_DISTANCE:
            raise UsageError(
                f"{name} needs a distance of 0 to {MAX_DISTANCE} characters (character {opening.at}).",
                remedy=f"Write {name}/5(…).",
            )
        if field in KEYWORD_NAMES:
            raise UsageError(f"{name} works on text only (character {opening.at}).")
        choices = []
        while self._peek() and not self._at("close"):
            choices.append(self._near_choice(opening, field))
        self._close(opening)
        if not 2 <= len(choices) <= MAX_NEAR_TERMS:
            raise UsageError(
                f"{name} takes 2 to {MAX_NEAR_TERMS} words, not {len(choices)} (character {opening.at})."
            )
        combined = list(product(*choices))
        if len(combined) > MAX_NEAR_CHOICES:
            raise UsageError(
                f"The brackets in {name} make {len(combined)} combinations (character {opening.at}).",
                remedy=f"Use at most {MAX_NEAR_CHOICES}.",
            )
        nears = tuple(Near(terms, int(digits), name == "ONEAR") for terms in combined)
        return nears[0] if len(nears) == 1 else Or(nears)

    def _near_choice(self, opening: _Lexeme, field: str | None) -> list[Term]:
        """One word of a NEAR, or several in brackets of which any may stand there."""
        place = self._peek() or opening
        wrong = UsageError(f"Only words, phrases and (a OR b) may stand in NEAR (character {place.at}).")
        if place.kind in {"AND", "OR", "NOT", "minus"}:
            raise wrong
        found = self._primary(field)
        terms = found.parts if isinstance(found, Or) else (found,)
        words = [term for term in terms if isinstance(term, Term)]
        expected = TEXT_NAMES[field] if field else None
        if len(words) < len(terms) or any(term.field != expected for term in words):
            raise wrong
        return words
