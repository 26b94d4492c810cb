"""Extraction of pages: the invented pages of the tests, and those of the sample site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devtools.golden.homes import Homes
from devtools.golden.records import digest
from devtools.golden.running import fengping

PAGES = Path(__file__).parents[3] / "tests" / "pages"
HEAD = 40


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    """The answer of ``extract`` for each page; of the text its beginning, its length and a digest."""
    root = homes.empty("extraction")
    for page in sorted(PAGES.glob("*/page.html")):
        answer = fengping(root, "extract", str(page), "--url", f"https://pages.example/{page.parent.name}")
        if not answer.out:
            yield page.parent.name, {"exit": answer.code}
            continue
        found = {name: value for name, value in answer.json.items() if value not in (None, "", {}, [])}
        text = found.pop("text", "")
        shown = {"exit": answer.code, "text": [text[:HEAD], str(len(text)), digest(text)]}
        yield page.parent.name, found | shown
