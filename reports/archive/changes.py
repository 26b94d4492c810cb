"""Differences between two editions, and by how much, read from their JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One figure or case that differs."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}：{self.before} → {self.after}"


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Counts that differ, cases that came, went or changed their status, sentences aside."""
    return [*_figures(before, after), *_cases(before, after)]


def _figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old = {fact["id"]: fact for fact in before["facts"]}
    new = {fact["id"]: fact for fact in after["facts"]}
    for id in [*new, *(id for id in old if id not in new)]:
        fact = new.get(id) or old[id]
        if fact["unit"] != "条" or id.endswith((".by_day", ".peak", ".folded")):
            continue
        was, now = (_value(side.get(id)) for side in (old, new))
        if was != now:
            yield Change(fact["label"], was, now)


def _cases(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old = {case["event"]: case for case in before["cases"]}
    new = {case["event"]: case for case in after["cases"]}
    for event in [*new, *(event for event in old if event not in new)]:
        case = new.get(event) or old[event]
        was, now = (side[event]["status"] if event in side else "未列" for side in (old, new))
        if was != now:
            yield Change(f"案例“{case['title']}”", was, now)


def _value(fact: Mapping[str, Any] | None) -> str:
    return "未列" if fact is None or fact["value"] is None else str(fact["value"])
