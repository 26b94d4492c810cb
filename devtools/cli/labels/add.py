"""``labels add``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from devtools.cli import Data
from fengping.errors import UsageError


def add(
    answers: Annotated[Path, typer.Argument(help="Lines of JSON, named like their pack: WHO/p000.jsonl.")],
    pack: Annotated[Path, typer.Option(help="The pack's file of keys.")],
    data: Data = Path("../shared/data"),
    reader: Annotated[int, typer.Option(help="1; 2 for a second reading; 3 for settled ones.")] = 1,
    keep: Annotated[bool, typer.Option(help="Keep them; otherwise only the faults are printed.")] = False,
) -> None:
    """Checks the answers to a pack and, with --keep, adds them to the labels; exit 1 for any fault."""
    from devtools.labelling import packs, store
    from devtools.labelling.texts import texts

    if not (pack.is_file() and answers.is_file()):
        raise UsageError(f"{pack} or {answers} does not exist.", remedy="Draw packs with labels draw.")
    rows = [orjson.loads(line) for line in pack.read_bytes().splitlines()]
    sources = {row["source"] for row in rows}
    by_key = {text.key: text for source in sources for text in texts(data, source)}
    labels, faults, answered = [], [], set()
    for number, line in enumerate(filter(str.strip, answers.read_text(encoding="utf-8").splitlines()), 1):
        place = _number(line)
        if not 1 <= place <= len(rows):
            faults.append(f"line {number}: no number of this pack")
            continue
        text = by_key[rows[place - 1]["key"]]
        answered.add(place)
        try:
            labels.append(store.Label(text.key, text.source, text.part, reader, packs.parse(line, text)))
        except ValueError as error:
            faults.append(f"#{place}: {error}")
    faults += [f"#{place}: missing" for place in range(1, len(rows) + 1) if place not in answered]
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    if keep:
        old = [one for one in store.read() if (one.key, one.reader) not in {(n.key, reader) for n in labels}]
        store.write([*old, *labels])
    typer.echo(f"{len(labels)} good")


def _number(line: str) -> int:
    try:
        said: Any = orjson.loads(line)
        return int(said["i"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0
