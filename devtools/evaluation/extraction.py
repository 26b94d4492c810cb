"""Extraction against real news pages whose title, date and body were taken by per-site XPath.

A body is compared as the multiset of its character 3-grams without white space, a title by equality once
white space is collapsed, a date at the precision the gold gives. Pages whose gold lacks a field are left out
of that field's figures.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devtools.evaluation import data_hash
from fengping.analysis.figures import Figure
from fengping.clock import iso
from fengping.spiders.extraction import Page, extract

SEEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""A moment after all pages of the set; only years that a page leaves out depend on it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A saved page and what is to come out of it; ``None`` where the gold says nothing."""

    file: Path
    title: str | None
    date: str | None
    body: str | None


def read_cases(folder: Path) -> list[Case]:
    """The cases of ``gold.jsonl`` in *folder*."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [json.loads(line) for line in lines]
    return [Case(folder / g["file"], g.get("title"), g.get("date"), g.get("body")) for g in gold]


def overlap(found: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the character 3-grams of *found* against those of *gold*."""
    ours, theirs = _grams(found), _grams(gold)
    common = (ours & theirs).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / ours.total(), common / theirs.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def _grams(text: str) -> Counter[str]:
    text = "".join(text.split())
    return Counter(text[i : i + 3] for i in range(len(text) - 2))


def same_title(found: str, gold: str) -> bool:
    return " ".join(found.split()) == " ".join(gold.split())


def same_date(page: Page, gold: str) -> bool:
    """Equality down to the parts that *gold* (``2020-11-11 12:30:05``) gives."""
    shown = (iso(page.published_at) or "")[:19].replace("T", " ")
    return shown.startswith(gold)


def measure(data: Path) -> list[Figure]:
    """Body, title and date on ``pages/``."""
    cases = read_cases(data / "pages")
    pages = [extract(case.file.read_bytes(), fetched_at=SEEN_AT) for case in cases]
    digest = data_hash(data / "pages" / "gold.jsonl", *(case.file for case in cases))
    bodies = [overlap(p.text, c.body) for p, c in zip(pages, cases, strict=True) if c.body]
    titles = [same_title(p.title, c.title) for p, c in zip(pages, cases, strict=True) if c.title]
    dates = [same_date(p, c.date) for p, c in zip(pages, cases, strict=True) if c.date]

    def figure(name: str, values: Sequence[float], asked: float | None = None) -> Figure:
        return Figure(f"pages.{name}", sum(values) / len(values), len(values), asked, data=digest)

    return [
        figure("body.f1", [b[2] for b in bodies], 0.93),
        figure("body.precision", [b[0] for b in bodies]),
        figure("body.recall", [b[1] for b in bodies]),
        figure("title.exact", titles, 0.90),
        figure("date", dates, 0.98),
    ]
