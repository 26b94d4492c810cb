"""Reports as JSON: every sentence, table, case and figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import WEEK, WINDOW, Homes, Made
from devtools.golden.running import succeed

_CASE = re.compile(r"case\.[0-9a-f]{12}")
NAMES = ("event", "number")


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    yield from _report(homes.demo, "double11", *WINDOW)
    yield from _report(homes.demo, "weekly", *WEEK)
    yield from _report(homes.story, "double11", *WINDOW)


def _report(made: Made, kind: str, *window: str) -> Iterator[tuple[str, Any]]:
    folder = made.root / "printed" / kind
    succeed(made.root, "report", kind, *window, "--format", "json", "--out", str(folder))
    (file,) = folder.glob("*.json")
    report = json.loads(file.read_bytes())
    name = f"{made.name} {kind}"
    yield f"{name} title", [report["title"]]
    yield f"{name} digest", report["digest"]
    yield f"{name} text", [_passage(part) for part in report["text"]]
    for table in report["tables"]:
        rows = ["　".join(map(_cell, row)) for row in (table["columns"], *table["rows"])]
        yield f"{name} {table['caption']}", rows
    for case in report["cases"]:
        said = {
            key: value
            for key, value in case.items()
            if value not in (None, [], "") and key not in ("event", "number")
        }
        yield f"{name} case {case['number']}", _with_names(made, said)
    cases: dict[str, str] = {}
    for fact in report["facts"]:
        # Figures of a case are known by the event's id, which says nothing.
        id = _CASE.sub(lambda found: cases.setdefault(found[0], f"case.{len(cases) + 1}"), fact["id"])
        documents = made.named(one["id"] for one in fact["documents"])
        yield f"{name} figure {id}", f"{_cell(fact['value'])} {fact['unit']} {documents}".strip()


def _passage(part: dict[str, Any]) -> str:
    if "heading" in part:
        return f"{'#' * part['level']} {part['heading']}"
    return str(part["text"]) if "text" in part else json.dumps(part, ensure_ascii=False)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _with_names(made: Made, value: Any) -> Any:
    """A value of a case with names in place of ids; texts, which the sentences repeat, by their documents."""
    if isinstance(value, dict):
        if "id" in value and "hash" in value:
            return made.named([value["id"]])
        return {name: _with_names(made, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_names(made, one) for one in value]
    if isinstance(value, str):
        return made.keys.get(value, value)
    return round(value, 4) if isinstance(value, float) else value
