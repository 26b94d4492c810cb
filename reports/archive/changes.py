"""Differences between two editions, and by how much; and between a draft and what would be drafted now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fengping.reports.document import CaseCard, Report
from fengping.reports.wording import Fact

LISTED, STRUCK = "列出", "审阅删去"
CASE = "case."


@dataclass(frozen=True, slots=True)
class Change:
    """One figure or case that differs."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}：{self.before} → {self.after}"


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], struck: Collection[str] = ()
) -> list[Change]:
    """Counts that differ, cases that came, went or changed their status, of two editions' JSON.

    *struck* are targets that a reviewer struck: neither their numbers nor their titles are told again.
    """
    return [*_figures(before, after, struck), *_cases(before, after, struck)]


def beyond(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """The number of shares, means and other reckoned figures that differ and are not listed."""
    old, new = _facts(before), _facts(after)
    return sum(_value(old.get(id)) != _value(new.get(id)) for id in old | new if not _listed(id, old | new))


def _facts(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {fact["id"]: fact for fact in data["facts"]}


def _listed(id: str, facts: Mapping[str, Mapping[str, Any]]) -> bool:
    """True for counts; those of a case stand beside its title instead."""
    reckoned = id.endswith((".by_day", ".peak", ".folded")) or id.startswith(CASE)
    return facts[id]["unit"] == "条" and not reckoned


def _figures(
    before: Mapping[str, Any], after: Mapping[str, Any], struck: Collection[str]
) -> Iterator[Change]:
    old, new = _facts(before), _facts(after)
    for id in new | old:
        was, now = (_value(side.get(id)) for side in (old, new))
        if was != now and _listed(id, old | new):
            gone = f"fact:{id}" in struck
            yield Change((new.get(id) or old[id])["label"], *((LISTED, STRUCK) if gone else (was, now)))


def _cases(before: Mapping[str, Any], after: Mapping[str, Any], struck: Collection[str]) -> Iterator[Change]:
    old = {case["event"]: case for case in before["cases"]}
    new = {case["event"]: case for case in after["cases"]}
    for event in [*new, *(event for event in old if event not in new)]:
        name = f"案例“{(new.get(event) or old[event])['title']}”"
        if f"case:{event}" in struck:
            if event in old:
                yield Change("一件案例", LISTED, STRUCK)
            continue
        for what, key in ((name, "status"), (f"{name}信息", "documents")):
            if event in old and event in new and new[event][key] is None:
                yield Change(what, LISTED, STRUCK)
                continue
            was, now = (str(side[event][key]) if event in side else "未列" for side in (old, new))
            if was != now and (key == "status" or event in old.keys() & new.keys()):
                yield Change(what, was, now)


def _value(fact: Mapping[str, Any] | None) -> str:
    return "未列" if fact is None or fact["value"] is None else str(fact["value"])


def moved_since(drafted: Report, now: Report) -> list[Change]:
    """Figures of the window, and cases with their status, that are no more as they were drafted."""
    old, new = (_of_window(report) for report in (drafted, now))
    found = [
        Change((new.get(id) or old[id]).label, _told(old.get(id)), _told(new.get(id)))
        for id in old | new
        if _told(old.get(id)) != _told(new.get(id))
    ]
    was, are = (_statuses(report) for report in (drafted, now))
    return found + [
        Change(f"案例“{title}”", was.get(title, "未列"), are.get(title, "未列"))
        for title in was | are
        if was.get(title) != are.get(title)
    ]


def _of_window(report: Report) -> dict[str, Fact]:
    """The facts that were asked of the report's own days: others change whatever comes in."""
    days = (report.window.since, report.window.until)
    asked = ((id, fact, fact.query.where) for id, fact in report.facts.items())
    return {
        id: fact
        for id, fact, of in asked
        if of is not None and (of.since, of.until) == days and not id.startswith(CASE)
    }


def _told(fact: Fact | None) -> str:
    return "未列" if fact is None or fact.value is None else f"{fact.value}"


def _statuses(report: Report) -> dict[str, str]:
    return {block.case.title: block.case.status for block in report.blocks if isinstance(block, CaseCard)}
