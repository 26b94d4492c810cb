"""``analyse``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Annotated, Any

import typer

from fengping.cli.terminal import remark
from fengping.home import Home
from fengping.services.analyse import answer, answerer

_AT_ONCE = 1 << 18
"""Bytes read at once: some hundreds of posts, few enough that a pipe's reader soon has its answer."""


def analyse(
    context: typer.Context,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Lines hold text_a and text_b; says whether both are one story.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Add regulators, evidence spans, keywords, model versions and the whole reading.",
        ),
    ] = False,
) -> None:
    """Judges JSON lines from stdin to stdout, in order.

    Each line {"text", …} (with title, published_at, kind and channel where there are such) comes back with
    snownlp, negative, positive, polarity, act, consumer, relevant, hosts, negative_hosts, negative_brands,
    platforms and issues; null stands where nothing judges yet. A line that cannot be read comes back as
    {"error", "line"}; the others are judged all the same, and the exit code is 1.
    The home's fengping.toml and hosts.toml count where they are there.
    """
    bad = total = 0
    by = answerer(Home(context.obj.absolute()), pairs=pairs, explain=explain)
    for first, lines in _line_batches(sys.stdin.buffer):
        answers = answer(lines, first, by)
        sys.stdout.buffer.writelines(map(_dump, answers.rows))
        sys.stdout.buffer.flush()
        total += len(answers.rows)
        bad += answers.bad
    if bad:
        remark(f"{bad:,} of {total:,} lines could not be read; they came back with an error.")
        raise typer.Exit(1)


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


def _dump(row: Mapping[str, Any]) -> bytes:
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    # Legal in JSON, but many a reader takes them for the end of a line.
    for mark in "\x85\u2028\u2029":
        line = line.replace(mark, f"\\u{ord(mark):04x}")
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair can only be written as an escape
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"
