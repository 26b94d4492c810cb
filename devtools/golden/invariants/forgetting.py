"""Documents that ``forget`` removes, counted by what held them, and those that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import WEEK, Homes, Made
from devtools.golden.running import fengping, succeed


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    made = homes.few("forgetting")
    succeed(
        made.root,
        "report",
        "weekly",
        *WEEK,
        "--format",
        "json",
        "--out",
        str(made.root / "var" / "reports"),
    )
    first = next(iter(made.keys))
    made.run("correct", first, "--act", "report", "--by", "desk")
    url = made.documents[made.keys[first]].raw.url
    yield from _forgotten(made, "--url", url)
    yield from _forgotten(made, "--author", "豆沙包", "--keep-printed")
    yield from _forgotten(made, "--author", "阿芷", "--with-reposts")
    yield from _forgotten(made, "--before", "2020-11-13")
    yield from _forgotten(made, "--author", "无此人")
    file = str(made.root / "desk.jsonl")
    again = fengping(made.root, "import", file, "--source", "desk", "--channel", "forum", "--yes", "--json")
    yield "imported again", again.json["statuses"]
    succeed(made.root, "reindex")
    yield "left after a rebuild", " ".join(_left(made))


def _forgotten(made: Made, *wanted: str) -> Iterator[tuple[str, Any]]:
    """Counts by what held the documents, and which are found no more."""
    before = _left(made)
    answer = fengping(made.root, "forget", *wanted, "--yes", "--json")
    said = answer.json if answer.out else {}
    for name in said and ("files", "mentioned"):
        said[name] = [path.rpartition("/")[2] for path in said[name]]
    if said:
        said["reposts"] = made.named(said["reposts"])
    left = set(_left(made))
    gone = " ".join(key for key in before if key not in left)
    yield f"forget {' '.join(wanted)}", {"exit": answer.code, **said, "gone": gone}


def _left(made: Made) -> list[str]:
    return [made.keys[hit["id"]] for hit in made.run("search", "--limit", "999")["hits"]]
