"""Lines of a TOML file at which its keys stand, for sentences on what is wrong with them."""

from __future__ import annotations

import functools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BEGINS = re.compile(r"""\s*(\[|[\w"'.\- ]+=)""")
"""A header or a key: where a statement may begin."""

Key = str | int
"""A key of a table, or a place in a list."""


@dataclass(frozen=True)
class Place:
    """A file, or a table of it."""

    path: Path
    under: tuple[Key, ...] = ()

    def __str__(self) -> str:
        return self._named(str(self.path))

    def below(self, *keys: Key) -> Place:
        """A table within this one."""
        return Place(self.path, (*self.under, *keys))

    def at(self, keys: Sequence[Key]) -> str:
        """The place in words, with the line of the innermost of *keys* that stands in the file."""
        try:
            line = _line(self.path.read_text(encoding="utf-8-sig"), (*self.under, *keys))
        except (OSError, ValueError):  # it was changed meanwhile
            line = 0
        return self._named(f"{self.path}, line {line}" if line else str(self.path))

    def _named(self, file: str) -> str:
        return f"{file}: {'.'.join(map(str, self.under))}" if self.under else file


def at(where: str | Place, *keys: Key) -> str:
    """*where* in words, with the line of *keys* where it is a file."""
    return where.at(keys) if isinstance(where, Place) else where


@functools.lru_cache(maxsize=64)
def _line(text: str, keys: tuple[Key, ...]) -> int:
    """The line of the statement that makes the innermost known of *keys*; 0 for none."""
    lines = text.splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if _BEGINS.match(line)]
    there = _known(tomllib.loads(text), keys)

    def first(statements: int) -> dict[str, Any] | None:
        try:
            return tomllib.loads("".join(lines[: (*begins, len(lines))[statements]]))
        except tomllib.TOMLDecodeError:
            return None  # what looks like a key stands within a text of several lines

    def has(statements: int) -> bool:
        whole = (data for end in range(statements, -1, -1) if (data := first(end)) is not None)
        return _known(next(whole, {}), keys) == there

    if not there:
        return 0
    place = bisect_left(range(1, len(begins) + 1), True, key=has)
    while place and first(place) is None:
        place -= 1
    return begins[place] + 1


def _known(data: Any, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Those of *keys* that lead on, step by step; the others (names of kinds in a union) are passed over."""
    found: list[Key] = []
    for key in keys:
        with suppress(KeyError, IndexError, TypeError):
            data = data[key]
            found.append(key)
    return tuple(found)
