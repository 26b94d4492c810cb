"""Pages read per second, beside trafilatura on the same pages in the same run.

Both get the bytes and return title, date, author and body. They take turns page by page, so that whatever
else the machine does falls on both; processor time is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from devtools.bench import Options, Row
from fengping.errors import NotInstalled, UsageError
from fengping.spiders.extraction import extract

SEEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT_SIZE = 124
"""Four rounds over the 31 pages of the measuring data."""


def run(options: Options) -> list[Row]:
    """Raises :class:`UsageError` without pages to read, :class:`NotInstalled` without trafilatura."""
    pages = _pages(options.data / "pages")
    theirs = _trafilatura()

    def ours(data: bytes) -> object:
        return extract(data, fetched_at=SEEN_AT)

    readers = (ours, theirs)
    for data in pages[:3]:
        for reader in readers:
            reader(data)
    size = options.size or DEFAULT_SIZE
    spent = [0.0, 0.0]
    for number in range(size):
        data = pages[number % len(pages)]
        for side, reader in enumerate(readers):
            start = time.process_time()
            reader(data)
            spent[side] += time.process_time() - start
    fast, slow = size / spent[0], size / spent[1]
    return [
        Row("extraction", fast, "pages/s", size, ratio=fast / slow, beside="trafilatura"),
        Row("trafilatura", slow, "pages/s", size),
    ]


def _pages(folder: Path) -> list[bytes]:
    pages = [file.read_bytes() for file in sorted(folder.glob("*.html"))]
    if not pages:
        raise UsageError(f"There are no pages in {folder}.", remedy="Name the measuring data with --data.")
    return pages


def _trafilatura() -> Callable[[bytes], object]:
    try:
        import trafilatura
    except ImportError:
        raise NotInstalled(
            "The comparison needs trafilatura.", remedy="Install it with: pip install trafilatura."
        ) from None

    def read(data: bytes) -> object:
        return trafilatura.bare_extraction(data, include_comments=False, with_metadata=True)

    return read
