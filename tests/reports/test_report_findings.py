"""Reports on one host: what its agency was ordered, and whose answer stands in it."""

from __future__ import annotations

from contextlib import closing

from tests.reports.test_report_cases import both, card_of, charge, denial, made_of
from tests.reports.test_report_truth import DOUBLE11, WINDOW, post, table

from fengping import events, reports
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act
from fengping.reports import Scope
from fengping.reports.document import Paragraph
from fengping.reports.wording import plain

CHARGES = [charge(f"{n}", "林小禾", 10 + n / 100) for n in range(3)]


def test_a_report_on_a_host_tells_what_its_agency_was_ordered(home: Home) -> None:
    home.hosts.write_text(
        'version = 1\n\n[[host]]\nname = "林小禾"\n'
        'agencies = [{ name = "云湖文化" }, { name = "旧东家", to = "2023-01" }]\n',
        encoding="utf-8",
    )
    text = "湖湾市市场监管局依法对云湖文化作出行政处罚，责令暂停经营限期整改。"
    ordered = post("ordered", text, title="湖湾市监局责令云湖文化停业整改", day=14, act=Act.PENALTY)
    former = post(
        "former",
        text.replace("云湖文化", "旧东家"),
        title="湖湾市监局责令旧东家停业整改",
        day=15,
        act=Act.PENALTY,
    )
    posts = [
        one.with_judgement(regulators=("地方市场监管局",), brands=(name,), negative_brands=(name,))
        for one, name in ((ordered, "云湖文化"), (former, "旧东家"))
    ]
    with closing(open_store(home)) as store:
        store.put([*CHARGES, *posts])
        events.update(home, store)
        scope = Scope(where={"hosts": ("林小禾",)})
        made = reports.build(store, DOUBLE11, WINDOW, home=home, scope=scope)
    moves = table(made, "监管动态")
    assert moves and [row[3].value for row in moves.rows] == ["湖湾市监局责令〔某商家甲〕停业整改"]
    said = "".join(plain(block.text) for block in made.blocks if isinstance(block, Paragraph))
    assert "取自符合检索与来源条件的和提及其所属机构的信息" in said
    assert card_of(made).case.standing == "未证实"


def test_in_a_report_on_a_host_another_s_answer_is_not_the_host_s(home: Home) -> None:
    scope = Scope(where={"hosts": ("林小禾",)})
    documents = [*both(), denial("苏一舟", day=9)]
    made = made_of(home, documents, scope=scope, min_publishers=99)  # type: ignore[arg-type]
    leads = table(made, "线索")
    assert leads and [row[5].value for row in leads.rows] == ["未证实（其他被指方：已否认）"]
