"""A case that a reviewer adds is a whole one, in every form, and stands in a revision too."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from tests.commands import fengping
from tests.making import put
from tests.reports.test_report_truth import NOW, post
from tests.reports.test_striking import FORMS, TOLD, data_of, printed, stories

from fengping import events
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act
from fengping.reports.archive import Action, Editions
from fengping.services import edition as editions
from fengping.services import events as told_of
from fengping.services.report import Wanted

BRACELET = list(TOLD)[3]
"""Told by one publisher: a lead, and no case."""
MARK = "〔审阅补充〕"
ANSWERED = "登山绳一拉就断，小店说明这是误传并愿意全部退款"
"""Told twice, both times judged negative and an answer."""


@pytest.fixture
def told(home: Home) -> Home:
    store = open_store(home)
    store.put(
        [
            *stories(),
            post("far", "去年的一件旧事，商家发错了货", day=-200, issues=("C03",), site="远网"),
            *(post(f"said-{n}", ANSWERED, day=3 + n / 48, act=Act.RESPONSE, site="答网") for n in range(2)),
        ]
    )
    events.update(home, store)
    store.close()
    return home


def event_of(home: Home, text: str) -> str:
    return next(e.id for e in told_of.listed(home, told_of.Asked(), limit=50) if text[:8] in e.title)


def draft(home: Home, days: int = 0, **wishes: object) -> str:
    wanted = Wanted("double11", year=2024, **wishes)  # type: ignore[arg-type]
    return editions.draft(home, wanted, NOW + timedelta(days=days), FORMS).number


@pytest.mark.long
def test_an_event_becomes_a_whole_case_by_the_command(told: Home) -> None:
    number, event = draft(told), event_of(told, BRACELET)
    own = data_of(told, number)["cases"]
    assert event not in {case["event"] for case in own}
    fengping(told, "edition", "edit", number, "add", f"case:{event[:10]}", "--by", "甲")
    editions.edit(told, number, Action.ADD, f"case:{event}", "另有说明。", "甲", NOW)
    data = data_of(told, number)
    assert [case["event"] for case in data["cases"]] == [*(case["event"] for case in own), event]
    added = data["cases"][-1]
    assert added["added"] and added["number"] == len(own) + 1 and not any("added" in case for case in own)
    assert added["title"] and added["documents"] == 2 and added["status"] == "未证实" and added["sources"]
    evidence = next(t for t in data["tables"] if t["caption"].endswith("案例与线索的证据"))
    rows = [row for row in evidence["rows"] if row[0] == f"案例{len(own) + 1}"]
    assert rows and rows[0][-2] == added["quote"]["hash"]
    assert not any(row[0].startswith("线索") for row in evidence["rows"])
    assert not any("线索" in table["caption"].split("　")[1][:2] for table in data["tables"])
    facts = {fact["id"]: fact["value"] for fact in data["facts"]}
    assert facts[f"case.{event[:12]}.documents"] == 2
    for form, said in printed(told, number).items():
        if form not in ("mail", "json", "xlsx"):
            assert f"案例{len(own) + 1}：{added['title']}{MARK}" in said, form
            assert f"另有说明。{MARK}" in said and "本版经审阅补充2处" in said, form


@pytest.mark.long
def test_it_survives_a_revision_with_its_figures_of_then(told: Home) -> None:
    number, event = draft(told), event_of(told, BRACELET)
    editions.edit(told, number, Action.ADD, f"case:{event}", "", "甲", NOW)
    store = open_store(told)
    put(told, store, [post("3-late", BRACELET, day=3.2, issues=("C03",), site="样本网0")])
    events.update(told, store)
    store.close()
    second = draft(told, 1)
    case = data_of(told, second)["cases"][-1]
    assert (case["event"], case["added"], case["documents"]) == (event, True, 3)
    assert editions.passed_over(told, second) == []
    # What was added may be struck, and what is struck stays so.
    editions.edit(told, second, Action.STRIKE, f"case:{event}", "", "甲", NOW + timedelta(days=1))
    assert event not in {case["event"] for case in data_of(told, second)["cases"]}
    assert event not in {case["event"] for case in data_of(told, draft(told, 2))["cases"]}


@pytest.mark.long
def test_it_is_taken_back_and_needs_an_event_of_the_report(told: Home) -> None:
    number, event = draft(told), event_of(told, BRACELET)
    before = data_of(told, number)["cases"]
    editions.edit(told, number, Action.ADD, f"case:{event}", "", "甲", NOW)
    assert f"case:{event}" in dict(editions.keys(told, number))
    editions.undo_edit(told, number)
    assert data_of(told, number)["cases"] == before
    with pytest.raises(UsageError, match="nobody complains of it in its days"):
        editions.edit(told, number, Action.ADD, f"case:{event_of(told, '去年的一件旧事')}", "", "甲", NOW)
    with pytest.raises(UsageError, match="2 in all, is judged an answer to a charge") as refused:
        editions.edit(told, number, Action.ADD, f"case:{event_of(told, ANSWERED)}", "", "甲", NOW)
    assert "correct its act" in refused.value.remedy
    with pytest.raises(UsageError):
        editions.edit(told, number, Action.ADD, "case:0000", "", "甲", NOW)
    own = f"case:{before[0]['event']}"
    with pytest.raises(UsageError, match="new words are missing"):
        editions.edit(told, number, Action.ADD, own, "", "甲", NOW)


def test_where_a_report_has_no_case_it_makes_the_part(home: Home) -> None:
    store = open_store(home)
    store.put([post(f"one-{n}", BRACELET, day=3 + n / 48, issues=("C03",), site="样本网1") for n in range(2)])
    events.update(home, store)
    store.close()
    number = draft(home)
    assert data_of(home, number)["cases"] == []
    editions.edit(home, number, Action.ADD, f"case:{event_of(home, BRACELET)}", "", "甲", NOW)
    data = data_of(home, number)
    [case] = data["cases"]
    assert case["number"] == 1 and case["added"]
    [head] = [part["heading"] for part in data["text"] if part.get("heading", "").endswith("）典型案例")]
    assert head.startswith("（")
    assert any(table["caption"].endswith("案例与线索的证据") for table in data["tables"])
    shown = orjson.loads(fengping(home, "edition", "show", number, "--json").stdout)
    assert f"case:{case['event']}" in {one["key"] for one in shown["sentences"]}
    assert Editions(home).find(number).number == number
