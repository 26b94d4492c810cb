"""The story by which reports are accepted, on both stores: each sentence beside a count in plain Python.

The volume is a twentieth of the real one; with FENGPING_LONG it is whole, and a browser scrolls the page.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from tests.acceptance.counting import counted as figures_counted
from tests.acceptance.counting import holds, said_in, sentences, stored
from tests.acceptance.script import at
from tests.acceptance.story import (
    ANSWERS,
    CHARGES,
    ENGLISH,
    GUEST,
    MOVES,
    PEAKS,
    RULE_POINTS,
    SELLER,
    STAR,
    WINDOW,
)
from tests.acceptance.telling import LONG, STORY, TEXTS, Told, tell
from tests.acceptance.town import Town
from tests.site.homes import journaled
from tests.site.server import serve

from fengping.delivery import Outbox
from fengping.events.evidence import keeping
from fengping.services import evidence

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(7200 if LONG else 900),
]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with serve() as site:
        yield Town(site, STORY.told)


@pytest.fixture(scope="module")
def leader(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("leader"), "tantivy:var/index", town, None)


@pytest.fixture(scope="module")
def follower(
    town: Town, leader: Told, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    return tell(tmp_path_factory.mktemp("follower"), f"{elasticsearch_url}/story", town, leader.lived.walk)


@pytest.fixture(params=["leader", "follower"])
def told(request: pytest.FixtureRequest) -> Told:
    found: Told = request.getfixturevalue(request.param)
    return found


def counted(kind: str = "", *, host: str = "") -> int:
    """Plain count of the window's texts."""
    return sum((not kind or t.kind == kind) and (not host or t.host == host) for t in TEXTS)


SCOPED = [t for t in TEXTS if t.kind not in ("outside", "english")]


def spoken(edition: dict[str, Any]) -> str:
    return "\n".join([*edition["digest"], *(part["text"] for part in edition["text"] if "text" in part)])


def headings(edition: dict[str, Any]) -> list[str]:
    return [part["heading"] for part in edition["text"] if "heading" in part]


def table(edition: dict[str, Any], caption: str) -> list[list[Any]]:
    """Rows of the table of that caption."""
    rows: list[list[Any]] = next(t["rows"] for t in edition["tables"] if t["caption"].endswith(caption))
    return rows


def case(edition: dict[str, Any], host: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in edition["cases"] if host in c["parties"])
    return found


def test_every_job_ended_well_but_the_check_whose_message_was_refused(told: Told) -> None:
    wrong = [(command, moment, fault) for command, moment, fault in told.lived.walk.ran if fault]
    # The checks after it fail as well until the message has gone out: nobody was told yet.
    assert {command for command, _, _ in wrong} == {"alerts check --counts"}
    assert "duty refused" in wrong[0][2] and all("duty" in fault for _, _, fault in wrong)
    out = min(a.at for a in _duty(told) if a.outcome.value == "accepted")
    assert all(moment <= out for _, moment, _ in wrong)


def test_the_total_its_course_and_what_lies_outside(told: Told) -> None:
    text, total = spoken(told.first), len(SCOPED)
    days = Counter(t.day for t in SCOPED)
    mean = f"{round(total / 27 / 10_000, 2):.2f}".rstrip("0").rstrip(".")
    assert f"共计27天监测期内，共收集“双11”期间“消费维权”类信息{total}条" in text
    assert f"日均信息量约{mean}万条" in text or f"日均信息量{total / 27:.0f}条" in text.replace("约", "")
    assert "10月21日、11月1日、11月11日出现舆情量峰值" in text
    assert f"其中11月11日最多，为{days[PEAKS[2]]}条" in text
    assert f"监测范围外{counted('outside')}条，不计入；" in text
    assert f"未判{counted('english')}条，不计入" in text
    assert [row[1] for row in table(told.first, "每日信息量（条）")] == [days[day] for day in WINDOW]


def test_complaints_with_their_interval_and_two_fields_of_their_own(told: Told) -> None:
    text, live, rules = spoken(told.first), counted("live"), counted("rules")
    negative = live + rules
    counted_as = f"共监测到“吐槽类”“消费维权”信息{negative}条（"
    estimated = "按随系统附带、取自其他语料的标注样本估计，情感为负面的信息在"
    assert re.search(rf"{counted_as}(?:连同判为回应的\d+条共\d+条；)?{estimated}", text)
    low, high = re.search(r"情感为负面的信息在(\d+)条至(\d+)条之间，95%区间", text).groups()  # type: ignore[union-attr]
    assert int(low) <= int(high)
    share = f"占吐槽类信息的{100 * live / negative:.2f}%（n={negative}）"
    assert f"有关“直播带货”类负面信息{live}条，{share}，日均{_daily(live)}条" in text
    assert f"有关“促销规则”类负面信息{rules}条" in text
    shapes = {row[0]: row[-1] for row in table(told.first, "问题领域统计")}
    assert shapes["直播带货"] == "较为平稳"
    for words, forms in RULE_POINTS.items():
        assert sum(words in form for form in forms) == len(forms)
        assert f"“{words}”（{sum(words in t.body for t in TEXTS if t.kind == 'rules')}）" in text


def test_two_points_of_livestream_selling_and_no_heading_without_documents(told: Told) -> None:
    rows = {row[0]: row[1] for row in table(told.first, "直播带货类问题统计")}
    assert list(rows)[:2] == ["数据造假", "售后退换"] or list(rows)[:2] == ["售后退换", "数据造假"]
    for heading in headings(told.first):
        for words in re.findall("“(.+?)”", heading):
            assert words == "双11" or sum(words in f"{t.title}{t.body}" for t in TEXTS) >= 5, heading


def test_the_sellers_case_with_its_figures_answer_and_retraction(told: Told) -> None:
    before, after = case(told.first, SELLER), case(told.second, SELLER)
    quoted = "".join(q["text"] for q in (before["quote"], *before["numbers"])) + before["title"]
    assert all(figure in quoted for figure in ("10万元", "1323台", "1012台", "76.4%"))
    assert any("76.49%" in note for note in before["notes"])
    assert before["status"] == "已否认" and after["status"] == "已撤回"
    assert any("这是假的" in step["text"] for step in before["told"])
    assert any(
        "不实" in step["text"] and step["published"].startswith("2020-11-17") for step in after["told"]
    )
    assert not any(step["published"].startswith("2020-11-17") for step in before["told"])


def test_the_guests_case_and_the_stars(told: Told) -> None:
    guest, star = case(told.second, GUEST), case(told.second, STAR)
    quoted = "".join(q["text"] for q in (guest["quote"], *guest["numbers"])) + guest["title"]
    assert "311万" in quoted and "不到11万" in quoted
    assert any(re.search(r"不(?:足|到)3\.6%|不足3\.6", note) for note in guest["notes"])
    assert any("仅作为嘉宾" in step["text"] for step in guest["told"])
    assert star["status"] == "已赔付"
    assert "换" in star["title"] + star["quote"]["text"]
    answer = "".join(step["text"] for step in star["told"])
    assert all(day in answer for day in ("11月1日", "11月6日", "11月8日")) and "退款" in answer


def test_no_answer_counts_as_a_complaint_about_who_gave_it(told: Told) -> None:
    for edition in (told.first, told.second):
        rows = {row[0]: row[1] for row in table(edition, "主播负面信息统计")}
        assert rows == {host: counted("live", host=host) for host in (SELLER, GUEST, STAR)}
        answers = sum(a.day in WINDOW for a in ANSWERS)
        assert f"判为回应而不计入的有{answers}条" in spoken(edition)


def test_authorities_moves_stand_apart_with_issuer_and_title(told: Told) -> None:
    rows = table(told.first, "监管动态")
    assert [(row[0], row[3]) for row in rows] == [(m.day.isoformat(), m.title) for m in MOVES]
    assert "国家市场监督管理总局" in rows[0][1] and "国家互联网信息办公室" in rows[2][1]


def test_the_english_article_is_told_and_counts_nowhere(told: Told) -> None:
    [shown] = told.lived.walk.json(at(11, 21, 21), "search", "livestream refunded", "--limit", "3")["hits"]
    assert shown["lang"] == "en" and shown["polarity"] is None
    assert set(shown["hosts"]) == {SELLER, GUEST, STAR}
    ids = {d["id"] for fact in told.first["facts"] if fact["id"] != "unjudged" for d in fact["documents"]}
    assert shown["id"] not in ids and ENGLISH.title not in spoken(told.first)
    # Of the figures only that of texts which were not judged counts it.
    documents = stored(told.lived.walk.home)
    [english] = [row for row in documents if row.document.id == shown["id"]]
    judged = english.document.judgement
    assert judged.consumer is None and judged.polarity is None
    for edition in (told.first, told.second, *told.lived.weeklies):
        asked = {fact["id"]: fact["query"] for fact in edition["facts"]}
        counts = {id: query for id, query in asked.items() if query.get("op") in ("count", "histogram")}
        with_it = {id for id, query in counts.items() if holds(english, query)}
        assert with_it <= {"unjudged", "collected", "all"}, with_it


def test_every_figure_is_that_of_a_plain_count(told: Told) -> None:
    assert told.lived.contradicted == [[]] * 6
    assert figures_counted(told.second) > 80 and all(map(figures_counted, told.lived.weeklies))


def test_every_form_says_every_sentence(told: Told) -> None:
    name = "double11-20201020-20201115-1"
    for form in ("html", "docx"):
        said = said_in(form, told.lived.files[0][f"{name}.{form}"])
        assert [sentence for sentence in sentences(told.first) if sentence not in said] == [], form


def test_evidence_is_hashed_kept_pictured_and_unaltered(told: Told) -> None:
    lived, kept = told.lived, told.lived.kept
    label = f"案例{case(told.first, SELLER)['number']}"
    rows = [row for row in table(told.first, "案例与线索的证据") if row[0] == label]
    assert len({row[6] for row in rows if re.fullmatch("[0-9a-f]{64}", row[6])}) >= 5
    # The first text of each of the five publishers that came first, hashed as it was taken in.
    charged = sorted((t for t in TEXTS if t.host == SELLER and t.kind == "live"), key=lambda t: t.at)
    earliest = {t.place: t.key for t in charged[::-1]}
    first = sorted(earliest.values(), key=[t.key for t in charged].index)[:5]
    taken = {d.url.rsplit("/", 1)[-1].removesuffix(".html"): d for d in journaled(lived.walk.home)}
    hashes = [hashlib.sha256(f"{taken[k].title}\n{taken[k].text}".encode()).hexdigest() for k in first]
    assert [row[6] for row in rows if row[1] in ("首发", "来源")] == hashes
    assert any(
        row[7].startswith("已留存，2020-11-") and row[7].endswith("查看时网址已无此文") for row in rows
    )
    archive = keeping.archive(lived.walk.home)
    pictures = {piece.document for piece in archive.pieces() if piece.kind == "picture"}
    assert set(kept.values()) <= pictures and len(set(kept.values())) == 5
    assert evidence.verify(lived.walk.home).faults == ()


def test_the_first_edition_stays_and_the_second_lists_what_changed(told: Told) -> None:
    lived = told.lived
    folder = lived.walk.home.reports / "editions" / "double11-20201020-20201115-1"
    now = {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assert now == lived.files[0]
    assert any("已否认 → 已撤回" in change and SELLER in change for change in lived.changes)
    assert any("未证实 → 已回应" in change for change in lived.changes)


def test_alarms_within_a_tick_and_once_though_the_robot_refused(told: Told) -> None:
    log = _duty(told)

    def first(subject: str) -> datetime:
        return min(one.at for one in log if one.subject.startswith(subject))

    for host in (SELLER, GUEST, STAR):
        mine = sorted(c.at for c in CHARGES if c.host == host)
        assert 0 <= (first(f"{host}：2天内负面信息3条") - mine[2]).total_seconds() <= 600, host
    # A watched party's event is told with its first charge, which the crawl of that evening brings.
    assert 0 <= (first(f"{SELLER}：直播带货翻车") - at(11, 6, 22, 5)).total_seconds() <= 600
    assert told.refused == 1
    [refused] = [a for a in log if a.outcome.value == "refused"]
    assert "send too fast" in refused.reply
    assert [a.outcome.value for a in log if a.message == refused.message] == ["accepted", "refused"]
    assert len(told.alarms) == len(set(told.alarms)) == len(log) - 1


def test_an_answer_breaks_no_cool_down_and_the_watch_tells_it(told: Told) -> None:
    log = _duty(told)
    sent = [a for a in log if SELLER in a.subject and a.outcome.value == "accepted"]
    mine = sorted(a.at for a in sent if "负面信息" in a.subject)
    assert all(later - sooner >= timedelta(hours=24) for sooner, later in pairwise(mine)), mine
    # Neither the answer, taken in within the hour, nor reposts bring a message: the next new text does.
    answer, charge = ANSWERS[0].at, max(c.at for c in CHARGES if c.host == SELLER)
    assert not [t for t in mine if answer <= t < charge] and any(t >= charge for t in mine), mine
    # Nobody has read the answer yet.
    [answered] = [a for a in sent if a.subject.startswith("【回应】")]
    assert 0 <= (answered.at - at(11, 10, 12)).total_seconds() <= 600
    [text] = [text for text in told.alarms if text.startswith(f"### 【回应】{SELLER}：")]
    assert "有回应，未复核" in text


def test_weekly_reports_come_by_mail_and_the_late_one_with_its_own_week(told: Told) -> None:
    assert [m["Subject"] for m in told.mails] == [f"消费维权舆情周报（2020年第{week}周）" for week in WEEKS]
    for mail, first in zip(told.mails, (19, 26, 2, 9), strict=True):
        body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        monday = at(10 if first > 15 else 11, first, 0).date()
        week = [t for t in SCOPED if 0 <= (t.day - monday).days < 7]
        said = f"共收集“消费维权”类信息{len(week)}条" if len(week) < 10_000 else "共收集“消费维权”类信息"
        assert said in body and "未经审阅签发" in body
    lines = (told.lived.walk.home.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()
    assert any("report-weekly 开始晚了" in line and "晚了 1 天 1 小时" in line for line in lines)


WEEKS = (43, 44, 45, 46)


def test_weekly_figures_are_plain_counts_of_their_own_week(told: Told) -> None:
    for number, data in zip(WEEKS, told.lived.weeklies, strict=True):
        week = [t for t in TEXTS if t.day.isocalendar().week == number]
        kinds = Counter(t.kind for t in week)
        facts = {fact["id"]: fact["value"] for fact in data["facts"]}
        assert facts["total"] == sum(t.kind not in ("outside", "english") for t in week)
        assert facts["negative"] == kinds["live"] + kinds["rules"]
        assert facts["complaints"] == kinds["live"]
        of_host = Counter(t.host for t in week if t.host and t.kind == "live")
        assert facts["hosts"] == sum(of_host.values())
        # Of whom fewer than three publishers tell in words of their own the name is withheld.
        named = {host: facts[f"host.{host}"] for host in (SELLER, GUEST, STAR) if f"host.{host}" in facts}
        assert named == {host: of_host[host] for host in named}


def test_what_the_mails_bring_is_of_their_own_week(told: Told) -> None:
    for mail, number, data in zip(told.mails, WEEKS, told.lived.weeklies, strict=True):
        stem = f"weekly-{data['window']['from']}_{data['window']['to']}"
        brought = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
        assert list(brought) == [f"{stem}.{form}" for form in (("pdf", "docx") if LONG else ("docx",))]
        kept = {name: (told.lived.walk.home.reports / name).read_bytes() for name in brought}
        assert brought == kept
        said = said_in("docx", brought[f"{stem}.docx"])
        assert f"2020年第{number}周" in said
        assert [sentence for sentence in sentences(data) if sentence not in said] == []
        body = re.sub(r"\s+", "", mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert all(re.sub(r"\s+", "", line) in body for line in data["digest"])


def test_both_stores_make_the_same_bytes(leader: Told, follower: Told) -> None:
    for one, other in zip(leader.lived.files, follower.lived.files, strict=True):
        assert one.keys() == other.keys()
        for name, content in one.items():
            assert _of_any_home(name, other[name]) == _of_any_home(name, content), name
    for mine, its in zip(leader.mails, follower.mails, strict=True):
        assert mine["Subject"] == its["Subject"]
        parts = [
            {part.get_filename(""): part.get_payload(decode=True) for part in mail.walk()}
            for mail in (mine, its)
        ]
        # Chromium writes its own time into a PDF.
        assert {n: p for n, p in parts[0].items() if not n.endswith(".pdf")} == {
            n: p for n, p in parts[1].items() if not n.endswith(".pdf")
        }
    assert orjson.dumps(leader.second["facts"]) == orjson.dumps(follower.second["facts"])


def _of_any_home(name: str, content: bytes) -> bytes:
    """A file without its home's own chain of evidence, which holds answers of servers with times."""
    if name != "manifest.json":
        return content
    return orjson.dumps({key: value for key, value in orjson.loads(content).items() if key != "evidence"})


def _duty(told: Told) -> list[Any]:
    """What was tried to send to the robot, the latest first."""
    return Outbox.open(told.lived.walk.home).attempts(None, channel="duty")


def _daily(count: int) -> str:
    """A daily mean as reports print it: three figures at least."""
    mean = count / 27
    return f"{mean:.0f}" if mean >= 100 else f"{mean:.1f}"
