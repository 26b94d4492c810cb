"""Struck cases and figures stand in no form of an edition any more, and its numbers close up."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import orjson
import pytest
from docx import Document as WordDocument
from tests.reports.test_report_truth import NOW, post

from fengping import events
from fengping.errors import UsageError
from fengping.events import by_hand
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document
from fengping.reports.archive import Action, Edition, Editions
from fengping.services import edition as editions
from fengping.services.report import Wanted

FORMS = ("html", "md", "docx", "xlsx", "json")
TOLD = {
    "蚕丝被里没有蚕丝，检测报告显示全是化纤": 6,
    "预售洗衣机付完尾款反而贵了八十七元": 5,
    "燕窝其实是糖水，打假人晒出唾液酸的数字": 4,
    "手链鉴定为石英岩，客服只退款不肯赔付": 1,
}


def stories() -> Iterator[Document]:
    for at, (text, sites) in enumerate(TOLD.items()):
        for n in range(2 * sites):
            yield post(f"{at}-{n}", text, day=at + n / 48, issues=("C03",), site=f"样本网{n // 2}")


@pytest.fixture
def told(home: Home) -> Home:
    store = open_store(home)
    store.put(list(stories()))
    events.update(home, store)
    store.close()
    return home


def draft(home: Home, days: int = 0) -> Edition:
    return editions.draft(home, Wanted("double11", year=2024), NOW + timedelta(days=days), FORMS)


def printed(home: Home, number: str, minutes: int = 0) -> dict[str, str]:
    """Everything that each form says, and the mail that is sent so many minutes on."""
    folder = Editions(home).folder(number)
    word = WordDocument(str(folder / f"{number}.docx"))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    described = re.findall('descr="([^"]*)"', word.element.xml)
    book = openpyxl.load_workbook(io.BytesIO((folder / f"{number}.xlsx").read_bytes()))
    said = {name: (folder / f"{number}.{name}").read_text("utf-8") for name in ("html", "md", "json")}
    said["docx"] = "\n".join([*(p.text for p in word.paragraphs), *cells, *described])
    values = [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    said["xlsx"] = "\n".join(map(str, values))
    editions.send(home, number, ["file"], NOW + timedelta(minutes=minutes), test=True)
    said["mail"] = (home.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()[-1]
    return said


def data_of(home: Home, number: str) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads((Editions(home).folder(number) / f"{number}.json").read_bytes())
    return data


def strike(home: Home, number: str, target: str) -> None:
    editions.edit(home, number, Action.STRIKE, target, "", "甲", NOW)


def test_a_struck_case_stands_nowhere_and_the_others_close_up(told: Home) -> None:
    made = draft(told)
    before = printed(told, made.number)
    assert all("蚕丝" in text for text in before.values())
    sentences = dict(editions.keys(told, made.number))
    case = next(key for key, text in sentences.items() if key.startswith("case:") and "蚕丝" in text)
    assert sentences[case].startswith("案例1：")
    strike(told, made.number, case)
    for form, text in printed(told, made.number, 1).items():
        assert "蚕丝" not in text and "化纤" not in text, form
    data = data_of(told, made.number)
    assert [one["number"] for one in data["cases"]] == [1, 2]
    evidence = next(t for t in data["tables"] if str(t["caption"]).endswith("案例与线索的证据"))
    labels = list(dict.fromkeys(row[0] for row in evidence["rows"]))
    assert labels == ["案例1", "案例2", "线索1"]


@pytest.mark.long
def test_a_struck_lead_leaves_the_table_and_the_evidence(told: Home) -> None:
    made = draft(told)
    sentences = dict(editions.keys(told, made.number))
    lead = next(key for key, text in sentences.items() if key.startswith("case:") and "手链" in text)
    strike(told, made.number, lead)
    for form, text in printed(told, made.number).items():
        assert "石英岩" not in text, form
    assert not [t for t in data_of(told, made.number)["tables"] if "线索（" in t["caption"]]


@pytest.mark.long
def test_of_another_case_nothing_goes_with_a_struck_one(told: Home) -> None:
    made = draft(told)

    def others() -> list[list[Any]]:
        tables = (t for t in data_of(told, made.number)["tables"] if "证据" in str(t["caption"]))
        return [row[1:] for table in tables for row in table["rows"] if "洗衣机" in str(row)]

    before = others()
    sentences = dict(editions.keys(told, made.number))
    strike(told, made.number, next(k for k, t in sentences.items() if k.startswith("case:") and "蚕丝" in t))
    assert before and others() == before


@pytest.mark.long
def test_a_struck_count_of_a_case_is_told_with_no_number(told: Home) -> None:
    first = draft(told)
    [event] = [case["event"] for case in data_of(told, first.number)["cases"] if "蚕丝" in case["title"]]
    store = open_store(told)
    store.put([post("late", next(iter(TOLD)), day=0.5, issues=("C03",), site="样本网9")])
    events.update(told, store)
    store.close()
    second = draft(told, 1)
    strike(told, second.number, f"fact:case.{event[:12]}.documents")
    changes = Editions(told).find(second.number).changes
    assert changes and not any("None" in line for line in changes)
    assert any("蚕丝" in line and "删去" in line for line in changes)


@pytest.mark.long
def test_with_its_last_case_the_part_goes_and_numbers_close_up(told: Home) -> None:
    made = draft(told)
    for key, _ in editions.keys(told, made.number):
        if key.startswith("case:"):
            strike(told, made.number, key)
    data = data_of(told, made.number)
    headings = [entry["heading"] for entry in data["text"] if "heading" in entry]
    assert not any("案例" in text for text in headings if "领域" not in text)
    appendices = [text[:3] for text in headings if text.startswith("附录") and len(text) > 2]
    assert appendices == ["附录一", "附录二", "附录三"]
    for name, ids in (("表", "tables"), ("图", "figures")):
        numbers = [str(one["caption"]).partition("　")[0] for one in data[ids]]
        assert numbers == [f"{name}{at + 1}" for at in range(len(numbers))]


def test_a_struck_figure_stands_in_no_sentence_table_or_chart(told: Home) -> None:
    made = draft(told)
    before = data_of(told, made.number)
    fact = next(f for f in before["facts"] if f["id"] == "issue.C03")
    number = str(fact["value"])
    charts = [f for f in before["figures"] if number in orjson.dumps(f["data"]).decode()]
    assert charts and any(number in str(row) for t in before["tables"] for row in t["rows"])
    strike(told, made.number, "fact:issue.C03")
    after = data_of(told, made.number)
    assert not {"issue.C03", "issue.C03.share"} & {f["id"] for f in after["facts"]}
    fields = next(t for t in after["tables"] if str(t["caption"]).endswith("问题领域统计"))
    assert fields["rows"][0][:2] == ["假冒伪劣", "（删去）"]
    daily = next(t for t in after["tables"] if str(t["caption"]).endswith("每日信息量（条）"))
    assert {row[4] for row in daily["rows"]} == {"（删去）"}
    captions = "".join(f["caption"] for f in after["figures"])
    assert "各领域信息量图" not in captions and "有关“假冒伪劣”类" not in captions
    for form, text in printed(told, made.number).items():
        assert not re.search(rf"假冒伪劣\D{{0,20}}{number}(?!\d)", text), form


@pytest.mark.long
def test_a_change_that_would_change_nothing_is_refused(told: Home) -> None:
    made = draft(told)
    keys = dict(editions.keys(told, made.number))
    case = next(key for key in keys if key.startswith("case:"))
    for action, target in ((Action.REWORD, case), (Action.REWORD, "fact:total.by_day")):
        with pytest.raises(UsageError, match="would change nothing"):
            editions.edit(told, made.number, action, target, "别的话", "甲", NOW)
    strike(told, made.number, "overview.total")
    with pytest.raises(UsageError, match="would change nothing"):
        strike(told, made.number, "overview.total")
    assert "审阅删去1处，" in (Editions(told).folder(made.number) / f"{made.number}.md").read_text("utf-8")


@pytest.mark.long
def test_a_struck_case_stays_struck_when_another_event_takes_it_over(told: Home) -> None:
    number = draft(told).number
    first, second = (case["event"] for case in data_of(told, number)["cases"][:2])
    strike(told, number, f"case:{second}")
    by_hand.merge(told, [first, second], NOW)
    store = open_store(told)
    events.update(told, store)
    store.close()
    again = draft(told, 1).number
    assert not {first, second} & {case["event"] for case in data_of(told, again)["cases"]}
    assert editions.passed_over(told, again) == []
