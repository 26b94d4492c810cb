"""Cases of events: whose status, whose answer, when it began and whom it is against."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import pytest
from tests.reports.test_report_truth import DOUBLE11, WINDOW, post, table

from fengping import events, reports
from fengping.events.answers import linking
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document
from fengping.reports import Report
from fengping.reports.document import CaseCard
from fengping.reports.facts.model import Case, Window
from fengping.reports.kinds import Kind
from fengping.reports.wording import plain

HOSTS = 'version = 1\n\n[[host]]\nname = "林小禾"\n\n[[host]]\nname = "苏一舟"\n'


def made_of(
    home: Home, documents: Sequence[Document], kind: Kind = DOUBLE11, window: Window = WINDOW, **options: int
) -> Report:
    """A report of a home with *documents*; of those it has where there are none."""
    home.hosts.write_text(HOSTS, encoding="utf-8")
    with closing(open_store(home)) as store:
        if documents:
            store.put(documents)
            events.update(home, store)
        return reports.build(store, kind, window, home=home, **options)  # type: ignore[arg-type]


def card_of(report: Report) -> CaseCard:
    [card] = [block for block in report.blocks if isinstance(block, CaseCard)]
    return card


def case_of(home: Home, documents: Sequence[Document]) -> Case:
    return card_of(made_of(home, documents)).case


def charge(key: str, host: str, day: float, said: str = "很生气", **about: object) -> Document:
    title = f"{host}直播间蚕丝被被曝不含蚕丝"
    text = f"第{key}位买家在{host}直播间买的蚕丝被经检测不含蚕丝，{said}。"
    return post(
        f"c{key}", text, title=title, day=day, issues=("C03",), host=host, live=True, author=f"a{key}",
        **about,  # type: ignore[arg-type]
    )  # fmt: skip


def denial(host: str = "林小禾", day: float = 12, polarity: str = "neu", text: str = "") -> Document:
    text = text or f"{host}工作室回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"
    return post(
        "denial", text, title=f"{host}回应直播间蚕丝被不含蚕丝", day=day, polarity=polarity, host=host,
        live=True, site="样本日报", act=Act.RESPONSE,
    )  # fmt: skip


def test_a_denial_after_many_complaints_that_ask_for_amends_is_the_status(home: Home) -> None:
    asking = [charge(f"{n}", "林小禾", 10 + n / 100, "要求赔偿") for n in range(65)]
    case = case_of(home, [*asking, denial()])
    assert (case.status, case.silence) == ("已否认", "")


def test_a_case_of_which_not_all_that_may_answer_was_read_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = [charge(f"{n}", "林小禾", 10 + n / 100, "要求赔偿") for n in range(6)]
    assert case_of(home, asking).silence == "系统内未见被指一方的公开回应。"
    monkeypatch.setattr(linking, "READ", 5)
    assert "未全部核读；已核读的信息中未见被指一方的公开回应。" in case_of(home, ()).silence


def both() -> list[Document]:
    """Eight charges in turns against two hosts, the first against 苏一舟."""
    return [charge(f"{n}", ("苏一舟", "林小禾")[n % 2], 5 + n / 10) for n in range(8)]


@pytest.mark.parametrize("polarity", ["neu", "neg"])
@pytest.mark.parametrize("text", ["", "对此，工作室回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"])
def test_what_one_of_two_accused_answers_is_not_the_status_of_the_other(
    home: Home, polarity: str, text: str
) -> None:
    made = made_of(home, [*both(), denial(day=9, polarity=polarity, text=text)])
    card = card_of(made)
    case = card.case
    assert case.title.startswith("苏一舟") and case.status == "未证实"
    assert "状态：未证实。" in plain(card.intro)
    assert case.told[-1].status == "已否认（其他被指方：林小禾）" and all(told.other for told in case.told)
    assert case.silence == "系统内未能确认事件首条负面信息所指一方的回应。"
    assert not [quote for quote in (*case.sources, *case.claims) if "回应" in quote.text]
    evidence = table(made, "案例证据")
    assert evidence
    said = {str(row[1].value) for row in evidence.rows if "回应" in str(row[4].value)}
    assert said and all("（其他被指方：林小禾）" in what for what in said)


def test_the_answer_of_the_one_whom_the_first_charge_accuses_is_the_status(home: Home) -> None:
    case = case_of(home, [*both(), denial("苏一舟", day=9)])
    assert (case.status, case.told[-1].status, case.silence) == ("已否认", "已否认", "")
    assert not any(told.other for told in case.told)
