"""Pairs of posts: same story or not, against labels."""

from __future__ import annotations

from pathlib import Path

import orjson

from devtools.evaluation import data_hash
from fengping.analysis import same_story
from fengping.analysis.figures import Figure


def measure(data: Path) -> list[Figure]:
    """Precision and recall on ``neardup/pairs.jsonl``; frames with another subject kept apart."""
    file = data / "neardup" / "pairs.jsonl"
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    found = [same_story(row["text_a"], row["text_b"]) for row in rows]
    same = [bool(row["same_story"]) for row in rows]
    right = sum(f and s for f, s in zip(found, same, strict=True))
    frames = [not f for f, row in zip(found, rows, strict=True) if row.get("template_different_subject")]
    digest = data_hash(file)
    return [
        Figure("neardup.pairs.precision", right / max(1, sum(found)), sum(found), 0.98, data=digest),
        Figure("neardup.pairs.recall", right / max(1, sum(same)), sum(same), 0.85, data=digest),
        Figure("neardup.frames.kept-apart", sum(frames) / max(1, len(frames)), len(frames), data=digest),
    ]
