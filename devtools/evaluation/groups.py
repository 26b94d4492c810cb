"""Repost groups of the streams: how many hold texts that tell different things, by labels made by reading.

The labels stand beside this module as hashes; every group of more than one wording was read.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson

from devtools.evaluation import data_hash
from devtools.training.readings import text_hash
from fengping.analysis.figures import Figure
from fengping.analysis.reposts.compare import normalise
from fengping.clock import parse_moment
from fengping.indexer.groups.grouping import Groups, Member
from fengping.models import document_id

LABELS = Path(__file__).with_name("groups.tsv")
STREAMS = (
    "weibo-first-seen-2020-2021.csv.gz", "weibo-hot-2020-double11.csv.gz",
    "weibo-topics-2024-2025.jsonl.gz",
)  # fmt: skip
LARGEST = 100


def rows(data: Path) -> Iterator[tuple[str, str]]:
    """Time and text of every row of the streams, as an import takes them in."""
    for name in STREAMS:
        with gzip.open(data / "streams" / name, "rt", encoding="utf-8", newline="") as file:
            if ".jsonl" in name:
                for line in file:
                    row = orjson.loads(line)
                    text = f"{row['title']}\n{row['description']}".strip()
                    yield f"{row['date']} {row['hour'].zfill(2)}:00", text
            else:
                for row in csv.DictReader(file):
                    time = row.get("time") or row.get("first_seen") or row["date"]
                    yield time, row.get("text") or row["title"]


def measure(data: Path) -> list[Figure]:
    """Purity of the groups of 2 to 100 documents, of those of several wordings, and the share read."""
    lines = LABELS.read_text("utf-8").splitlines()
    told = dict(line.split("\t") for line in lines if not line.startswith("#"))
    groups = [texts for texts in found(data) if 2 <= sum(texts.values()) <= LARGEST]
    several = [{told.get(key, key) for key in texts} for texts in groups if len(texts) > 1]
    unread = sum(any(len(subject) == 16 for subject in subjects) for subjects in several)
    pure = sum(len(subjects) == 1 for subjects in several)
    digest = data_hash(LABELS)
    whole = (pure + len(groups) - len(several)) / max(1, len(groups))
    return [
        Figure("groups.purity", whole, len(groups), 0.98, data=digest, left_out=False),
        Figure(
            "groups.several.purity", pure / max(1, len(several)), len(several), data=digest, left_out=False
        ),
        Figure("groups.several.read", 1 - unread / max(1, len(several)), len(several), data=digest),
    ]


def found(data: Path) -> list[dict[str, int]]:
    """The texts of each group by their hashes, with how often each stands there."""
    members, keys = [], {}
    for number, (time, text) in enumerate(rows(data)):
        id = document_id("groups", str(number))
        members.append(Member(id, text, parse_moment(time)))
        keys[id] = text_hash(normalise(text).tobytes().hex())
    with tempfile.TemporaryDirectory() as folder:
        groups = Groups(Path(folder))
        state = groups.add(members)
        groups.close()
    texts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for id, (group, _) in state.items():
        texts[group][keys[id]] = texts[group].get(keys[id], 0) + 1
    return list(texts.values())
