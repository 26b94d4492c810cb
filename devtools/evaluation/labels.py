"""Texts labelled by reading that only measure: fair draws of news, bare titles, posts and complaints."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from devtools.training.labels import Labels, Read, join, read_labels
from fengping.analysis import HostRegistry

LABELS = Path(__file__).with_name("labels.tsv")
FOLDERS = ("more", "streams")
"""Folders of the measuring data that hold the texts."""


@cache
def measuring(data: Path) -> tuple[Read, ...]:
    """The texts that measure, with the first reader's labels; those of *data* that are there."""
    return tuple(read for read in joined(data, read_labels(LABELS)) if read.labels.reader == 1)


def joined(data: Path, labels: list[tuple[str, Labels]]) -> list[Read]:
    """The texts of *labels* that the folders of *data* hold, with the registry's names."""
    files = [
        file for folder in FOLDERS if (data / folder).is_dir() for file in sorted((data / folder).iterdir())
    ]
    return join(files, labels, [host.name for host in HostRegistry.load().hosts])
