"""Every form of an edition says which one it is, who signed it, and what changed since the last."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import timedelta
from importlib import resources

import openpyxl
import orjson
import pytest
from jsonschema import Draft202012Validator
from tests.reports.test_editions import BLAMED, fill, filled, signed
from tests.reports.test_report_truth import NOW, post

from fengping.home import Home
from fengping.reports.archive import Action, Edition, Editions
from fengping.services import edition as editions
from fengping.services.report import Wanted, make

__all__ = ["filled"]
FORMS = ("html", "md", "docx", "xlsx", "json")
LATE = post("late", "又一次，客服不让退", issues=("C05",), words="不让退")


@pytest.fixture
def issued(filled: Home) -> Home:
    filled.config_file.write_text('[report]\nissuer = "样本消费者协会"\n', encoding="utf-8")
    return Home.open(filled.root)


def draft(home: Home, days: int = 0, forms: tuple[str, ...] = FORMS) -> Edition:
    return editions.draft(home, Wanted("double11", year=2024), NOW + timedelta(days=days), forms)


def printed(home: Home, number: str) -> dict[str, str]:
    folder = Editions(home).folder(number)
    said = {name: (folder / f"{number}.{name}").read_text("utf-8") for name in ("html", "md", "json")}
    with zipfile.ZipFile(folder / f"{number}.docx") as word:
        parts = [name for name in word.namelist() if re.search(r"/(document|footer\d+)\.xml$", name)]
        said |= {name: re.sub("<[^>]+>", "", word.read(name).decode()) for name in parts}
    book = openpyxl.load_workbook(io.BytesIO((folder / f"{number}.xlsx").read_bytes()))
    said["xlsx"] = "\n".join(
        str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row
    )
    said |= {f"foot of {sheet.title}": str(sheet.oddFooter.left.text) for sheet in book}
    return said


def test_every_form_names_its_edition_its_issuer_its_state_and_the_hash_of_the_json_without_them(
    issued: Home,
) -> None:
    made = draft(issued)
    for form, text in printed(issued, made.number).items():
        for words in (made.number, "样本消费者协会", "草稿，未经审阅签发"):
            assert words in text, (form, words)
    made = signed(issued, made.number)
    texts = printed(issued, made.number)
    for form, text in texts.items():
        assert "已签发（签发：乙，2024-12-01 09:00；审阅：甲，2024-12-01 09:00）" in text, form
        assert "草稿" not in text, form
    assert re.search(rf'@bottom-center \{{ content: "{made.number}　样本消费者协会　已签发', texts["html"])
    folder = Editions(issued).folder(made.number)
    data = orjson.loads((folder / f"{made.number}.json").read_bytes())
    schema = resources.files("fengping.reports.render").joinpath("report.schema.json").read_bytes()
    Draft202012Validator(orjson.loads(schema)).validate(data)
    told = data.pop("edition")
    bare = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    assert hashlib.sha256(bare).hexdigest() == told["content"] == made.hash
    assert all(made.hash in text for name, text in texts.items() if "foot" not in name)


def test_a_revised_edition_lists_what_changed_since_the_last_signed_one(issued: Home) -> None:
    first = signed(issued, draft(issued).number)
    draft(issued, 1)
    fill(issued, [LATE])
    third = draft(issued, 2)
    for form, text in printed(issued, third.number).items():
        if "foot" not in form:
            assert first.number in text, form
            assert "吐槽类信息：8 → 9" in text, form
    data = orjson.loads((Editions(issued).folder(third.number) / f"{third.number}.json").read_bytes())
    assert data["edition"]["against"] == first.number and data["edition"]["changes_beyond"] > 0
    assert "另有" in (Editions(issued).folder(third.number) / f"{third.number}.md").read_text("utf-8")


def test_what_was_struck_is_not_told_again_as_a_change(issued: Home) -> None:
    signed(issued, draft(issued, forms=("md",)).number)
    fill(issued, [LATE])
    second = draft(issued, 1, ("md",))
    editions.edit(issued, second.number, Action.STRIKE, "fact:issue.C05", "", "甲", NOW)
    changes = Editions(issued).find(second.number).changes
    assert "售后退换：列出 → 审阅删去" in changes and not any("售后退换：8" in one for one in changes)


def test_equal_editions_are_the_same_to_the_byte_and_other_reports_have_no_imprint(issued: Home) -> None:
    made = draft(issued)
    folder = Editions(issued).folder(made.number)
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    editions.edit(issued, made.number, Action.STRIKE, "overview.total", "", "甲", NOW)
    assert (folder / f"{made.number}.md").read_bytes() != before[f"{made.number}.md"]
    editions.undo_edit(issued, made.number)
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    _, written = make(issued, Wanted("double11", year=2024), ("md", "json"), NOW)
    assert "编号" not in written.paths["md"].read_text("utf-8")
    assert "edition" not in orjson.loads(written.paths["json"].read_bytes())
    assert len(BLAMED) == 8
