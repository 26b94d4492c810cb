"""The console and its API over invented posts: answers, also to many at once, or whole pages."""

from __future__ import annotations

from devtools.bench import Options, Row
from devtools.bench.serve import answers, pages


def run(options: Options) -> list[Row]:
    """Whole pages where *options* ask for them, else the answers of the API."""
    return pages.run(options) if options.pages else answers.run(options)
