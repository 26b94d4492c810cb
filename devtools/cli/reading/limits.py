"""``reading limits``."""

from __future__ import annotations

from pathlib import Path

from devtools.cli import Data
from devtools.evaluation.reading_rows import printed, rows, scored
from devtools.reading.limits import to_say, to_search
from fengping.analysis.reading.derived import FILE
from fengping.cli.terminal import remark

_HEAD = "# Claim = [probability to search and count by, probability to print by]; above 1: never printed.\n"


def limits(data: Data = Path("../shared/data")) -> None:
    """Chooses the limits of each claim on the measuring texts and writes them beside the model."""
    found = rows(data)
    search = scored(found)
    say = search | printed(found)
    lines = [f"{name} = [{to_search(name, search[name])}, {to_say(say[name])}]\n" for name in search]
    FILE.write_text(_HEAD + "".join(lines), "utf-8")
    remark(f"{FILE} is written.")
