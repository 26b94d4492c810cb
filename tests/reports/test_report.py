"""Whole reports on a seeded corpus: figures, evidence, formats, and stores that hold too little."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import orjson
import pytest
from tests.golden.report_corpus import corpus
from tests.reports.printing import as_text, in_form

from fengping import reports
from fengping.analysis import IssueRules
from fengping.clock import day_of, parse_moment
from fengping.errors import UsageError
from fengping.indexer import Filter, Store, open_store_url
from fengping.indexer.corrections import Correction
from fengping.models import Document, Polarity
from fengping.reports import Coverage, Report, SourceState
from fengping.reports.chapters import Background, topic_texts
from fengping.reports.document import Origins, Paragraph, Table
from fengping.reports.facts import Series
from fengping.reports.render import Bars, Curve, Heat, Parts, anchor, draw, read_previous, to_png
from fengping.reports.wording import plain

NOW = parse_moment("2020-12-01T09:00")
DOUBLE11 = reports.find_kind("double11")
WINDOW = reports.window_of(DOUBLE11, "2020-10-20", "2020-11-15", NOW)


def store_of(documents: list[Document]) -> Store:
    store = open_store_url("memory:")
    store.put(documents)
    return store


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return corpus(900)


@pytest.fixture(scope="module")
def store(documents: list[Document]) -> Store:
    return store_of(documents)


@pytest.fixture(scope="module")
def report(store: Store) -> Report:
    return reports.build(store, DOUBLE11, WINDOW)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return as_text(report, "html")


def table(report: Report, sheet: str) -> Table:
    return next(t for t in report.tables() if t.sheet == sheet)


def spoken(report: Report) -> str:
    return "\n".join(plain(b.text) for b in report.blocks if isinstance(b, Paragraph))


# Figures


def test_figures_equal_a_count_by_hand(report: Report, documents: list[Document]) -> None:
    inside = [d for d in documents if d.raw.published_at]
    negative = [d for d in inside if d.judgement.polarity is Polarity.NEG]
    complaints = [d for d in negative if d.judgement.relevant]
    value = {id: fact.value for id, fact in report.facts.items()}
    assert value["total"] == len(inside)
    assert value["total.folded"] == len({d.group for d in inside})
    assert value["negative"] == len(negative)
    assert value["complaints"] == len(complaints)
    assert value["undated"] == len(documents) - len(inside) == 7
    by_class = Counter(code for d in negative for code in d.judgement.issues)
    assert {c: value[f"issue.{c}"] for c in by_class} == by_class
    by_cell = Counter(
        (h, c) for d in complaints for h in d.judgement.negative_hosts for c in d.judgement.issues
    )
    printed = {id: v for id, v in value.items() if re.fullmatch(r"host\..+\.issue\.C\d\d", id)}
    assert printed
    assert printed == {
        f"host.{h}.issue.{c}": n for (h, c), n in by_cell.items() if f"host.{h}.issue.{c}" in printed
    }
    by_day = Counter(day_of(d.raw.published_at) for d in inside if d.raw.published_at)
    assert value["total.peak"] == max(by_day.values())
    assert by_day[date(2020, 11, 11)] == value["total.peak"]


def test_every_count_comes_out_again_when_its_query_is_asked_again(report: Report, store: Store) -> None:
    asked = [fact for fact in report.facts.values() if fact.query.op == "count"]
    assert len(asked) > 50
    for fact in asked:
        assert fact.query.where is not None
        assert store.count(fact.query.where) == fact.value, fact.id


def test_every_evidence_document_answers_its_query(report: Report, store: Store) -> None:
    for fact in report.facts.values():
        if fact.query.op != "count" or not fact.documents or fact.id.startswith("case."):
            continue
        assert fact.query.where is not None
        matching = {d.id for d in store.scan(fact.query.where)}
        assert {d.id for d in fact.documents} <= matching, fact.id


def test_every_printed_figure_leads_to_its_entry(report: Report, page: str) -> None:
    targets = set(re.findall(r'href="#(fact-[^"]+)"', page))
    assert len(targets) > 100
    assert targets <= set(re.findall(r'<div id="(fact-[^"]+)">', page))
    origins = next(b for b in report.blocks if isinstance(b, Origins))
    assert {anchor(f.id) for f in origins.facts} >= targets


def test_n_stands_beside_every_percentage(report: Report) -> None:
    text = spoken(report) + "".join(plain(line) for line in report.digest)
    shares = re.findall(r"\d+\.\d\d%(?!）?（n=\d+）).{0,12}", text)
    assert shares == []
    assert len(re.findall(r"%（n=\d+）", text)) > 15
    for found in report.tables():
        assert all("（n=" in name for name in found.columns if "占比" in name)


def test_raw_and_folded_volume_are_both_stated(report: Report) -> None:
    total, folded = report.facts["total"].value, report.facts["total.folded"].value
    assert total != folded
    assert f"信息{total}条" in spoken(report)
    assert f"同文折叠后为{folded}条" in spoken(report)


def test_days_without_documents_are_flagged_and_counted(report: Report) -> None:
    text = spoken(report)
    assert "10月28日未收到任何信息；系统未附采集运行记录" in text
    daily = table(report, "每日信息量")
    assert len(daily.rows) == 27
    silent = daily.rows[8]
    assert [silent[0].value, silent[1].value, silent[-1].value] == [date(2020, 10, 28), 0, "未收到任何信息"]
    curve = next(p.chart for p in report.pictures() if isinstance(p.chart, Curve))
    assert curve.silent == (date(2020, 10, 28),)


def test_overlapping_counts_are_never_drawn_as_parts_of_one_whole(report: Report) -> None:
    assert [p.caption for p in report.pictures() if isinstance(p.chart, Parts)] == ["图3　“吐槽类”信息占比图"]
    classes = next(p for p in report.pictures() if "各领域" in p.caption)
    assert isinstance(classes.chart, Bars)
    assert "不可相加" in classes.caption


def test_a_class_has_its_sentence_its_row_and_its_curve(report: Report) -> None:
    row = next(r for r in table(report, "问题领域").rows if r[0].value == "售后退换")
    n = row[1].value
    assert f"共收集有关“售后退换”类负面信息{n}条，占吐槽类信息的{plain(row[3].text)}" in spoken(report)
    assert any(p.caption.endswith("有关“售后退换”类负面信息日趋势图") for p in report.pictures())


def test_every_class_of_the_registry_has_advice() -> None:
    assert set(topic_texts()) == set(IssueRules.load().names)


# Same input, same bytes


@pytest.mark.long
def test_the_same_documents_in_any_order_give_the_same_bytes(
    documents: list[Document], report: Report
) -> None:
    again = reports.build(store_of(documents[::-1]), DOUBLE11, WINDOW)
    for form in ("html", "json", "docx", "xlsx", "md"):
        assert in_form(again, form) == in_form(report, form), form


@pytest.mark.parametrize("backend", ["tantivy", pytest.param("elasticsearch", marks=pytest.mark.long)])
def test_every_store_gives_the_same_report(
    backend: str,
    documents: list[Document],
    report: Report,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if backend == "tantivy":
        url = f"tantivy:{tmp_path}"
    else:
        url = f"{request.getfixturevalue('elasticsearch_url')}/report"
    other = open_store_url(url)
    other.put(documents)
    made = reports.build(other, DOUBLE11, WINDOW)
    other.close()
    assert dict(made.facts) == dict(report.facts)
    assert [f.documents for f in made.facts.values()] == [f.documents for f in report.facts.values()]
    name_of_store = re.compile(r"索引版本[^。]*。|索引版本.*?documents=\d+")
    assert name_of_store.sub("", spoken(made)) == name_of_store.sub("", spoken(report))
    assert list(made.tables()) == list(report.tables())


def test_the_generation_time_is_an_argument(store: Store, page: str) -> None:
    dated = reports.build(store, DOUBLE11, WINDOW, generated_at=NOW)
    assert "编制时间：2020-12-01 09:00" in as_text(dated, "html")
    assert "编制时间" not in page


# Formats


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.links += [v or "" for k, v in attrs if k in ("href", "src", "xlink:href")]
        self.ids += [v or "" for k, v in attrs if k == "id"]


def test_html_stands_alone(page: str, report: Report) -> None:
    parsed = Page(page)
    assert parsed.tags["script"] == parsed.tags["img"] == parsed.tags["link"] == 0
    assert parsed.tags["svg"] == len(list(report.pictures()))
    assert all(link.startswith(("#", "https://sample.example/")) for link in parsed.links)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert "二、问题集中领域" in page
    assert "@import" not in page and "url(http" not in page


def test_every_chart_is_a_picture_with_chinese_labels(report: Report) -> None:
    for picture in report.pictures():
        svg = draw(picture.chart, picture.id)
        root = ElementTree.fromstring(svg)
        assert float(root.attrib["width"]) <= 760
        assert "Noto Sans CJK SC" in svg
    heat = next(p for p in report.pictures() if isinstance(p.chart, Heat))
    assert to_png(draw(heat.chart, heat.id), 1.0).startswith(b"\x89PNG")


def test_chart_labels_stay_inside_the_picture(report: Report) -> None:
    """A long host name and a peak at either end are the labels that get cut."""
    days = WINDOW.days
    series = replace(
        next(p.chart for p in report.pictures() if isinstance(p.chart, Curve)).series,
        counts=(1_400_000, *[10] * 25, 1_300_000),
    )
    curve = draw(Curve(series, marks=((days[0], 1_400_000), (days[-1], 1_300_000))), "x")
    assert 'text-anchor="start"' in curve and 'text-anchor="end"' in curve
    bars = draw(Bars((("一个名字很长很长很长的直播间账号", 14_296_274, "44.98%"), ("短", 3, "0.01%"))), "y")
    assert "一个名字很长很长很长的直播间账号" in bars
    assert "14296274条" in bars


def test_labels_of_peaks_close_together_do_not_touch() -> None:
    counts = [450_000] * 27
    for at, n in {18: 990_000, 20: 1_051_437, 22: 980_000, 24: 970_000, 26: 990_000}.items():
        counts[at] = n
    series = Series(WINDOW.days, tuple(counts))
    svg = draw(Curve(series, marks=series.peaks()), "x")
    found = re.findall(
        r'<text[^>]*text-anchor="(\w+)"[^>]*translate\(([\d.-]+),([\d.-]+)\)[^>]*>\d+-\d+：\d+</text>', svg
    )
    places = [(float(x) - (45 if anchored == "end" else 0), float(y)) for anchored, x, y in found]
    assert len(places) == 5
    for one, two in combinations(places, 2):
        assert abs(one[0] - two[0]) > 85 or abs(one[1] - two[1]) >= 12


def test_markdown_links_figures_and_keeps_pictures_beside(report: Report, tmp_path: Path) -> None:
    text = reports.write(report, ["md"], tmp_path, stem="double11").paths["md"].read_text(encoding="utf-8")
    linked = re.findall(r"!\[[^\]]*\]\(double11-figures/([^)]+)\)", text)
    assert linked and sorted(linked) == sorted(
        file.name for file in (tmp_path / "double11-figures").iterdir()
    )
    targets = set(re.findall(r"\]\(#(fact-[^)]+)\)", text))
    assert targets and targets <= set(re.findall(r'<a id="(fact-[^"]+)">', text))
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1


def test_json_gives_values_queries_and_documents(report: Report, documents: list[Document]) -> None:
    data = orjson.loads(in_form(report, "json"))
    facts = {fact["id"]: fact for fact in data["facts"]}
    assert facts["negative"]["query"] == {
        "op": "count",
        "published_at": {"gte": "2020-10-20T00:00:00+08:00", "lt": "2020-11-16T00:00:00+08:00"},
        "where": {"consumer": ["true"], "polarity": ["neg"]},
        "exclude": {"act": ["response", "rule"]},
    }
    assert facts["negative.share"]["n"] == facts["total"]["value"]
    assert facts["negative.share"]["basis"] == ["negative", "total"]
    known = {d.id for d in documents}
    assert {d["id"] for fact in facts.values() for d in fact["documents"]} <= known
    assert all(ref is None or ref in facts for t in data["tables"] for row in t["facts"] for ref in row)
    assert data["window"] == {"from": "2020-10-20", "to": "2020-11-15", "days": 27}


def test_xlsx_has_a_sheet_a_table_and_native_numbers(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(in_form(report, "xlsx")))
    assert set(book.sheetnames) == {"摘要", "指标与查询", *(t.sheet for t in report.tables())}
    daily = book["每日信息量"]
    counts = [daily.cell(row, 2).value for row in range(4, 31)]
    assert sum(counts) == report.facts["total"].value
    share = book["问题领域"].cell(4, 4)
    assert isinstance(share.value, float) and share.number_format == "0.00%"


def test_docx_links_every_figure_to_its_bookmark(report: Report) -> None:
    content = in_form(report, "docx")
    word = docx.Document(io.BytesIO(content))
    assert len(word.inline_shapes) == len(list(report.pictures()))
    assert len(word.tables) == len(list(report.tables()))
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    anchors = set(re.findall(r'w:anchor="([^"]+)"', xml))
    names = re.findall(r'<w:bookmarkStart[^>]* w:name="([^"]+)"', xml)
    assert len(names) == len(set(names))
    assert anchors and anchors <= set(names)
    assert all(len(name) <= 40 for name in names)
    styles = zipfile.ZipFile(io.BytesIO(content)).read("word/styles.xml").decode()
    assert 'w:eastAsia="宋体"' in styles and 'w:eastAsia="黑体"' in styles


# Hostile text


HOSTILE = "<script>alert(1)</script>|=cmd()*_[x](javascript:1)\x00\x1b\u202e`\n" + "长" * 5000


def test_collected_text_can_neither_break_nor_run_in_a_report(documents: list[Document]) -> None:
    bad = [
        replace(
            d,
            raw=replace(
                d.raw, title=HOSTILE, text=HOSTILE + d.raw.text, site=HOSTILE, url="javascript:alert(1)"
            ),
        )
        if "case-" in d.raw.url
        else d
        for d in documents
    ]
    hostile = reports.build(store_of(bad), DOUBLE11, WINDOW)
    page = as_text(hostile, "html")
    assert Page(page).tags["script"] == 0
    assert not [link for link in Page(page).links if link.startswith("javascript")]
    page.encode()
    docx.Document(io.BytesIO(in_form(hostile, "docx")))
    book = openpyxl.load_workbook(io.BytesIO(in_form(hostile, "xlsx")))
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    text = as_text(hostile, "md")
    assert "<script" not in text.replace("\\<", "")
    assert "](javascript" not in text.replace("\\]", "")
    in_form(hostile, "json")


# Too little


def without_hosts(documents: list[Document]) -> list[Document]:
    return [d.with_judgement(hosts=(), negative_hosts=()) for d in documents]


def only_undated(documents: list[Document]) -> list[Document]:
    return [d for d in documents if d.raw.published_at is None]


def only_praise(documents: list[Document]) -> list[Document]:
    return [d for d in documents if d.judgement.polarity is Polarity.POS]


def unjudged(documents: list[Document]) -> list[Document]:
    return [
        d.with_judgement(
            hosts=(),
            negative_hosts=(),
            issues=(),
            platforms=(),
            keywords=(),
            relevant=False,
            polarity=Polarity.NEU,
        )
        for d in documents
    ]


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        (lambda found: [], "共收集“双11”期间“消费维权”类信息0条"),
        (
            lambda found: [d for d in found if d.raw.published_at is None],
            "共收集“双11”期间“消费维权”类信息0条",
        ),
        (lambda found: found[:1], "信息量较少，不判断走势与峰值"),
        (without_hosts, "共监测到“吐槽类”“消费维权”信息"),
        (unjudged, "归入各领域的0条"),
        (
            lambda found: [d for d in found if d.judgement.polarity is Polarity.POS],
            "共监测到“吐槽类”“消费维权”信息0条",
        ),
    ],
    ids=["nothing", "undated", "one", "no hosts", "unjudged", "only praise"],
)
def test_too_little_is_said_in_words(choose, said: str, documents: list[Document]) -> None:  # type: ignore[no-untyped-def]
    thin = reports.build(store_of(choose(documents)), DOUBLE11, WINDOW)
    page = as_text(thin, "html")
    assert said in re.sub(r"<[^>]+>", "", page)
    assert "nan" not in page.lower().replace("font", "")
    for form in ("json", "docx", "xlsx", "md"):
        assert in_form(thin, form)


def test_a_handful_of_complaints_leads_to_no_conclusion(documents: list[Document]) -> None:
    few = [d for d in documents if d.judgement.issues][:4]
    text = spoken(reports.build(store_of(few), DOUBLE11, WINDOW))
    assert "归入各领域的信息均少于5条，不判断集中方面" in text
    assert "提出以下建议" not in text
    assert "%" not in text
    assert "舆情相对突出" not in text


@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_short_windows_work(days: int, store: Store) -> None:
    window = reports.window_of(reports.find_kind("custom"), "2020-11-09", f"2020-11-{8 + days:02}", NOW)
    text = spoken(reports.build(store, reports.find_kind("custom"), window))
    assert f"共计{days}天监测期内，共收集“消费维权”类信息" in text
    assert "了解监测期内" in text


# What others supply


def test_coverage_says_which_sources_ran_and_which_days_are_missing(store: Store, report: Report) -> None:
    coverage = Coverage(
        sources=(SourceState("样本甲", "ok", 27, 800), SourceState("样本乙", "blocked", 27, 0, "HTTP 403")),
        missing_days=(date(2020, 10, 28),),
    )
    undated = next(d.id for d in store.scan(Filter(undated=True)))
    ids = [*(f.id for f in report.facts["negative"].documents), undated, "0" * 32]
    corrected = [Correction(id, "analyst", NOW, note="looked at") for id in ids]
    told = reports.build(store, DOUBLE11, WINDOW, coverage=coverage, corrected=corrected)
    text = spoken(told)
    assert "共2个来源，其中正常1个、部分正常0个、失败0个、被拒绝访问1个" in text
    assert "10月28日没有任何来源运行，为未采集" in text
    assert "有3条经分析人员更正" in text
    assert table(told, "来源").rows[1][4].value == "HTTP 403"
    calm = reports.build(store, DOUBLE11, WINDOW, coverage=replace(coverage, missing_days=()))
    assert "10月28日来源有运行，为当日无信息" in spoken(calm)
    shaded = [p.chart.silent for made in (told, calm) for p in made.pictures() if isinstance(p.chart, Curve)]
    assert set(shaded) == {(date(2020, 10, 28),), ()}
    assert [table(made, "每日信息量").rows[8][-1].value for made in (told, calm)] == [
        "未采集",
        "未收到任何信息",
    ]


def test_background_is_cited_with_its_source(store: Store) -> None:
    cited = Background("某局数据显示，同比增长26.16%。", "某局", "https://sample.example/stat")
    text = spoken(reports.build(store, DOUBLE11, WINDOW, background=[cited]))
    assert "某局数据显示，同比增长26.16%。（来源：某局，https://sample.example/stat）" in text


def test_an_earlier_edition_is_compared_with(store: Store, report: Report, tmp_path: Path) -> None:
    path = tmp_path / "earlier.json"
    data = orjson.loads(in_form(report, "json"))
    for fact in data["facts"]:
        if fact["id"] in ("negative", "negative.folded"):
            fact["value"] //= 2
    path.write_bytes(orjson.dumps(data))
    text = spoken(reports.build(store, DOUBLE11, WINDOW, previous=read_previous(path)))
    assert re.search(
        r"上期（2020年“双11”消费维权舆情分析报告）“消费维权”类信息\d+条.*吐槽类占比上升1\d\.\d\d个百分点",
        text,
    )
    path.write_text('{"facts": []}')
    with pytest.raises(UsageError, match="is not a report"):
        read_previous(path)


def test_the_weekly_report_compares_with_the_week_before(store: Store) -> None:
    weekly = reports.find_kind("weekly")
    window = reports.window_of(weekly, None, None, parse_moment("2020-11-16T08:00"))
    assert (window.first, window.last) == (date(2020, 11, 9), date(2020, 11, 15))
    made = reports.build(store, weekly, window)
    assert made.title == "消费维权舆情周报（2020年第46周）"
    assert re.search(r"上期“消费维权”类信息\d+条，其中吐槽类\d+条。与之相比，日均信息量", spoken(made))
    assert "上年同周系统内没有信息，不作比较" in spoken(made)
    with pytest.raises(UsageError, match="one ISO week"):
        reports.window_of(weekly, "2020-10-20", "2020-10-26", NOW)


def test_versions_and_what_is_not_judged_are_told_with_their_numbers(documents: list[Document]) -> None:
    first = date(2020, 10, 20)
    dated = [d for d in documents if d.raw.published_at and day_of(d.raw.published_at) >= first]
    changed = [
        dated[0].with_judgement(polarity=None, negative=None, consumer=None, model="other"),
        dated[1].with_judgement(model="later"),
        *(d.with_judgement(model="earlier") for d in dated[2:]),
    ]
    report = reports.build(store_of(changed), DOUBLE11, WINDOW)
    assert report.facts["unjudged"].value == 1
    assert "未判1条" in spoken(report)
    assert f"earlier（{len(changed) - 2}条）、later（1条）" in spoken(report)
