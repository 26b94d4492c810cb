"""``analyse``."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fengping.cli.app import app
from fengping.cli.common import stderr

if TYPE_CHECKING:
    from fengping.analysis.judge import Judge
    from fengping.home import Home
    from fengping.models import Judgement

Row = dict[str, Any]
LABELS = (
    "snownlp", "negative", "positive", "polarity", "act", "consumer", "relevant", "hosts", "negative_hosts",
    "negative_brands", "platforms", "issues",
)  # fmt: skip
EXPLAINED = ("regulators", "evidence", "keywords", "model")
_AT_ONCE = 1 << 18
"""Bytes read at once: some hundreds of posts, few enough that a pipe's reader soon has its answer."""


class BadLine(Exception):
    """A line that cannot be judged; the message says why."""

    def __init__(self, message: str, **known: Any) -> None:
        super().__init__(message)
        self.known = known


@app.command()
def analyse(
    context: typer.Context,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Lines hold text_a and text_b; says whether both are one story.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add regulators, evidence spans, keywords and model versions.")
    ] = False,
) -> None:
    """Judges JSON lines from stdin to stdout, in order.

    Each line {"text", …} (with "title" and "published_at" where there are such) comes back with
    snownlp, negative, positive, polarity, act, consumer, relevant, hosts, negative_hosts, negative_brands,
    platforms and issues; null stands where nothing judges yet. A line that cannot be read comes back as
    {"error", "line"}; the others are judged all the same, and the exit code is 1.
    The home's fengping.toml and hosts.toml count where they are there.
    """
    if pairs:
        answer = _compare
    else:
        from fengping.home import Home

        judge = _load_judge(Home(context.obj.absolute()))
        names = LABELS + EXPLAINED if explain else LABELS

        def answer(rows: Sequence[Row]) -> list[Row]:
            return _judge(judge, rows, names)

    bad = total = 0
    for first, lines in _line_batches(sys.stdin.buffer):
        rows, good = _read_lines(lines, first, ("text_a", "text_b") if pairs else ("text",))
        for row, labels in zip(good, answer(good), strict=True):
            row.update(labels)
        sys.stdout.buffer.writelines(map(_dump, rows))
        sys.stdout.buffer.flush()
        total += len(rows)
        bad += len(rows) - len(good)
    if bad:
        stderr.print(f"{bad:,} of {total:,} lines could not be read; they came back with an error.")
        raise typer.Exit(1)


def _load_judge(home: Home) -> Judge:
    from fengping.analysis.judge import Judge

    return Judge.load(home.config.analysis, [home.hosts] if home.hosts.exists() else [])


def _judge(judge: Judge, rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    judgements = judge.judge([_content(row) for row in rows], [_day(row) for row in rows])
    return [_labels(judgement, names) for judgement in judgements]


def _labels(judgement: Judgement, names: Sequence[str]) -> Row:
    labels = {name: getattr(judgement, name) for name in names}
    if "evidence" in labels:
        labels["evidence"] = [asdict(found) for found in judgement.evidence]
    return labels


def _compare(rows: Sequence[Row]) -> list[Row]:
    from fengping.analysis.reposts.compare import same_story

    return [{"same_story": bool(same_story(row["text_a"], row["text_b"]))} for row in rows]


def _content(row: Row) -> str:
    """Title and text as one, as :attr:`fengping.models.RawDocument.content` joins them."""
    title, text = row.get("title") or "", row["text"]
    if not title or text.startswith(title):
        return str(text)
    return f"{title}\n{text}" if text else title


def _day(row: Row) -> Any:
    """The day of publication where the line says one; names that count only for a time need it."""
    from fengping.clock import day_of, parse_moment
    from fengping.errors import UsageError

    said = row.get("published_at") or row.get("date")
    if not isinstance(said, str):
        return None
    try:
        return day_of(parse_moment(said))
    except UsageError:
        return None


def _line_batches(stream: IO[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Whole lines as they arrive, each batch with the number of its first line, from 1.

    Takes what is there and waits for no more, so that a pipe is answered line by line when it is slow.
    """
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    number = 1
    begun: list[bytes] = []
    while chunk := read(_AT_ONCE):
        whole, newline, rest = chunk.rpartition(b"\n")
        if newline:
            lines = b"".join((*begun, whole)).split(b"\n")
            yield number, lines
            number += len(lines)
            begun = []
        begun.append(rest)
    if last := b"".join(begun):
        yield number, [last]


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


def _dump(row: Mapping[str, Any]) -> bytes:
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    # Legal in JSON, but many a reader takes them for the end of a line.
    for mark in "\x85\u2028\u2029":
        line = line.replace(mark, f"\\u{ord(mark):04x}")
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair can only be written as an escape
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"
