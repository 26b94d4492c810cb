"""A draft is its own record: reviewed, changed and signed as it was drafted, whatever comes in later."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from tests.events.test_evidence import PAGE
from tests.reports.test_editions import BLAMED, WANTED, draft, fill, filled, signed, text_of
from tests.reports.test_report_truth import NOW, post, story

from fengping import events
from fengping.errors import UsageError
from fengping.events.evidence import keeping
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.models import Document
from fengping.reports.archive import Action, Edition, Editions
from fengping.services import edition as editions
from fengping.services.report import Wanted

__all__ = ["filled"]


def reword(home: Home, number: str, key: str = "overview.total", days: int = 0, **more: bool) -> Edition:
    at = NOW + timedelta(days=days)
    return editions.edit(home, number, Action.REWORD, key, "共收到八条。", "甲", at, **more)  # type: ignore[arg-type]


def blamed(count: int, words: str = "不让退", code: str = "C05") -> list[Document]:
    return [
        post(f"{code}-{words}-{n}", f"第{n}次，客服{words}", issues=(code,), words=words)
        for n in range(count)
    ]


def test_a_document_of_another_day_hinders_no_review(filled: Home) -> None:
    made = draft(filled)
    fill(filled, [post("later", "又一次，客服不让退", day=90, issues=("C05",))])
    assert editions.moved(filled, made.number, NOW) == []
    reword(filled, made.number)
    assert "共收到八条。〔审阅改写〕" in text_of(filled, made.number)
    assert signed(filled, made.number).signed_by == "乙"


def test_evidence_that_is_kept_meanwhile_hinders_no_review(home: Home) -> None:
    fill(home, list(story(5)))
    with closing(open_store(home)) as store:
        events.update(home, store)
        documents = list(store.scan(Filter()))
    made = draft(home)
    assert "未留存" in text_of(home, made.number)
    keeping.keep(home, documents, NOW, lambda url: PAGE, lambda url: b"")
    reword(home, made.number)
    assert "共收到八条。〔审阅改写〕" in text_of(home, made.number)


def test_a_weekly_draft_speaks_of_its_own_week_a_week_later(filled: Home) -> None:
    made = editions.draft(filled, Wanted("weekly"), NOW, ("md",))
    assert made.number.startswith("weekly-20241118-20241124")
    kept = Editions(filled).find(made.number).wanted
    assert (kept["first"], kept["last"]) == ("2024-11-18", "2024-11-24")
    reword(filled, made.number, days=7)
    text = text_of(filled, made.number)
    assert "共收到八条。〔审阅改写〕" in text and "2024年11月18日" in text
    again = editions.redraft(filled, made.number, NOW + timedelta(days=7))
    assert again.number == "weekly-20241118-20241124-2"


def test_a_draft_whose_own_figures_changed_says_which_and_can_go_on_as_drafted(filled: Home) -> None:
    made = draft(filled)
    fill(filled, [post("late", "又一次，客服不让退", issues=("C05",))])
    with pytest.raises(UsageError, match=r"have changed since .*吐槽类信息：8 → 9"):
        reword(filled, made.number)
    assert "监测期内“消费维权”类信息：8 → 9" in map(str, editions.moved(filled, made.number, NOW))
    reword(filled, made.number, as_drafted=True)
    assert "吐槽类信息[8](" in text_of(filled, made.number)
    assert signed(filled, made.number).signed_by == "乙"
    assert editions.redraft(filled, made.number, NOW).changes


def test_a_record_that_was_taken_away_or_changed_is_told(filled: Home) -> None:
    made = draft(filled)
    record = Editions(filled).folder(made.number) / "record.json"
    record.write_bytes(record.read_bytes().replace("吐槽".encode(), "称赞".encode()))
    with pytest.raises(UsageError, match="not those of the archive"):
        reword(filled, made.number)
    record.unlink()
    with pytest.raises(UsageError, match="no record of what was drafted"):
        reword(filled, made.number)


def test_a_draft_lacks_nothing_that_another_draft_was_told(filled: Home) -> None:
    first, second = draft(filled), draft(filled, 1)
    reword(filled, second.number, days=1)
    with pytest.raises(UsageError, match="was printed anew with changes made since"):
        signed(filled, first.number)
    assert "共收到八条。〔审阅改写〕" in text_of(filled, first.number)
    assert signed(filled, first.number).signed_by == "乙"


@pytest.mark.parametrize(
    ("key", "opening", "more"),
    [
        ("fields.C05", "监测期内，共收集有关", [post(f"m{n}", "差评") for n in range(30)]),
        pytest.param("fields.C05", "监测期内，共收集有关", blamed(6, "已读不回"), marks=pytest.mark.long),
        pytest.param(
            "digest.fields", "问题较集中的领域", blamed(12, "少发货", "C03"), marks=pytest.mark.long
        ),
        pytest.param(
            "overview.curve",
            "信息量较少，不判断",
            [post(f"p{n}", "退", day=9) for n in range(40)],
            marks=pytest.mark.long,
        ),
        ("overview.polarity", "按文本情感判定", [post(f"m{n}", "好评", polarity="pos") for n in range(30)]),
    ],
)
def test_a_struck_sentence_stays_struck_though_its_figures_change(
    key: str, opening: str, more: list[Document], filled: Home
) -> None:
    made = draft(filled)
    before = dict(editions.keys(filled, made.number))[key]
    assert before.startswith(opening)
    editions.edit(filled, made.number, Action.STRIKE, key, "", "甲", NOW)
    fill(filled, more)
    again = draft(filled, 1)
    assert dict(editions.keys(filled, again.number))[key] != before
    text = text_of(filled, again.number)
    assert opening not in text and "审阅删去1处" in text
    assert editions.passed_over(filled, again.number) == []


def test_a_change_whose_sentence_is_gone_is_told_everywhere(home: Home) -> None:
    fill(home, blamed(8, "少发货", "C03"))
    made = draft(home)
    editions.edit(home, made.number, Action.STRIKE, "fields.C03", "", "甲", NOW)
    with closing(open_store(home)) as store:
        store.delete([document.id for document in blamed(8, "少发货", "C03")])
    fill(home, BLAMED)
    again = draft(home, 1)
    assert "另有1处更改所指的句子本版已不存在，未能适用。" in text_of(home, again.number)
    assert "经审阅删去" not in text_of(home, again.number)
    [passed] = editions.passed_over(home, again.number)
    assert passed.target == "fields.C03"
    beyond, gone = editions.left_out(home, made.number, again.number)
    assert beyond > 0 and "删去 fields.C03" in gone[0]
    assert WANTED.kind in again.number
