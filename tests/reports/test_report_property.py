"""Random small stores through every kind: no exception, no figure without a fact, no forbidden sentence."""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from docx import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pypdf import PdfReader
from tests.making import LONG, new_home
from tests.reports.printing import as_text, in_form
from tests.reports.test_report_cases import HOSTS as REGISTRY
from tests.reports.test_report_formats import bare
from tests.reports.test_report_truth import OTHER, post

from fengping import events, reports
from fengping.clock import parse_moment
from fengping.events.building.candidates import publisher
from fengping.indexer import open_store_url
from fengping.models import Act, Channel, Document, Engagement, Judgement, Polarity, RawDocument, document_id
from fengping.reports import Report, Scope
from fengping.reports.document import Heading, Paragraph, Picture
from fengping.reports.facts import cut_of
from fengping.reports.wording import Figure, Text, plain

NOW = parse_moment("2024-12-01T09:00")
BEGIN = datetime(2024, 9, 30, 4, tzinfo=UTC)
KINDS = ("double11", "618", "holiday", "daily", "weekly", "monthly", "host", "custom")
HOSTS = ("林小禾", "苏一舟", "丁大勺")
CUTS = (
    "host", "negative_host", "brand", "platform", "issue", "channel", "site", "tier", "region", "act",
    "platform x issue", "host x channel", "polarity x host",
)  # fmt: skip
CODES = ("C01", "C03", "C05", "C07", "C13")


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    made = []
    for number in range(draw(st.integers(0, 60))):
        polarity = draw(st.sampled_from(["neg", "neg", "neg", "neu", "pos", None]))
        hosts = tuple(draw(st.sets(st.sampled_from(HOSTS), max_size=2)))
        judgement = Judgement(
            snownlp=0.5, negative=0.5, polarity=Polarity(polarity) if polarity else None,
            relevant=draw(st.booleans()),
            consumer=None if polarity is None else draw(st.sampled_from([True, True, False])),
            act=draw(st.sampled_from([None, None, Act.RESPONSE, Act.RULE, Act.COMPLAINT])),
            hosts=hosts, negative_hosts=hosts if polarity == "neg" else (),
            issues=tuple(sorted(draw(st.sets(st.sampled_from(CODES), max_size=2)))) * (polarity == "neg"),
            platforms=tuple(draw(st.sets(st.sampled_from(["抖音", "淘宝"]), max_size=1))),
            keywords=tuple(draw(st.sets(st.sampled_from(["退款", "假货", "林小禾"]), max_size=2))), model="m",
        )  # fmt: skip
        when = BEGIN + timedelta(days=draw(st.integers(0, 61)), hours=draw(st.integers(0, 20)))
        raw = RawDocument(
            id=document_id("any", str(number)), source="s", text=f"第{number}条", fetched_at=NOW,
            channel=draw(st.sampled_from([Channel.WEIBO, Channel.NEWS])),
            author_id=f"a{draw(st.integers(0, 6))}", site=draw(st.sampled_from(["", "样本网", "样本报"])),
            published_at=when if draw(st.integers(0, 9)) else None,
            engagement=Engagement(likes=draw(st.sampled_from([None, None, 3, 120]))),
        )  # fmt: skip
        made.append(Document(raw, judgement, raw.id, True, NOW))
    return made


def build(found: list[Document], name: str) -> Report:
    store = open_store_url("memory:")
    store.put(found)
    kind = reports.find_kind(name)
    days = ("2024-10-20", "2024-11-16") if name in ("host", "custom") else (None, None)
    window = reports.window_of(kind, *days, NOW)
    host = HOSTS[0] if name == "host" else ""
    scope = Scope(where={"hosts": (host,)}) if host else Scope()
    kind = replace(kind, chapters=(*kind.chapters[:-1], "cuts", *kind.chapters[-1:]))
    cuts = tuple(map(cut_of, CUTS))
    return reports.build(store, kind, window, scope=scope, focus=host, breakdowns=cuts)


def texts(report: Report) -> list[Text]:
    return [*report.digest, *(b.text for b in report.blocks if isinstance(b, Paragraph))]


FORBIDDEN = (
    r"本期未统计(?!。|$)[^。]*条", r"\d天并列", r"nan|None", r"[（(]n=([0-9]|[12][0-9])[)）]",
    r"，，|。。|：。|、。|；。",
    r"占比[，；](?!或者)", r"□|\ufffd",
)  # fmt: skip
SCHEMA = Draft202012Validator(
    orjson.loads(resources.files("fengping.reports.render").joinpath("report.schema.json").read_bytes())
)
COUNTED = re.compile(r"\d+(?:\.\d+)?(?=条(?!不)|%|个百分点)")
QUOTED = re.compile("“[^”]*”")
RULES = re.compile(r"样本不足30条|少于5条|多于200条")


def check(report: Report, *, named: bool = False) -> None:
    """*named*: cases stand in it, which may name somebody."""
    spoken = [plain(text) for text in texts(report)]
    for sentence in spoken:
        for pattern in FORBIDDEN:
            assert not re.search(pattern, sentence), sentence
    for text in texts(report):
        unlinked = RULES.sub("", QUOTED.sub("", "".join(run for run in text if isinstance(run, str))))
        assert not COUNTED.search(unlinked.replace("各领域的0条", "")), unlinked
        for figure in (run for run in text if isinstance(run, Figure)):
            assert figure.fact.id in report.facts
    numbers = [
        h.text for h in report.blocks if isinstance(h, Heading) and h.level == 2 and "、" in h.text[:3]
    ]
    assert [h.split("、")[0] for h in numbers] == list("一二三四五六七八九十")[: len(numbers)]
    for host in () if named else HOSTS:
        if f"host.{host}" not in report.facts and report.kind != "host":
            assert host not in "".join(spoken)
    for picture in (b for b in report.blocks if isinstance(b, Picture)):
        if "series" in dir(picture.chart):
            assert picture.chart.series.total >= 10


@settings(
    max_examples=40 if LONG else 4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(documents(), st.sampled_from(KINDS))
def test_any_small_store_gives_a_report_that_says_nothing_forbidden(found: list[Document], name: str) -> None:
    report = build(found, name)
    check(report)
    # Its charts are pictures in a DOCX, which take their time.
    prints = printed(report, word=len(found) % 4 == 0)
    for text in prints:
        assert not re.search(TOFU, text)


TOFU = "[□\ufffd\ud800-\udfff]"


def printed(report: Report, *, word: bool) -> list[str]:
    """Texts of every format."""
    data = orjson.loads(in_form(report, "json"))
    SCHEMA.validate(data)
    book = openpyxl.load_workbook(io.BytesIO(in_form(report, "xlsx")))
    prints = [as_text(report, "html"), as_text(report, "md"), *data["digest"]]
    if word:
        prints += [p.text for p in WordDocument(io.BytesIO(in_form(report, "docx"))).paragraphs]
    prints += [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    return prints


@st.composite
def affairs(draw: st.DrawFn) -> list[Document]:
    """Charges, copies and answers of sites and accounts about a quilt that two sellers sold."""
    made: list[Document] = []
    for n in range(draw(st.integers(0, 14))):
        host, site = draw(st.sampled_from(HOSTS[:2])), draw(st.sampled_from(["", "", "样本网", "样本报"]))
        about: dict[str, Any] = {"host": host, "live": True, "site": site, "day": draw(st.integers(0, 27))}
        about["author"] = f"a{draw(st.integers(0, 5))}"
        if draw(st.integers(0, 4)) == 0:
            text = f"{host}工作室第{n}次回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"
            title = f"{host}回应直播间蚕丝被不含蚕丝"
            one = post(f"answer{n}", text, title=title, polarity="neu", act=Act.RESPONSE, **about)
        else:
            text = f"第{n}位买家在{host}直播间买的蚕丝被经检测不含蚕丝，退货率76.4%。"
            one = post(f"charge{n}", text, title=f"{host}直播间蚕丝被被曝不含蚕丝", issues=("C03",), **about)
        if made and draw(st.integers(0, 3)) == 0:
            raw = replace(one.raw, text=made[0].raw.text, title=made[0].raw.title)
            one = replace(made[0], raw=raw, first_in_group=False)
        made.append(one)
    return made


@settings(
    max_examples=60 if LONG else 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(affairs(), st.sampled_from(["event", "event", "host", "double11", "monthly", "custom"]))
def test_any_small_home_names_nobody_below_the_floor(found: list[Document], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = new_home(Path(folder))
        home.hosts.write_text(REGISTRY, encoding="utf-8")
        store = open_store_url("memory:")
        store.put([*found, *OTHER])
        events.update(home, store)
        known = events.events_of(home)
        # A dossier of each event; of none where there is none.
        for focus in [event.id for event in known] if name == "event" else [HOSTS[0] * (name == "host")]:
            report = reports.build(
                store, reports.find_kind(name), reports.window_of(reports.find_kind(name), *WHOLE[name], NOW),
                home=home, scope=scope_of(name, focus), focus=focus,
            )  # fmt: skip
            check(report, named=True)
            prints = printed(report, word=False)
            for text in prints:
                assert not re.search(TOFU, text)
            for host in HOSTS[:2]:
                telling = {publisher(d) for d in found if host in d.judgement.hosts}
                if len(telling) < 3 and focus != host:
                    assert not [text for text in prints if host in text], host


WHOLE = dict.fromkeys(("event", "host", "custom"), ("2024-10-20", "2024-11-16")) | dict.fromkeys(
    ("double11", "monthly"), (None, None)
)


def scope_of(name: str, focus: str) -> Scope:
    if name == "event":
        return Scope(where={"event": (focus,)}, consumer=False)
    return Scope(where={"hosts": (focus,)}) if focus else Scope()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param("double11", 0, marks=pytest.mark.long),
        ("weekly", 3),
        pytest.param("double11", 45, marks=pytest.mark.long),
    ],
)
def test_a_small_store_is_written_in_every_format(name: str, size: int) -> None:
    found = [
        Document(
            RawDocument(
                id=document_id("any", str(n)), source="s", text=f"第{n}条不让退", fetched_at=NOW,
                channel=Channel.WEIBO, author_id=f"a{n % 5}",
                published_at=BEGIN + timedelta(days=45 + n % 14),
            ),
            Judgement(
                snownlp=0.5, negative=0.9, polarity=Polarity.NEG, relevant=n % 2 == 0, consumer=True,
                issues=("C05",), hosts=("林小禾",), negative_hosts=("林小禾",), model="m",
            ),
            document_id("any", str(n)), True, NOW,
        )
        for n in range(size)
    ]  # fmt: skip
    report = build(found, name)
    check(report)
    assert "<html" in as_text(report, "html")
    assert as_text(report, "md")
    assert orjson.loads(in_form(report, "json"))["kind"] == name
    word = WordDocument(io.BytesIO(in_form(report, "docx")))
    assert [p.text for p in word.paragraphs].count("目录") == 1
    assert openpyxl.load_workbook(io.BytesIO(in_form(report, "xlsx"))).sheetnames
    pages = [bare(page.extract_text()) for page in PdfReader(io.BytesIO(in_form(report, "pdf"))).pages]
    assert "目录" in "".join(pages) and not re.search(TOFU, "".join(pages))
    assert all(re.search(f"{at}/{len(pages)}", text) for at, text in enumerate(pages, start=1))
