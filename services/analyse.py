"""Judging lines of JSON, each answered in its place: one object a line in, one out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NoReturn, Protocol

from fengping.analysis import Judge, SourceKind, same_story
from fengping.analysis.polarity import kind_told
from fengping.clock import day_of, parse_moment
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import load_judge
from fengping.models import Channel, Judgement, Kind

Row = dict[str, Any]
LABELS = (
    "snownlp", "negative", "positive", "polarity", "act", "consumer", "relevant", "hosts", "negative_hosts",
    "negative_brands", "platforms", "issues",
)  # fmt: skip
EXPLAINED = ("regulators", "evidence", "keywords", "model")


class BadLine(Exception):
    """A line that cannot be judged; the message says why."""

    def __init__(self, message: str, **known: Any) -> None:
        super().__init__(message)
        self.known = known


class Answerer(Protocol):
    """Gives labels to rows that can be read."""

    needs: tuple[str, ...]
    """Keys that must be text."""

    def labels(self, rows: Sequence[Row]) -> list[Row]:
        """The labels of each row, in order."""


class Labels:
    """The judgement of each row's text."""

    needs: tuple[str, ...] = ("text",)

    def __init__(self, judge: Judge, *, explain: bool = False) -> None:
        self._judge = judge
        self._names = LABELS + EXPLAINED if explain else LABELS

    def labels(self, rows: Sequence[Row]) -> list[Row]:
        contents, days = [_content(row) for row in rows], [_day(row) for row in rows]
        judgements = self._judge.judge(contents, days, [_kind(row) for row in rows])
        return [self._of(judgement) for judgement in judgements]

    def _of(self, judgement: Judgement) -> Row:
        labels = {name: getattr(judgement, name) for name in self._names}
        if "evidence" in labels:
            labels["evidence"] = [asdict(found) for found in judgement.evidence]
            labels["reading"] = judgement.reading and asdict(judgement.reading)
        return labels


class SameStory:
    """For each row with two texts, whether they tell one story."""

    needs: tuple[str, ...] = ("text_a", "text_b")

    def labels(self, rows: Sequence[Row]) -> list[Row]:
        return [{"same_story": bool(same_story(row["text_a"], row["text_b"]))} for row in rows]


@dataclass(frozen=True)
class Answers:
    """A row for every line, and how many of them tell an error."""

    rows: list[Row]
    bad: int


def answerer(home: Home, *, pairs: bool = False, explain: bool = False) -> Answerer:
    """Answerer of lines with this home's configuration and hosts, where they are there."""
    return SameStory() if pairs else Labels(load_judge(home, reading=True), explain=explain)


def answer(lines: Sequence[bytes], first: int, by: Answerer) -> Answers:
    """The answer to each line, the first of them being number *first*."""
    rows, good = _read_lines(lines, first, by.needs)
    for row, labels in zip(good, by.labels(good), strict=True):
        row.update(labels)
    return Answers(rows, len(rows) - len(good))


def _content(row: Row) -> str:
    """Title and text as one, as :attr:`fengping.models.RawDocument.content` joins them."""
    title, text = row.get("title") or "", row["text"]
    if not title or text.startswith(title):
        return str(text)
    return f"{title}\n{text}" if text else title


def _kind(row: Row) -> SourceKind:
    """The kind of source that the line's fields tell."""
    kind = Kind(row["kind"]) if str(row.get("kind")) in set(Kind) else None
    channel = Channel(row["channel"]) if str(row.get("channel")) in set(Channel) else None
    return kind_told(row.get("title") or "", row["text"], kind, channel)


def _day(row: Row) -> date | None:
    """The day of publication where the line says one; names that count only for a time need it."""
    said = row.get("published_at") or row.get("date")
    if not isinstance(said, str):
        return None
    try:
        return day_of(parse_moment(said))
    except UsageError:
        return None


def _read_lines(lines: Sequence[bytes], first: int, texts: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """A row for every line, and of these the ones that can be judged; the others tell their error."""
    rows: list[Row] = []
    good: list[Row] = []
    for number, line in enumerate(lines, first):
        try:
            row = _read(line, texts)
            good.append(row)
        except BadLine as error:
            row = {"error": str(error), "line": number, **error.known}
        rows.append(row)
    return rows, good


def _read(line: bytes, texts: Sequence[str]) -> Row:
    """A line as an object whose *texts* are text; raises :class:`BadLine`."""
    if not line.strip():
        raise BadLine("The line is empty.")
    try:
        row = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError:
        raise BadLine("The line is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadLine(f"The line is not valid JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise BadLine("The line is nested too deeply.") from None
    except ValueError:  # Python reads whole numbers of at most 4,300 digits
        raise BadLine("The line holds a number that is too long.") from None
    if not isinstance(row, dict):
        raise BadLine("The line is not a JSON object.")
    known = {"id": row["id"]} if "id" in row else {}
    for name in texts:
        if name not in row:
            raise BadLine(f"The line has no {name!r}.", **known)
        if not isinstance(row[name], str):
            raise BadLine(f"{name!r} is not text.", **known)
    if not isinstance(row.get("title") or "", str):
        raise BadLine("'title' is not text.", **known)
    return row


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise BadLine(f"The line holds a number that is too large: {number}.")
    return value


def _refuse(constant: str) -> NoReturn:
    raise BadLine(f"The line is not valid JSON: it has no number {constant}.")
