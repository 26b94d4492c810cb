"""Measures the cost of syncing journaled documents (docs/measurements/reliability.md).

.venv/bin/python -m devtools.sync_price [--folder FOLDER]

Writes documents of 170 characters into a journal on the disk of FOLDER, synced after every 1, 10, 100 and 200
of them, and never.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from fengping.indexer.journal import JournalWriter
from fengping.models import RawDocument

DOCUMENTS = 4_000
TEXT = "承诺的赠品没有寄到，客服没有答复。" * 10


def microseconds(folder: Path, every: int) -> float:
    """The time of one document, where the journal is synced after *every*; 0: never."""
    at = datetime(2020, 11, 11, tzinfo=UTC)
    documents = [RawDocument(f"{n:032x}", "sample", TEXT, at) for n in range(DOCUMENTS)]
    writer = JournalWriter(folder)
    writer.append(documents[0])
    begin = perf_counter()
    for number, document in enumerate(documents, start=1):
        writer.append(document)
        if every and number % every == 0:
            writer.sync()
    spent = perf_counter() - begin
    writer.close()
    return spent / DOCUMENTS * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    given = parser.parse_args()
    sys.stdout.write("| synced after | µs a document |\n|---|---:|\n")
    for every in (1, 10, 100, 200, 0):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            sys.stdout.write(f"| {every or 'never'} | {microseconds(Path(folder), every):,.0f} |\n")


if __name__ == "__main__":
    main()
