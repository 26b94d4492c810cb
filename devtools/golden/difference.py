"""The difference between two sets of records, in words: what appeared, went and changed, with the texts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from devtools.golden.records import Records

SHOWN = 20
KINDS = 15
WIDTH = 160
_FIGURES = re.compile(r"\d+(\.\d+)?")
_DIGEST = re.compile(r"[0-9a-f]{12,}")


def difference(
    old: Records, new: Records, text_of: Callable[[str], str] = lambda name: "", shown: int = SHOWN
) -> list[str]:
    """Lines that say how *new* differs from *old*; none where nothing does.

    Counts by kind of change come first, then the first *shown* of each: appeared, went, changed.
    """
    appeared = [name for name in new if name not in old]
    went = [name for name in old if name not in new]
    changed = {name: changes(old[name], new[name]) for name in new if name in old and old[name] != new[name]}
    lines: list[str] = []
    if appeared or went or changed:
        counts = f"{len(appeared):,} appeared, {len(went):,} went, {len(changed):,} changed"
        lines.append(f"{counts} of {len(old):,}")
    kinds = Counter(kind for found in changed.values() for kind in {_kind(change) for change in found})
    if len(changed) > shown:
        lines += [f"  {count:6,} × {kind}" for kind, count in kinds.most_common(KINDS)]
        lines += (
            [f"         and {len(kinds) - KINDS:,} further kinds of change"] if len(kinds) > KINDS else []
        )
    lines += _part("appeared", [(name, [_short(new[name])]) for name in appeared], text_of, shown)
    lines += _part("went", [(name, [_short(old[name])]) for name in went], text_of, shown)
    lines += _part("changed", list(changed.items()), text_of, shown)
    return lines


def changes(old: Any, new: Any, path: str = "") -> list[str]:
    """Changes between two values: a mapping by its names, a list by its members, a text by its words."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        return [
            change
            for name in names
            if old.get(name) != new.get(name) or (name in old) != (name in new)
            for change in changes(old.get(name), new.get(name), f"{path}.{name}" if path else str(name))
        ]
    before, after = _members(old), _members(new)
    gone, come = (
        list((Counter(before) - Counter(after)).elements()),
        list((Counter(after) - Counter(before)).elements()),
    )
    head = f"{path}: " if path else ""
    if len(gone) == len(come) == 1:
        return [f"{head}{_short(gone[0])} → {_short(come[0])}"]
    found = [*(f"{head}− {_short(one)}" for one in gone), *(f"{head}+ {_short(one)}" for one in come)]
    if found:
        return found
    first = next((at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other), 0)
    return [
        f"{head}another order from place {first + 1} on" if before else f"{head}{_short(old)} → {_short(new)}"
    ]


def _members(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value]
    if isinstance(value, str):
        return value.split(" ")
    return [json.dumps(value, ensure_ascii=False)]


def _kind(change: str) -> str:
    return _FIGURES.sub("#", _DIGEST.sub("#", change))[:100]


def _part(
    title: str, found: list[tuple[str, list[str]]], text_of: Callable[[str], str], shown: int
) -> Iterator[str]:
    for name, said in found[:shown]:
        text = text_of(name)
        yield f"  {title} {name}" + (f"  「{_short(text)}」" if text else "")
        for line in said[:shown]:
            words = sorted({word.strip(",.:") for word in line.split()})
            member = next(filter(None, map(text_of, words)), "")
            yield f"      {line}" + (f"  「{_short(member)}」" if member else "")
        if len(said) > shown:
            yield f"      … {len(said) - shown:,} more"
    if len(found) > shown:
        yield f"  … {len(found) - shown:,} more {title}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
