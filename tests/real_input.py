"""Runs the measuring data through the commands, on both stores (docs/measurements/real-input.md).

.venv/bin/python -m tests.real_input [--data ../shared/data] [--keep FOLDER]

Every figure comes from ``fengping`` called as a user calls it and is counted again in plain Python from the
file. Exit 1 where the stores, or the command and the count, differ.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.elasticsearch_node.launcher import Unavailable, running
from tests.site.server import Reply, serve

from devtools.evaluation.extraction import overlap, read_cases, same_date, same_title
from fengping.spiders.extraction import Page


@dataclass(frozen=True)
class Stream:
    """A file, the words asked of it, the window of its report."""

    name: str
    file: str
    queries: tuple[str, ...]
    kind: str
    first: str
    last: str


STREAMS = (
    Stream("hot", "weibo-hot-2020-double11.csv.gz", ("直播", "双11", "李佳琦"), "double11",
           "2020-10-20", "2020-11-15"),
    Stream("topics", "weibo-topics-2024-2025.jsonl.gz", ("直播", "主播", "退款", "小杨哥"), "double11",
           "2024-10-14", "2024-11-15"),
)  # fmt: skip
FIRST_SEEN = "weibo-first-seen-2020-2021.csv.gz"
WINDOWS = (("2020-11-24", "2020-12-31"), ("2021-10-18", "2021-11-22"))
SOURCE = """title = "Measuring pages"
kind = "list"
urls = ["{list}"]
channel = "news"
allow_private = true
[selectors]
items = "li"
[selectors.item]
link = "a::attr(href)"
"""
troubles: list[str] = []


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def expect(what: str, one: object, other: object) -> None:
    """Notes a difference; the run goes on."""
    if one != other:
        troubles.append(f"{what}: {one!r} is not {other!r}")
        say(f"  DIFFERENT {troubles[-1]}")


def fengping(home: Path, *arguments: str) -> str:
    """Standard output of a command, which must succeed."""
    command = [sys.executable, "-m", "fengping", "--home", str(home), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"fengping {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def make_home(home: Path, store: str = "") -> Path:
    home.mkdir(parents=True)
    fengping(home, "init")
    if store:
        config = home / "fengping.toml"
        config.write_text(f'store = "{store}"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    return home


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        if ".csv" in path.name:
            yield from csv.DictReader(file)
        else:
            yield from (json.loads(line) for line in file)


def loaded(home: Path, file: Path, source: str) -> None:
    told = json.loads(fengping(home, "import", str(file), "--source", source, "--json"))
    again = json.loads(fengping(home, "import", str(file), "--source", source, "--json"))
    put = json.loads(fengping(home, "index", "--json"))
    say(f"  imported {told['statuses']} in {told['elapsed']} s, again {again['statuses']}; "
        f"indexed {put['lines']:,} in {put['elapsed']} s")  # fmt: skip


def holds(row: dict[str, str], word: str) -> bool:
    return word in f"{row['title']}\n{row.get('description') or ''}"


def answers(home: Path, stream: Stream, table: list[dict[str, str]]) -> dict[str, Any]:
    """Return a store's answers about a stream, less what a second run changes."""
    window = ("--since", stream.first, "--until", stream.last, "--json")
    inside = [row for row in table if stream.first <= row["date"] <= stream.last]
    said: dict[str, Any] = {}
    for word in stream.queries:
        found = json.loads(fengping(home, "search", word, "--limit", "10000", *window))
        expect(f"{stream.name} {word} total", found["total"], sum(holds(row, word) for row in inside))
        volatile = ("fetched_at", "indexed_at")
        said[word] = [
            {name: value for name, value in hit.items() if name not in volatile} for hit in found["hits"]
        ]
        days = json.loads(fengping(home, "trend", word, "--by", "day", *window))
        counted = [sum(holds(row, word) for row in inside if row["date"] == day["start"]) for day in days]
        expect(f"{stream.name} {word} days", [day["count"] for day in days], counted)
        said[f"{word} by day"] = days
        for split in ("hosts", "issues", "polarity", "platforms", "channel"):
            said[f"{word} by week and {split}"] = json.loads(
                fengping(home, "trend", word, "--by", "week", "--split", split, *window)
            )
    return said


def reported(home: Path, stream: Stream) -> dict[str, Any]:
    out = home / "out"
    fengping(
        home, "report", stream.kind, "--from", stream.first, "--to", stream.last,
        "--format", "html,pdf,docx,xlsx,md,json", "--out", str(out),
    )  # fmt: skip
    [file] = out.glob("*.json")
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def streams(folder: Path, data: Path, stores: dict[str, str]) -> None:
    for stream in STREAMS:
        file = data / "streams" / stream.file
        table = list(rows(file))
        say(f"\n{stream.file}: {len(table):,} rows")
        said, reports = {}, {}
        for store, url in stores.items():
            say(f" {store}")
            home = make_home(folder / f"{stream.name}-{store}", url and f"{url}/{stream.name}")
            loaded(home, file, stream.name)
            said[store] = answers(home, stream, table)
            reports[store] = reported(home, stream)
        (first, *others) = stores
        for word in stream.queries:
            negative = sum(hit["polarity"] == "neg" for hit in said[first][word])
            say(f"  {word}: {len(said[first][word])} in the window, {negative} negative")
        for store in others:
            for name, value in said[first].items():
                if said[store][name] != value:
                    expect(f"{stream.name} {name} on {store}", said[store][name], value)
            same = reports[store] == reports[first]
            say(f"  the report on {store} equals that on {first}: {same}")
            expect(f"{stream.name} report on {store}", same, True)
        for name in ("collected", "total", "negative", "complaints"):
            say(f"  report {name}: {figure(reports[first], name)}")


def figure(report: dict[str, Any], name: str) -> Any:
    return next((fact.get("value") for fact in report["facts"] if fact.get("id") == name), None)


def alarms(folder: Path, data: Path) -> None:
    say(f"\n{FIRST_SEEN}, the rule that init lays")
    home = make_home(folder / "first-seen")
    loaded(home, data / "streams" / FIRST_SEEN, "first-seen")
    for first, last in WINDOWS:
        lines = fengping(home, "alerts", "test", "--from", first, "--to", last, "--json").splitlines()
        say(f"  {first} … {last}: {len(lines)} firings")
        for line in lines:
            firing = json.loads(line)
            say(f"    {firing['fired_at'][:16]} {firing['key']} {firing['count']}")


def pages(folder: Path, data: Path) -> None:
    cases = read_cases(data / "pages")
    say(f"\npages: {len(cases)} on loopback, crawled by a list source")
    home = make_home(folder / "pages")
    with serve() as site:
        names = [case.file.name for case in cases]
        site.pages["/list"] = Reply(
            "<ul>" + "".join(f'<li><a href="/{n}">{n}</a></li>' for n in names) + "</ul>"
        )
        for case in cases:
            site.pages[f"/{case.file.name}"] = Reply(
                case.file.read_bytes(), headers={"Content-Type": "text/html"}
            )
        (home / "sources" / "pages.toml").write_text(SOURCE.format(list=site.url("/list")), encoding="utf-8")
        os.environ["FENGPING_CRAWL__DELAY"] = "0"
        os.environ["FENGPING_CRAWL__ALLOW_PRIVATE"] = "true"
        [result] = json.loads(fengping(home, "crawl", "--json"))
    say(f"  ended as {result['counts']}")
    fengping(home, "index")
    hits = json.loads(fengping(home, "search", "", "--limit", "100", "--json"))["hits"]
    found = {hit["url"].rpartition("/")[2]: hit for hit in hits}
    bodies, titles, dates = [], [], []
    for case in cases:
        hit = found.get(case.file.name)
        if hit is None:
            say(f"  {case.file.name}: not kept")
        text, title = (hit["text"], hit["title"]) if hit else ("", "")
        published = hit and hit["published_at"]
        page = Page(published_at=published and datetime.fromisoformat(published).astimezone(UTC))
        if case.body:
            bodies.append(overlap(text, case.body)[2])
        for judged, wanted, right in ((titles, case.title, same_title(title, case.title or "")),
                                      (dates, case.date, same_date(page, case.date or ""))):  # fmt: skip
            if wanted:
                judged.append(right)
    good = sum(f1 >= 0.9 for f1 in bodies)
    say(f"  bodies: {good} of {len(bodies)} with F1 ≥ .9, mean F1 {sum(bodies) / len(bodies):.3f}")
    say(f"  titles: {sum(titles)} of {len(titles)} equal · dates: {sum(dates)} of {len(dates)} equal")


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("FENGPING_DATA", "../shared/data")))
    parser.add_argument("--keep", type=Path, help="Folder for the homes and reports, which then stay.")
    given = parser.parse_args(arguments if arguments is None else list(arguments))
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stores = {"tantivy": ""}
        try:
            cluster = stack.enter_context(running(folder))
            stores["elasticsearch"] = f"elasticsearch+{cluster.urls[0]}"
        except Unavailable as reason:
            troubles.append(f"Elasticsearch: {reason}")
        streams(folder, given.data.absolute(), stores)
        pages(folder, given.data.absolute())
        alarms(folder, given.data.absolute())
    say("\n" + ("\n".join(troubles) or "Both stores and the plain counts agree."))
    return bool(troubles)


if __name__ == "__main__":
    sys.exit(main())
