"""Reposts folded: of each group of copies one document counts, also where the group's first does not.

A store counts the first documents of groups; where copies count without their first, which lies before the
window or is judged otherwise, they are read here, and the earliest of them counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from fengping.clock import day_of
from fengping.events.knowing.reach import entry_key
from fengping.indexer import Filter, Store
from fengping.reports.scope import ALL, NEGATIVE, Cut, Values

FIRST = {"first_in_group": ("true",)}
COPY = {"first_in_group": ("false",)}
MOST = 2_000
"""Copies of a window that are read; of more those alone count whose first does."""
_CUT_BY = ("polarity", "act", "relevant", "issues", "negative_hosts")
"""Fields by which the counts of a window are cut."""
_COLUMNS = ("published_at", "group", "title", "site", "author_id", "author", *_CUT_BY)

Days = Mapping[date, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A document whose group is looked at."""

    at: datetime
    key: str
    values: Mapping[str, frozenset[str]]

    @classmethod
    def of(
        cls, at: datetime, group: str, title: str, site: str, author_id: str, author: str, *cut_by: Any
    ) -> _Row:
        values = {name: _values(value) for name, value in zip(_CUT_BY, cut_by, strict=True)}
        return cls(at, entry_key(group, title, site, author_id, author), values)

    def is_in(self, cut: Cut) -> bool:
        return all(self.values[name].intersection(wanted) for name, wanted in cut.where.items()) and not any(
            self.values[name].intersection(refused) for name, refused in cut.exclude.items()
        )


def _values(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, bool):
        return frozenset((str(value).lower(),))
    return frozenset((value,) if isinstance(value, str) else value)


_Read = tuple[list[_Row], list[_Row]]
"""Copies, and the firsts of their groups."""
Copies = dict[str, _Read | None]
"""The rows that were read, by their cut; ``None`` where there were too many."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The copies of one window and scope, read when first asked for."""

    store: Store
    whole: Filter
    read: Copies
    """Those that were read before."""

    def apart(self, cut: Cut, firsts: Days) -> Days:
        """Daily numbers of different texts of *cut*, of which *firsts* are first in their groups."""
        return self.apart_by(cut, None, {"": firsts})[""]

    def apart_by(self, cut: Cut, name: str | None, firsts: Mapping[str, Days]) -> dict[str, dict[date, int]]:
        """The same for each value of the field *name*."""
        found = defaultdict[str, dict[date, int]](dict, {value: dict(days) for value, days in firsts.items()})
        copies, known = self._rows(cut)
        seen = {(value, row.key) for row in known if row.is_in(cut) for value in _split(row, name)}
        for row in sorted(copies, key=lambda row: row.at):
            for value in _split(row, name) if row.is_in(cut) else ():
                if (value, row.key) not in seen:
                    seen.add((value, row.key))
                    day = day_of(row.at)
                    found[value][day] = found[value].get(day, 0) + 1
        return found

    @property
    def is_whole(self) -> bool:
        """True if all copies of the scope are few enough to be read."""
        return self._of(ALL) is not None

    def _rows(self, cut: Cut) -> _Read:
        """Copies among which those of *cut* are, and the firsts of their groups; none where they are too
        many."""
        for base in (ALL, NEGATIVE):
            if _narrows(cut, base) and (found := self._of(base)) is not None:
                return found
        return [], []

    def _of(self, base: Cut) -> _Read | None:
        key = repr(base)
        if key not in self.read:
            self.read[key] = self._asked(_under(self.whole, base.where, base.exclude))
        return self.read[key]

    def _asked(self, asked: Filter) -> _Read | None:
        copying = _under(asked, COPY)
        copies = self.store.count(copying)
        if copies > MOST:
            return None
        if not copies:
            return [], []
        rows = list(self.store.columns(copying, _COLUMNS))
        groups = tuple({row[1] for row in rows})
        firsts = self.store.columns(_under(asked, {**FIRST, "group": groups}), _COLUMNS)
        return [_Row.of(*row) for row in rows], [_Row.of(*row) for row in firsts]


def _split(row: _Row, name: str | None) -> Iterable[str]:
    return ("",) if name is None else row.values[name]


def _narrows(cut: Cut, base: Cut) -> bool:
    """True if *cut* is *base*, or a part of it by fields that are read."""
    own = {name: wanted for name, wanted in cut.where.items() if base.where.get(name) != wanted}
    kept = all(cut.where.get(name) == wanted for name, wanted in base.where.items())
    same = all(cut.exclude.get(name) == refused for name, refused in base.exclude.items())
    return kept and same and set(own).union(cut.exclude).issubset(_CUT_BY)


def _under(asked: Filter, where: Values, exclude: Values = MappingProxyType({})) -> Filter:
    """*asked*, narrowed."""
    return replace(asked, where={**asked.where, **where}, exclude={**asked.exclude, **exclude})
