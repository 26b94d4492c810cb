"""The analyst's query, read from text. What may be written stands in :mod:`.tree`.

either  := both (OR both)*
both    := unary ([AND] unary)*
unary   := (NOT | -) unary | nearby
nearby  := primary (NEAR/n primary)*
primary := [field:] ( word | "phrase" | NEAR/n(…) | ( either ) )
             | likes:>n | since:DAY | words:NAME | query:NAME
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NoReturn, TypeVar

from fengping.errors import UsageError
from fengping.indexer.search.query.lexer import Lexeme, lexemes
from fengping.indexer.search.query.lookup import Lookup
from fengping.indexer.search.query.scalars import bound, comparison
from fengping.indexer.search.query.tree import And, Expression, Keyword, Near, Not, Or, Term
from fengping.indexer.search.query.words import (
    GROUP_NAMES,
    KEYWORD_NAMES,
    NUMBER_NAMES,
    SAVED_NAMES,
    TEXT_NAMES,
    TIME_NAMES,
)
from fengping.indexer.search.text.folding import variants

MAX_LENGTH = 10_000
MAX_TERMS = 500
MAX_DEPTH = 40
MAX_DISTANCE = 100
MAX_NEAR_TERMS = 5
MAX_NEAR_CHOICES = 50
"""Combinations that words in brackets inside a NEAR may make."""

_OPERATORS = {"AND", "OR", "NOT", "minus"}

T = TypeVar("T")


def parse(query: str, lookup: Lookup | None = None) -> Expression | None:
    """The tree of *query*; ``None``, which selects everything, for one without a word.

    *lookup* knows today, the hosts, word lists and saved queries of a home; without it, what ships alone.
    Raises :class:`UsageError`, and nothing else, in one sentence that names the place.
    """
    return _Parser(query, lookup or Lookup()).whole()


class _Parser:
    def __init__(
        self, query: str, lookup: Lookup, *, within: tuple[str, ...] = (), depth: int = 0, terms: int = 0
    ):
        if len(query) > MAX_LENGTH:
            raise UsageError(f"The query is longer than {MAX_LENGTH:,} characters.", remedy="Shorten it.")
        self._lexemes = lexemes(query)
        self._lookup = lookup
        self._within = within
        """Saved queries that this is part of."""
        self._next = 0
        self._depth = depth
        self.terms = terms

    def whole(self) -> Expression | None:
        if not self._lexemes:
            return None
        expression = self._either(None)
        if lexeme := self._peek():
            # Everything else is consumed or refused below.
            raise UsageError(f"Unmatched closing bracket at character {lexeme.at}.", remedy="Remove it.")
        return expression

    def _peek(self) -> Lexeme | None:
        return self._lexemes[self._next] if self._next < len(self._lexemes) else None

    def _at(self, *kinds: str) -> bool:
        lexeme = self._peek()
        return lexeme is not None and lexeme.kind in kinds

    def _take(self) -> Lexeme:
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
            self._deeper(self._take())
            part = self._unary(field)
            self._depth -= 1
            return Not(part)
        return self._nearby(field)

    def _nearby(self, field: str | None) -> Expression:
        """``a NEAR/5 b``, or ``a`` alone."""
        start = self._peek()
        first = self._primary(field)
        operator = None
        choices = []
        while (lexeme := self._peek()) and lexeme.kind == "near" and (lexeme.gap or not lexeme.bracket):
            if operator is None:
                assert start is not None
                choices.append(self._words(first, start))
            elif (operator.text, operator.distance) != (lexeme.text, lexeme.distance):
                raise UsageError(
                    f"{lexeme.text}/{lexeme.distance} follows another nearness (character {lexeme.at}).",
                    remedy="Part them by AND, or put one in brackets of its own.",
                )
            operator = self._take()
            distance = self._distance(operator, field)
            place = self._expect_operand()
            self._next -= 1
            choices.append(self._words(self._primary(field), place))
        return first if operator is None else self._combined(operator, distance, choices)

    def _primary(self, field: str | None) -> Expression:
        lexeme = self._expect_operand()
        match lexeme.kind:
            case "open":
                return self._group(lexeme, field)
            case "near":
                return self._near(lexeme, field)
            case "field" if lexeme.text in GROUP_NAMES and field not in KEYWORD_NAMES:
                return self._word_list(field)
            case "field" | "number" | "time" if field is not None:
                raise UsageError(f"A field cannot hold another field (character {lexeme.at}).")
            case "field" if lexeme.text in SAVED_NAMES:
                return self._saved()
            case "field":
                return self._primary(lexeme.text)
            case "number":
                name, _, value = lexeme.text.partition(":")
                return self._placed(lexeme, lambda: comparison(NUMBER_NAMES[name], value))
            case "time":
                name, _, value = lexeme.text.partition(":")
                return self._placed(lexeme, lambda: bound(TIME_NAMES[name], value, self._lookup.now))
            case _:
                return self._leaf(lexeme, field)

    def _expect_operand(self) -> Lexeme:
        lexeme = self._peek()
        starts_nothing = lexeme is not None and lexeme.kind == "near" and not lexeme.bracket
        if lexeme is None or starts_nothing or lexeme.kind in {*_OPERATORS, "close"}:
            before = self._lexemes[self._next - 1] if self._next else None
            if starts_nothing:
                assert lexeme is not None
                where = f"before {lexeme.text} (character {lexeme.at})"
            else:
                where = f"after {before.text!r} (character {before.at})" if before else "at the beginning"
            raise UsageError(
                f"Missing word {where}.", remedy="Quote AND, OR, NOT, 与, 或, 非 to look for them."
            )
        return self._take()

    def _group(self, opening: Lexeme, field: str | None) -> Expression:
        self._deeper(opening)
        expression = self._either(field)
        self._close(opening)
        self._depth -= 1
        return expression

    def _close(self, opening: Lexeme) -> None:
        if not self._at("close"):
            raise UsageError(f"Unclosed bracket at character {opening.at}.")
        self._take()

    def _deeper(self, lexeme: Lexeme) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UsageError(f"Brackets are nested more than {MAX_DEPTH} deep (character {lexeme.at}).")

    def _count(self, lexeme: Lexeme, words: int = 1) -> None:
        self.terms += words
        if self.terms > MAX_TERMS:
            raise UsageError(f"The query has more than {MAX_TERMS} words (character {lexeme.at}).")

    def _placed(self, lexeme: Lexeme, read: Callable[[], T]) -> T:
        """The result of *read*; a refusal names the place of *lexeme*."""
        self._count(lexeme)
        try:
            return read()
        except UsageError as error:
            raise UsageError(f"{error.message[:-1]} (character {lexeme.at}).", remedy=error.remedy) from None

    def _leaf(self, lexeme: Lexeme, field: str | None) -> Expression:
        if field in KEYWORD_NAMES:
            return self._keyword(lexeme, KEYWORD_NAMES[field])
        self._count(lexeme)
        text = " ".join(lexeme.text.split())
        if not variants(text):
            raise UsageError(f"Empty quotation at character {lexeme.at}.")
        return Term(text, TEXT_NAMES[field] if field else None, lexeme.kind == "prefix")

    def _keyword(self, lexeme: Lexeme, field: str) -> Keyword:
        if lexeme.kind == "prefix":
            raise UsageError(f"The field {field!r} knows whole values only (character {lexeme.at}).")
        if not lexeme.text.strip():
            raise UsageError(f"Missing value for field {field!r} (character {lexeme.at}).")
        return Keyword(field, self._placed(lexeme, lambda: self._lookup.value(field, lexeme.text)))

    def _word_list(self, field: str | None) -> Expression:
        """Any word of the list that is named next."""
        name = self._expect_name()
        words = self._placed(name, lambda: self._lookup.words(name.text))
        self._count(name, len(words) - 1)
        terms = tuple(Term(" ".join(word.split()), TEXT_NAMES[field] if field else None) for word in words)
        return terms[0] if len(terms) == 1 else Or(terms)

    def _saved(self) -> Expression:
        """The saved query that is named next."""
        name = self._expect_name()
        if name.text in self._within:
            chain = " → ".join((*self._within, name.text))
            raise UsageError(f"The saved queries {chain} need each other.", remedy="Change one of them.")
        text = self._placed(name, lambda: self._lookup.query(name.text))
        self._deeper(name)
        within = (*self._within, name.text)
        try:
            inner = _Parser(text, self._lookup, within=within, depth=self._depth, terms=self.terms)
            expression = inner.whole()
        except UsageError as error:
            raise UsageError(
                f"In the saved query {name.text!r}: {error.message}", remedy=error.remedy
            ) from None
        self._depth -= 1
        self.terms = inner.terms
        if expression is None:
            raise UsageError(f"The saved query {name.text!r} is empty (character {name.at}).")
        return expression

    def _expect_name(self) -> Lexeme:
        lexeme = self._expect_operand()
        if lexeme.kind not in {"word", "phrase"}:
            raise UsageError(f"Missing name (character {lexeme.at}).")
        return lexeme

    def _near(self, opening: Lexeme, field: str | None) -> Expression:
        """``NEAR/5(a b)``."""
        distance = self._distance(opening, field)
        bracket = self._take()
        choices = []
        while self._peek() and not self._at("close"):
            place = self._peek() or opening
            if place.kind in _OPERATORS:
                _only_words(place)
            choices.append(self._words(self._primary(field), place))
        self._close(bracket)
        return self._combined(opening, distance, choices)

    def _distance(self, operator: Lexeme, field: str | None) -> int:
        digits = operator.distance
        if not digits.isdecimal() or len(digits) > 3 or int(digits) > MAX_DISTANCE:
            raise UsageError(
                f"{operator.text} needs a distance of 0 to {MAX_DISTANCE} (character {operator.at}).",
                remedy=f"Write a {operator.text}/5 b, or {operator.text}/5(a b).",
            )
        if field in KEYWORD_NAMES:
            raise UsageError(f"{operator.text} works on text only (character {operator.at}).")
        return int(digits)

    def _words(self, found: Expression, place: Lexeme) -> list[Term]:
        """One word of a NEAR, or several of which any may stand there."""
        terms = found.parts if isinstance(found, Or) else (found,)
        words = [term for term in terms if isinstance(term, Term) and not term.prefix]
        if len(words) < len(terms):
            _only_words(place)
        return words

    def _combined(self, operator: Lexeme, distance: int, choices: list[list[Term]]) -> Expression:
        name = operator.text
        if not 2 <= len(choices) <= MAX_NEAR_TERMS:
            raise UsageError(
                f"{name} takes 2 to {MAX_NEAR_TERMS} words, not {len(choices)} (character {operator.at})."
            )
        if len({term.field for words in choices for term in words}) > 1:
            raise UsageError(
                f"{name} looks within one field (character {operator.at}).",
                remedy=f"Write the field before all of it: title:(a {name}/{distance} b).",
            )
        combined = list(product(*choices))
        if len(combined) > MAX_NEAR_CHOICES:
            raise UsageError(
                f"The brackets in {name} make {len(combined)} combinations (character {operator.at}).",
                remedy=f"Use at most {MAX_NEAR_CHOICES}.",
            )
        nears = tuple(Near(terms, distance, name == "ONEAR") for terms in combined)
        return nears[0] if len(nears) == 1 else Or(nears)


def _only_words(place: Lexeme) -> NoReturn:
    raise UsageError(f"Only words, phrases and (a OR b) may stand in NEAR (character {place.at}).")
