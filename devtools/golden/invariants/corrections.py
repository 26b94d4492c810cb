"""Corrections, and what undoing them brings back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import Homes, Made
from devtools.golden.running import succeed

BY = ("--by", "desk", "--note", "读过原文")
LEFT_OUT = ("document_id", "id", "judged")
CHANGES: dict[str, tuple[str, ...]] = {
    "polarity": ("--polarity", "pos"),
    "relevant": ("--not-relevant",),
    "consumer": ("--not-consumer",),
    "act": ("--act", "response"),
    "hosts": ("--add-host", "鹿十七", "--add-target", "鹿十七"),
    "issues": ("--add-class", "C09"),
}


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    """Each correction's outcome, also after a rebuild, and whether undoing brings the document back."""
    made = homes.few("corrections", 30)
    first = _all(made)
    ids = dict(zip(CHANGES, made.keys, strict=False))
    for name, change in CHANGES.items():
        said = made.run("correct", ids[name], *change, *BY)
        shown = [one for one in said[name] if one in change] if isinstance(said[name], list) else said[name]
        yield f"{name} corrected", {name: shown, "by": said["corrected_by"]}
    corrected = _all(made)
    changed = {id for id, row in corrected.items() if row != first[id]}
    yield "documents that the corrections changed", made.named(id for id in made.keys if id in changed)
    succeed(made.root, "reindex")
    yield "the same after a rebuild", _all(made) == corrected
    listed = made.run("correct", "--list")
    yield (
        "listed",
        [
            {name: value for name, value in row.items() if value and name not in ("document_id", "id")}
            for row in listed
        ],
    )
    for id in ids.values():
        made.run("correct", id, "--undo", "--by", "desk")
    yield "all as before when they are undone", _all(made) == first
    succeed(made.root, "reindex")
    yield "all as before when rebuilt", _all(made) == first


def _all(made: Made) -> dict[str, Any]:
    return {hit["id"]: hit for hit in made.run("search", "--limit", "999")["hits"]}
