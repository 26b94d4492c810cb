"""Files as other programs write them, imported without any option (``import_formats/``, invented rows)."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.commands import fengping

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.importing import FIELDS, Import, Input, choose, documents
from fengping.indexer.importing.formats import formats
from fengping.indexer.importing.rows import Row, Table
from fengping.models import RawDocument

FOLDER = Path(__file__).parent / "import_formats"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "expected.json")
TERMS = Import("vendor", datetime(2026, 1, 1, tzinfo=UTC), b"salt")
OF_THE_HOME = {"source", "author_id", "lang"}


def journaled(home: Home) -> list[RawDocument]:
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    return [line.document for line in lines if line.document]


def shown(document: RawDocument) -> dict[str, Any]:
    """The fields that a document has, without those that a home gives."""
    record = document.to_record()
    record["engagement"] = {name: count for name, count in record["engagement"].items() if count is not None}
    if document.fetched_at > datetime(2021, 1, 1, tzinfo=UTC):  # the file does not say when it was fetched
        del record["fetched_at"]
    empty = ("", None, [], {})
    return {name: value for name, value in record.items() if name not in OF_THE_HOME and value not in empty}


@pytest.mark.parametrize("name", FILES)
def test_every_field_is_kept_without_any_option(home: Home, name: str) -> None:
    done = fengping(home, "import", str(FOLDER / name), "--source", "vendor", "--yes", "--json")
    assert (done.returncode, orjson.loads(done.stdout)["remarks"]) == (0, {})
    said = " ".join(done.stderr.split())
    assert f"{name}: taken as {EXPECTED[name]['taken_as']}." in said
    documents = journaled(home)
    assert [shown(one) for one in documents] == EXPECTED[name]["documents"]
    # Names of accounts without an id: a byline is nobody's, and these files tell no author of posts.
    nameless = name.startswith(("newsnow", "60s", "gdelt", "meltwater", "feed.rss", "weibospider.csv"))
    assert all(bool(one.author_id) != nameless for one in documents)


def tables(name: str) -> Iterator[tuple[Table, list[Row]]]:
    for table in Input(FOLDER / name).tables():
        yield table, [row for row in table.rows if isinstance(row, Row)]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=20)
@given(data=st.data())
def test_the_order_of_columns_does_not_matter(name: str, data: st.DataObject) -> None:
    for table, rows in tables(name):
        order = data.draw(st.permutations(table.columns))
        moved = [Row(row.number, {c: row.cells[c] for c in order if c in row.cells}) for row in rows]
        columns = choose(replace(table, columns=tuple(order)), [])
        assert columns.taken_as == EXPECTED[name]["taken_as"]
        assert list(documents(moved, columns, TERMS)) == list(documents(rows, choose(table, []), TERMS))


@pytest.mark.parametrize("platform", ["xhs", "dy", "ks", "bili", "wb", "tieba", "zhihu"])
def test_a_comment_finds_its_post(platform: str) -> None:
    [posts, comments] = (
        EXPECTED[name]["documents"] for name in sorted(FILES, reverse=True)
        if name.startswith(f"mediacrawler-{platform}-co")
    )  # fmt: skip
    assert posts[0]["id"] == comments[0]["parent_id"]


def test_the_sheets_of_a_workbook(home: Home, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet, name in (("Contents", "zhihu-contents.json"), ("Comments", "zhihu-comments.csv")):
        [table] = Input(FOLDER / f"mediacrawler-{name}").tables()
        rows = book.create_sheet(sheet)
        rows.append(list(table.columns))
        for row in table.sample:
            rows.append(list(row.cells.values()))
    book.save(path := tmp_path / "zhihu_search.xlsx")
    assert fengping(home, "import", str(path), "--source", "vendor", "--yes").returncode == 0
    wanted = [
        EXPECTED[f"mediacrawler-zhihu-{name}"]["documents"] for name in ("contents.json", "comments.csv")
    ]
    assert [shown(one) for one in journaled(home)] == [one for some in wanted for one in some]


def test_what_a_person_maps_wins(home: Home) -> None:
    options = ("--map", "text=source_keyword", "--map", "likes=", "--kind", "news", "--channel", "client")
    file = FOLDER / "mediacrawler-xhs-contents.csv"
    assert fengping(home, "import", str(file), "--source", "vendor", "--yes", *options).returncode == 0
    [one] = journaled(home)
    assert (one.text, one.engagement.likes, one.kind, one.channel) == ("云朵杯", None, "news", "client")
    assert one.title == "云朵杯避雷"


def test_the_tables_of_a_database(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "sqlite_tables.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, name in (("bilibili_video", "ks-contents"), ("weibo_note_comment", "wb-comments")):
            with (FOLDER / f"mediacrawler-{name}.csv").open(encoding="utf-8-sig", newline="") as file:
                [row] = csv.DictReader(file)
            names = ", ".join(f'"{column}"' for column in row)
            connection.execute(f"CREATE TABLE {table} (rowid_ INTEGER PRIMARY KEY, {names})")
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
        connection.execute("CREATE TABLE creators (user_id, nickname, desc)")
        connection.execute("INSERT INTO creators VALUES ('1', '甲', '爱好测评')")
        connection.execute("CREATE TABLE empty (text)")
    done = fengping(home, "import", str(path), "--source", "vendor", "--yes")
    said = " ".join(done.stderr.split())
    assert "[bilibili_video]: taken as MediaCrawler (ks, posts)." in said
    assert "[creators] is left out" in said
    wanted = [EXPECTED[f"mediacrawler-{name}.csv"]["documents"] for name in ("ks-contents", "wb-comments")]
    assert [shown(one) for one in journaled(home)] == [one for some in wanted for one in some]
    path.write_bytes(path.read_bytes()[:3000])
    refused = fengping(home, "import", str(path), "--source", "vendor", "--yes")
    assert refused.returncode == 2 and "is not a readable SQLite file" in refused.stderr


def test_answers_of_an_interface_kept_a_line_each(home: Home, tmp_path: Path) -> None:
    answer = json.loads((FOLDER / "newsnow.json").read_text(encoding="utf-8"))
    later = answer | {"updatedTime": answer["updatedTime"] + 600_000, "items": answer["items"][:1]}
    path = tmp_path / "hot.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (answer, later)), "utf-8")
    done = fengping(home, "import", str(path), "--source", "vendor", "--yes", "--json")
    assert orjson.loads(done.stdout)["statuses"] == {"new": 2, "updated": 1}
    assert [one.rank for one in journaled(home)] == [1, 2, 1]


def test_each_format_names_fields_that_there_are_and_has_a_sample() -> None:
    assert {field for one in formats() for field in one.columns} <= set(FIELDS)
    assert len({one.has for one in formats()}) == len(formats())
    assert {one.label for one in formats()} == {one["taken_as"] for one in EXPECTED.values()}
