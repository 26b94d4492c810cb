"""Rows that would kill an import go to the side file, and the others are imported."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from tests.commands import fengping

from fengping.home import Home
from fengping.indexer.importing import limits, texts

GOOD = {"text": "承诺的赠品没有寄到", "time": "2020-11-11 20:00"}


def run(home: Home, file: Path, *options: str) -> tuple[int, dict[str, int], str]:
    done = fengping(home, "import", str(file), "--source", "vendor", "--yes", "--json", *options)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done.returncode, json.loads(done.stdout)["statuses"] if done.stdout else {}, done.stderr


def json_lines(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([json.dumps(GOOD), *rows, json.dumps(GOOD | {"text": "另一条"})]), "utf-8")
    return path


def test_dates_at_the_ends_of_the_calendar(home: Home, tmp_path: Path) -> None:
    ends = ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
    rows = [json.dumps({"text": f"第{n}条", "time": at}) for n, at in enumerate(ends)]
    assert run(home, json_lines(tmp_path / "a.jsonl", *rows))[:2] == (0, {"new": 2, "refused": 4})


def test_deep_and_huge_rows_of_every_kind_at_once(home: Home, tmp_path: Path) -> None:
    deep = '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}"
    objects = '{"a":' * 900 + "1" + "}" * 900
    digits = '{"text": "数", "n": ' + "9" * 5_000 + "}"
    rows = [deep, objects, digits, '{"text": "' + "长" * (limits.LONGEST_LINE + 5) + '"}']
    code, statuses, _ = run(home, json_lines(tmp_path / "a.jsonl", *rows))
    assert (code, statuses["refused"] + statuses["new"], statuses["refused"] >= 3) == (0, 6, True)
    side = next(home.quarantine.glob("import-*.jsonl"))
    reasons = [json.loads(line)["reason"] for line in side.read_text("utf-8").splitlines()]
    assert any("nested" in reason for reason in reasons)
    assert any("more than" in reason for reason in reasons)
    assert side.stat().st_size < 2_000_000


@pytest.mark.long
def test_fields_longer_than_csv_takes(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    long = "长" * (limits.LONGEST_LINE + 10)
    many = "\n".join("字" * 1_000_000 for _ in range(20))
    file.write_text(
        f'正文,时间\n甲,2020-11-11\n{long},2020-11-11\n"{many}",2020-11-11\n乙,2020-11-12\n', "utf-8"
    )
    code, statuses, _ = run(home, file)
    assert code == 0
    assert statuses["new"] == 3  # the last line of the long record reads as a row of its own
    assert statuses["refused"] >= 2


@pytest.mark.parametrize("begin", ['{"text": "', "正文,时间\n", '[{"text": "'])
def test_a_small_file_that_unpacks_to_one_endless_line(
    tmp_path: Path, begin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONGEST_LINE", 1 << 16)
    monkeypatch.setattr(texts, "LONGEST_LINE", 1 << 16)
    file = tmp_path / "bomb.gz"
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.write(begin.replace('"text"', '"a": 1, "text"') if begin[0] == "{" else begin)
        for _ in range(100):
            stream.write("a" * (1 << 16))
    held: Counter[str] = Counter()
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        for line in limits.bounded_lines(stream):
            held[type(line).__name__] += len(line)
    assert held["LongLine"] <= 200
    assert sum(held.values()) < 1_000


def test_a_page_that_unpacks_to_too_much(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "page.html.gz"
    with gzip.open(file, "wb") as stream:
        stream.write(b"<html><body>")
        for _ in range(65):
            stream.write(b" " * (1 << 20))
    code, statuses, _ = run(home, file)
    assert (code, statuses) == (1, {"refused": 1})


def test_attributes_without_end_cost_linear_time() -> None:
    from fengping.spiders.extraction import parse

    page = "<div " + " ".join(f"a{n}=x" for n in range(30_000)) + "><p>正文</p></div>"
    parser = parse(page)
    [tag] = parser.css("div")
    assert len(tag.attributes) == 0
    assert parser.css("p")[0].text() == "正文"
    picture = f'<img src="data:image/png;base64,{"A" * 50_000}" alt="图">'
    assert parse(picture).css("img")[0].attributes["alt"] == "图"


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "<div " + " ".join(f'a{i}="<"' for i in range(n)) + ">",
        lambda n: "<div " + "".join(f"a{i}='>'" for i in range(n)) + ">",
        lambda n: "<x " * n + ">",
        lambda n: "<svg><title></title>" + "".join(f"/a{i}" for i in range(n)) + "<p " * n + ">",
    ],
)
def test_a_parser_is_given_few_attributes_a_tag(hostile: Callable[[int], str]) -> None:
    """Counts, not seconds: the time of parsers grows with the square of a tag's attributes."""
    from fengping.spiders.extraction import parse, parse_html

    page = hostile(20_000) + "<p>正文</p>"
    for node in parse(page).css("*"):
        assert len(node.attributes) <= 1_000
    assert all(len(node.attrib) <= 1_000 for node in parse_html(page).iter(etree.Element))
    assert "正文" in parse(page).body.text()


def test_a_script_that_looks_like_a_crowded_tag_ends_where_it_ends() -> None:
    from fengping.spiders.extraction import parse

    page = f"<script>if(i<n){{}};var d='{'a/b ' * 5_000}';</script><p>正文</p>"
    assert parse(page).css("p")[0].text() == "正文"


def test_ends_of_what_is_not_open_hide_no_nesting() -> None:
    from fengping.spiders.extraction import parse

    node, depth = parse('<svg a="1"></x>' * 20_000).css("svg")[-1], 0
    while node is not None:
        node, depth = node.parent, depth + 1
    assert depth < 300
