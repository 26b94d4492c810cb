"""Texts of the measuring data, each with its group and its part: to learn from, or to measure with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.training import labels
from devtools.training.labels import name_hash
from devtools.training.readings import text_hash
from devtools.training.sets import rows_of

LONGEST = 1200
"""Characters of a text that annotators see."""
_VIDEO = re.compile("\\S{1,20}的微博视频")
# Years that measure; the weeks beside them belong to neither part, for affairs last.
MEASURING = (("2024-01-01", "2025-01-01"), ("2026-05-01", "2026-09-01"))
BESIDE = (("2025-01-01", "2025-01-22"), ("2026-04-10", "2026-05-01"))


@dataclass(frozen=True, slots=True)
class Text:
    """A text to read."""

    source: str
    title: str
    text: str
    day: str = ""
    """ISO date, empty where the set has none."""
    affair: str = ""
    """What groups the texts of one topic, where the set tells it."""
    hints: tuple[str, ...] = ()
    """Names that the set gives, and words by which texts are drawn; never shown to annotators."""

    @property
    def content(self) -> str:
        """Title and text as one."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}" if self.text else self.title

    @property
    def key(self) -> str:
        """16 hex digits that find the text again."""
        return text_hash(self.content)

    @property
    def part(self) -> str:
        """``train``, ``measure`` or, where an affair may stand on both sides, ``neither``."""
        if self.affair:
            return "measure" if int(name_hash(self.affair), 16) % 3 == 0 else "train"
        if not self.day:
            return "measure" if int(name_hash(self.content), 16) % 6 == 0 else "train"
        if any(begin <= self.day < end for begin, end in MEASURING):
            return "measure"
        return "neither" if any(begin <= self.day < end for begin, end in BESIDE) else "train"


def clean(text: str) -> str:
    """Text as all readers see it, also without what Weibo puts behind a video; at most `LONGEST` long."""
    return labels.clean(_VIDEO.sub("", text))[:LONGEST]


FILES = {
    "hot": "more/titles-weibo-hot-2020-2026.csv.gz",
    "title": "more/titles-weibo-consumer-2025-2026.csv.gz",
    "list": "more/titles-hotlists-2025-2026.csv.gz",
    "live": "streams/weibo-topics-2024-2025.jsonl.gz",
    "lead": "more/news-weibo-topics-consumer-2025-2026.csv.gz",
    "general": "more/news-weibo-topics-general-2025-2026.csv.gz",
    "zhihu": "more/news-zhihu-hot-2021-2025.csv.gz",
    "post": "more/posts-weibo-consumer-2026-08.csv.gz",
    "talk": "more/posts-weibo-general-2026-08.csv.gz",
    "finance": "more/entity-finneg-bdci2019.csv.gz",
    "food": "more/news-foodsafety-2006-2017.csv.gz",
    "petition": "more/complaint-gov-teddy2020.csv.gz",
    "official": "more/news-xwlb-2022-2026.csv.gz",
}
"""Name of a group of texts and the file that holds it."""


def texts(data: Path, source: str) -> Iterator[Text]:
    """The texts of a group, in the file's order; *data* is the folder of measuring data."""
    for row in rows_of(data / FILES[source]):
        title = clean(str(row.get("title") or ""))
        body = clean(str(row.get("text") or row.get("description") or ""))
        if not (title or body):
            continue
        day = str(row.get("date") or row.get("day") or row.get("time") or "")[:10].replace("/", "-")
        yield Text(source, title, body, day, str(row.get("topic_id") or ""), _hints(row))


def _hints(row: dict[str, Any]) -> tuple[str, ...]:
    names = tuple(name for name in str(row.get("entity") or "").split(";") if name)
    flags = tuple(f"{key}={row[key]}" for key in ("consumer", "strict", "negative", "media") if row.get(key))
    return names + flags
