"""The chapter of cuts: values counted, two fields crossed, the rest together, names under the floor."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from tests.reports.printing import in_form
from tests.reports.test_report_truth import DOUBLE11, WINDOW, post, spoken, table

from fengping import reports
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import open_store_url
from fengping.models import Act, Document
from fengping.reports import Report, Scope
from fengping.reports.document import Table
from fengping.reports.facts import cut_of, cuts
from fengping.reports.outlines import read_outline


def cut(documents: list[Document], *names: str, scope: Scope | None = None, **options: object) -> Report:
    store = open_store_url("memory:")
    store.put(documents)
    kind = replace(DOUBLE11, chapters=("cuts", "appendix"))
    return reports.build(
        store,
        kind,
        WINDOW,
        scope=scope or Scope(),
        breakdowns=tuple(map(cut_of, names)),
        **options,  # type: ignore[arg-type]
    )


def rows(made: Report, sheet: str) -> list[tuple[object, ...]]:
    found = table(made, sheet)
    assert isinstance(found, Table)
    return [tuple(cell.value for cell in row) for row in found.rows]


def on(platform: str, key: str, **more: object) -> Document:
    made = post(key, f"第{key}条", **more)  # type: ignore[arg-type]
    return made.with_judgement(platforms=(platform,) if platform else ())


SOLD = [
    *(on("抖音", f"d{n}", issues=("C05",)) for n in range(20)),
    *(on("抖音", f"g{n}", polarity="pos") for n in range(12)),
    *(on("淘宝", f"t{n}", issues=("C03",)) for n in range(3)),
    *(on("", f"n{n}") for n in range(2)),
    on("抖音", "answer", act=Act.RESPONSE),
]


def test_a_field_is_told_by_its_values_with_their_negatives() -> None:
    made = cut(SOLD, "platform")
    assert "“消费维权”类信息中，载明平台的36条。一条信息可有多项，条数不可相加。" in spoken(made)
    assert rows(made, "按平台") == [
        ("抖音", 33, pytest.approx(33 / 38, abs=1e-5), 20, pytest.approx(20 / 33, abs=1e-5)),
        ("淘宝", 3, pytest.approx(3 / 38, abs=1e-5), 3, None),
    ]
    fact = made.facts["cut.platforms.抖音.negative"]
    assert (fact.value, fact.label) == (20, "平台：抖音，吐槽类")
    assert fact.query.echo()["where"]["platforms"] == ["抖音"] and len(fact.documents) == 3
    few = cut(SOLD[-6:], "platform")
    assert table(few, "按平台").columns == ("平台", "条数", "吐槽类")  # type: ignore[union-attr]


def test_two_fields_are_crossed_over_the_negatives(monkeypatch: pytest.MonkeyPatch) -> None:
    made = cut(SOLD, "platform x issue", "channel × 类别")
    assert table(made, "按平台×问题类别").columns == ("平台", "条数", "售后退换", "假冒伪劣")  # type: ignore[union-attr]
    assert rows(made, "按平台×问题类别") == [("抖音", 20, 20, 0), ("淘宝", 3, 0, 3)]
    assert "下表为吐槽类信息的条数；一条信息可有多项平台、问题类别，不可相加。" in spoken(made)
    assert rows(made, "按渠道×问题类别") == [("微博", 25, 20, 3)]
    monkeypatch.setattr(cuts, "CROSS_ROWS", 1)
    monkeypatch.setattr(cuts, "CROSS_COLUMNS", 1)
    more = [*SOLD, on("京东", "j", issues=("C03",)), on("京东", "k", issues=("C07",))]
    made = cut(more, "platform x issue")
    assert table(made, "按平台×问题类别").columns == ("平台", "条数", "售后退换", "其余2个")  # type: ignore[union-attr]
    assert rows(made, "按平台×问题类别") == [("抖音", 20, 20, 0), ("其余2个", 5, 0, 5)]


def test_what_is_beyond_the_rows_is_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "ROWS", 1)
    made = cut(SOLD, "platform")
    assert [row[:2] for row in rows(made, "按平台")] == [("抖音", 33), ("其余1个", 3)]
    assert made.facts["cut.platforms.other_1"].query.words().endswith("platforms=any but the listed")


def accused(name: str, key: str, site: str, *, brand: bool = False) -> Document:
    made = post(key, f"第{key}条", site=site, host="" if brand else name, live=True, issues=("C03",))
    return made.with_judgement(brands=(name,), negative_brands=(name,)) if brand else made


def test_hosts_and_brands_are_named_on_the_word_of_enough_publishers_alone() -> None:
    known = [accused("林小禾", f"l{n}", f"样本网{n}") for n in range(3)]
    known += [accused("沈听澜", f"s{n}", "样本网1") for n in range(5)]
    known += [accused("云上棉", f"y{n}", f"样本网{n}", brand=True) for n in range(4)]
    known += [accused("归山茶", f"g{n}", "样本网1", brand=True) for n in range(2)]
    made = cut(known, "host", "brand", "negative_host", "negative_brand", "host x site", "site x brand")
    assert [row[0] for row in rows(made, "按主播")] == ["林小禾", "其余1个"]
    assert [row[0] for row in rows(made, "按品牌")] == ["云上棉", "其余1个"]
    assert [row[0] for row in rows(made, "按被指主播")] == ["林小禾", "其余1个"]
    assert "不足3个有原创文本的发布主体的不列名，计入其余。" in spoken(made)
    book = openpyxl.load_workbook(io.BytesIO(in_form(made, "xlsx")))
    printed = "\n".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    )
    assert "沈听澜" not in printed and "归山茶" not in printed
    free = cut(known, "host", min_publishers=1)
    assert "不列名" not in spoken(free)
    assert {row[0] for row in rows(free, "按主播")} == {"林小禾", "沈听澜"}


def test_a_report_on_a_host_counts_whom_else_its_documents_name() -> None:
    both = [
        accused("林小禾", f"b{n}", f"样本网{n}").with_judgement(hosts=("林小禾", "沈听澜")) for n in range(4)
    ]
    other = [accused("沈听澜", f"o{n}", f"样本网{n}") for n in range(6)]
    made = cut([*both, *other], "host", scope=Scope(where={"hosts": ("林小禾",)}))
    assert [row[:2] for row in rows(made, "按主播")] == [("林小禾", 4), ("沈听澜", 4)]
    fact = made.facts["cut.hosts.沈听澜"]
    assert "林小禾" in fact.query.words() and {d.id for d in fact.documents} <= {one.id for one in both}


def test_what_no_document_bears_is_said_and_nothing_of_an_empty_scope() -> None:
    made = cut([on("", "n")], "region", "region x platform")
    assert "“消费维权”类信息均未载明地区。" in spoken(made)
    assert "吐槽类信息均未同时载明地区与平台。" in spoken(made)
    assert "分项统计" not in str(cut([], "region").blocks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('cuts = ["platfrom"]', "Did you mean 'platform'?"),
        ('cuts = ["author"]', "A report is not broken down by 'author'. Known: act, brands"),
        ('cuts = ["keyword"]', "A report is not broken down by 'keyword'."),
        ('cuts = ["platform x platforms"]', "is no cut. Write one field, or two different ones"),
        ('cuts = ["platform x issue x host"]', "is no cut."),
        ('chapters = ["cuts"]', "The chapter cuts has no cuts."),
    ],
)
def test_a_cut_that_cannot_be_is_refused_with_the_nearest(text: str, said: str, home: Home) -> None:
    (home.root / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(FengpingError) as refused:
        read_outline(home.root / "mine.toml")
    assert said in str(refused.value)


def test_the_chapter_stands_before_the_appendix_or_where_the_file_has_it(home: Home) -> None:
    path = home.root / "mine.toml"
    for text, chapters in (
        ('like = "daily"\ncuts = ["平台"]', ("moves", "cuts", "appendix")),
        (
            'cuts = ["平台", "platform"]\nchapters = ["cuts", "fields", "overview"]',
            ("cuts", "fields", "overview"),
        ),
        ('cuts = ["平台"]\nchapters = ["fields", "overview"]', ("fields", "overview", "cuts")),
    ):
        path.write_text(text, "utf-8")
        given, kind = read_outline(path)
        assert kind.chapters[-3:] == chapters
        assert given.breakdowns == (("platforms",),)
