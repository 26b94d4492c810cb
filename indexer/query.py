"""The analyst's query as a tree, and its parser. Backends compile the tree; nobody else looks inside.

罗永浩 假货            both (AND is the default)        "刷单 炒信"      a phrase, spaces dropped
刷单 OR 刷量           either                           title:翻车       in the title only
-平台 / NOT 平台       not                              NEAR/5(a b)      within 5 characters, any order
(a OR b) c             grouping                         ONEAR/5(a b)     the same, in this order
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """Text that must occur as a substring (Chinese) or as whole words (Latin), in a field or in both."""

    text: str
    field: str | None = None
    """``title``, ``text`` or ``None`` for either."""


@dataclass(frozen=True, slots=True)
class Near:
    """Two or more terms within *distance* characters of each other."""

    terms: tuple[Term, ...]
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


Expression = Term | Near | And | Or | Not
