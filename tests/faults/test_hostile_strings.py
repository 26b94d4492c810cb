"""Sixty hostile strings in every field of an import come out of search and export whole and harmless."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.commands import fengping

from fengping.cli.app import main
from fengping.home import Home
from fengping.indexer import open_journal

STRINGS = [
    # Terminals and spreadsheets.
    "\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x08\x08\x08", "\x00", "\x7f", "\r", "\u2028",
    "\u2029", "\x0b\x0c",
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "＝1+1", "%0a=1", '"=1+1', "'=1",
    # Directions, joiners, lone and wide characters.
    "\u202e倒\u202c", "\u2066里\u2069", "\u200b\u200d\ufeff", "e\u0301\u0301\u0301",
    "\U0001f468\u200d\U0001f469",
    "\ufffd\uffff", "\U0010ffff", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "𠮷𡈽", "ﷺ" * 20, "Ⅷ㈱㍿", "İıſK", "\u0000\u0001\u0002", "\xa0\u3000\u2003", "零\u0e31\u0e31宽",
    # Markup, templates, queries, paths, formats.
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></tr></table>",
    "&lt;&amp;&#0;&#x110000;",
    "<!--", "]]>", "{{7*7}}", "{%for%}", "${jndi:ldap://a}", "%s%n%d", "{0}{x}", "[bold red]x[/]",
    "[/]", "`*_~#>",
    "' OR 1=1 --", "\"; DROP TABLE documents; --", "title:* AND (", "\\", "\\u0000",
    "../../etc/passwd", "C:\\con",
    "NaN", "null", "1e999", "0x7fffffffffffffff", "9" * 400,
    # Regular expressions and sizes.
    "(" * 200, "[" * 200, "a" * 5000, "哈" * 5000, "(a+)+$" * 20,
]  # fmt: skip
_FORBIDDEN = {chr(code) for code in range(32)} - {"\n"} | {"\x7f", "\x9b", "\u202e", "\u2066"}


def test_they_come_in_and_go_out(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = [
        {"正文": f"样例店铺{number}号：{text}", "标题": text, "作者": text, "来源": text, "IP属地": text,
         "链接": f"https://a.example/{number}", "时间": "2020-11-11 10:00"}
        for number, text in enumerate(STRINGS)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    taken = fengping(home, "import", str(file), "--source", "vendor", "--yes", "--json")
    assert taken.returncode == 0, taken.stderr
    statuses = json.loads(taken.stdout)["statuses"]
    assert sum(statuses.values()) == len(STRINGS)
    assert statuses["new"] == len(STRINGS), "nothing lost, nothing refused"
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    assert len([line for line in lines if line.document]) == len(STRINGS)
    indexed = fengping(home, "index")
    assert indexed.returncode == 0 and "Traceback" not in indexed.stderr
    found = fengping(home, "search", "样例店铺", "--limit", "100", "--json")
    assert found.returncode == 0, found.stderr
    shown = fengping(home, "search", "样例店铺", "--limit", "100")
    assert shown.returncode == 0 and not _FORBIDDEN & set(shown.stdout)
    out = tmp_path / "out.csv"
    exported = fengping(home, "export", "--out", str(out))
    assert exported.returncode == 0, exported.stderr
    text = out.read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len({cell for cell in cells if cell.startswith("https://a.example/")}) == len(STRINGS)
    assert not [cell for cell in cells if cell[:1] in tuple("=+@\t\r") or cell[:2] == "-2"]
    assert not _FORBIDDEN & set(text) - {"\r", "\t"}
    for text in STRINGS[::5]:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), "search", "--limit", "1", "--json", "--", text])
        assert ended.value.code in (None, 0, 1, 2), text
