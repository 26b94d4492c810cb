"""Makes a file of labels from readers' work: texts and labels as JSON Lines, joined by their number.

``python -m devtools.labels FOLDER OUT PART…`` reads ``PART.jsonl`` (n, kind, src, title, text) and
``labels-PART.jsonl`` of the folder for each part, ``meta.jsonl`` for how a row was drawn, and, for rows that
a second reader read, every ``second-*.jsonl``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from devtools.training.labels import COLUMNS, Labels, key_of, lines_of


def convert(folder: Path, parts: Iterable[str]) -> list[tuple[str, Labels]]:
    """The labels of *parts* with the hashes of their texts, first and second readers."""
    parts = list(parts)
    drawn = {row["n"]: row["draw"] for row in _rows(folder / "meta.jsonl")}
    texts = {row["n"]: row for part in parts for row in _rows(folder / f"{part}.jsonl")}
    first = [(row, 1) for part in parts for row in _rows(folder / f"labels-{part}.jsonl")]
    second = [(row, 2) for path in sorted(folder.glob("second-*.jsonl")) for row in _rows(path)]
    return [
        _labels(texts[row["n"]], row, drawn.get(row["n"], "fair"), reader)
        for row, reader in first + second
        if row["n"] in texts
    ]


def _labels(text: dict[str, Any], row: dict[str, Any], draw: str, reader: int) -> tuple[str, Labels]:
    said = Labels(
        kind=text["kind"],
        source=text["src"],
        draw=draw,
        reader=reader,
        polarity=row["p"],
        relevant=bool(row.get("r", 0)),
        consumer=bool(row.get("c", 0)),
        act=row.get("a", "other"),
        issues=tuple(row.get("i", ())),
        hosts=tuple(row.get("h", ())),
        brands=tuple(row.get("b", ())),
        roles=row.get("roles", {}),
        sure=bool(row.get("s", 1)),
    )
    return key_of(text.get("title", ""), text.get("text", "")), said


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(orjson.loads, path.read_bytes().splitlines())


def main(arguments: list[str]) -> None:
    folder, out, *parts = arguments
    lines = ["# " + "\t".join(COLUMNS), *lines_of(convert(Path(folder), parts))]
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
