"""Imports: columns that are guessed, rows that are set aside, documents that come of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from devtools.golden.homes import Homes
from devtools.golden.records import digest
from devtools.golden.running import at_moment, fengping, succeed
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.importing import Input
from fengping.services import importing

COAT = (
    "羽绒服开线", "直播间买的羽绒服开线了，客服不理。", "2020/11/2 8:05", "半糖去冰", "https://t.example/1",
    "微博", "1,204", "3", "浙江",
)  # fmt: skip
TABLE = (
    ("标题", "正文内容", "发布时间", "作者", "原文链接", "媒体类型", "点赞数", "转发量", "IP属地"),
    COAT,
    (
        "",
        "今晚八点直播，有面霜。",
        "2020年11月3日 20:00",
        "小镇来信",
        "https://t.example/2",
        "论坛",
        "1.2万",
        "",
        "",
    ),
    (
        "鉴定",
        "拿去专柜一验是假货，拉黑了我。",
        "昨天 12:30",
        "橘子皮",
        "https://t.example/3",
        "新闻",
        "",
        "",
        "",
    ),
    ("", "", "2020-11-04 10:00", "空行", "https://t.example/4", "微博", "0", "0", ""),
    (
        "坏时间",
        "时间写坏了，正文还在。",
        "2020-13-45",
        "豆沙包",
        "https://t.example/5",
        "视频",
        "x",
        "7",
        "四川",
    ),
    COAT,
    ("日期", "日期是一个数。", "44137.5", "老街坊老严", "https://t.example/7", "公众号", "12", "1", "上海"),
)
OWN = (
    ("署名", "说的话", "哪天"),
    ("阿芷", "退款难，客服已读不回。", "20201105"),
    ("豆沙包", "质量不错，会回购。", "20201106"),
)
LEFT_OUT = ("elapsed", "side_file", "number")


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    root = homes.empty("imports")
    folder = root / "in"
    folder.mkdir()
    own = ("--map", "author=署名", "--map", "text=说的话", "--map", "published_at=哪天")
    files: tuple[tuple[str, bytes, tuple[str, ...]], ...] = (
        ("vendor.csv", _csv(_table("csv")).encode("gb18030"), ()),
        ("vendor.xlsx", _xlsx(_table("xlsx")), ()),
        ("vendor.jsonl", _lines(_table("jsonl")), ("--kind", "comment")),
        ("vendor.csv.gz", gzip.compress(_csv(_table("gz")[:4], "\t").encode("utf-16"), mtime=0), ()),
        ("own.csv", _csv(OWN).encode(), own),
        ("own-unmapped.csv", _csv(OWN).encode(), ()),
        ("refused.csv", _csv((TABLE[0], TABLE[4])).encode(), ()),
    )
    for name, content, more in files:
        (folder / name).write_bytes(content)
        yield from _imported(root, folder / name, *more)
    yield from _documents(root)
    again = fengping(root, "import", str(folder / "vendor.csv"), "--source", "vendor.csv", "--yes", "--json")
    yield "vendor.csv again", _counts(again.json)
    undone = succeed(root, "import", "--undo", "1", "--yes", "--json").json
    yield "import 1 undone", undone


def _imported(root: Path, file: Path, *more: str) -> Iterator[tuple[str, Any]]:
    answer = fengping(root, "import", str(file), "--source", file.name, "--yes", "--json", *more)
    if not answer.out:
        yield file.name, {"exit": answer.code, "said": [" ".join(answer.error.split())]}
        return
    given = [field for option, field in pairwise(more) if option == "--map"]
    tables = importing.plan(Input(file), given).tables
    columns = {
        f"{name}: {field}": "+".join(of) for name, t in tables.items() for field, of in t.columns.of.items()
    }
    yield file.name, {"exit": answer.code, **_counts(answer.json), "columns": columns}
    aside = answer.json["side_file"]
    if aside:
        lines = (root / aside).read_text(encoding="utf-8").splitlines()
        yield f"{file.name}, set aside", [line for line in lines if f'"{file.name}"' in line]


def _counts(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in LEFT_OUT}


def _documents(root: Path) -> Iterator[tuple[str, Any]]:
    """Every document as the journal keeps it."""
    with at_moment():
        batches = open_journal(Home.open(root)).read({}, 1_000)
        found = [line.document for batch in batches for line in batch.lines if line.document]
    for document in found:
        record = {name: value for name, value in document.to_record().items() if value not in (None, "", [])}
        yield f"{document.source} {document.url or document.text}", record | {"text": digest(document.text)}


def _table(kind: str) -> tuple[tuple[str, ...], ...]:
    """The vendor's table with addresses of its own."""
    return tuple(tuple(cell.replace("t.example", f"{kind}.example") for cell in row) for row in TABLE)


def _csv(rows: tuple[tuple[str, ...], ...], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def _lines(rows: tuple[tuple[str, ...], ...]) -> bytes:
    whole = [json.dumps(dict(zip(rows[0], row, strict=True)), ensure_ascii=False) for row in rows[1:]]
    return "\n".join([*whole, '{"正文内容": "这一行没有写完'])[:-1].encode()


def _xlsx(rows: tuple[tuple[str, ...], ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()
