"""SnowNLP's own scores, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import Homes
from devtools.golden.records import sliced


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    """The score of one document in ten of the demonstration, in forty of the others; digests of all."""
    for made, every in ((homes.demo, 10), (homes.story, 40), (homes.posts, 40)):
        rows = ((key, document.judgement.snownlp.hex()) for key, document in made.documents.items())
        yield from sliced("snownlp of", rows, every=every)
