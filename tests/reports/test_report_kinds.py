"""Reports of a host, of an event and of a user's outline, through the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from tests.reports.test_report_truth import OTHER, post, story

from fengping import events
from fengping.cli import main
from fengping.events.building.opening import leave
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document, Precision
from fengping.state import State

DAYS = ("--from", "2024-10-20", "--to", "2024-11-16")


@pytest.fixture
def told(home: Home) -> Home:
    store = open_store(home)
    store.put([*story(4), *OTHER, post("rule", "付定金不能退", issues=("C07",))])
    events.update(home, store)
    store.close()
    return home


def run(home: Home, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "report", *arguments, "--format", "json"])
    return int(ended.value.code or 0)


def made(home: Home) -> dict[str, object]:
    (path,) = home.reports.glob("*.json")
    return dict(orjson.loads(path.read_bytes()))


def test_an_event_has_its_dossier(told: Home) -> None:
    event = events.events_of(told)[0]
    assert run(told, "event", event.id[:8]) == 0
    report = made(told)
    assert report["kind"] == f"event-{event.id}"
    captions = [t["caption"].split("　")[1] for t in report["tables"]]  # type: ignore[attr-defined]
    assert {"事件节点", "传播链"} <= set(captions)
    assert [case["status"] for case in report["cases"]] == ["已否认"]  # type: ignore[attr-defined]
    # Its scope is the event, whatever of it is judged to concern consumers.
    assert "共收集监测范围内信息" in words(report) and "“消费维权”类" not in words(report)


def test_a_hosts_report_tells_a_period_not_collected_from_one_without_a_word_of_it(told: Home) -> None:
    """The store holds days before which nothing came in, and in which nobody spoke of this host."""
    store = open_store(told)
    quiet = [post(f"quiet{n}", f"第{n}条，不谈主播") for n in range(3)]
    days = [datetime(2024, 9, 25 + n, tzinfo=UTC) for n in range(3)]
    store.put(
        [replace(one, raw=replace(one.raw, published_at=at)) for one, at in zip(quiet, days, strict=True)]
    )
    store.close()
    host = next(name for one in story(1) for name in one.judgement.hosts)
    assert run(told, "host", host, *DAYS) == 0
    said = words(made(told))
    assert "上期系统采集到信息3条，其中属于本报告范围的“消费维权”类信息0条。该期28天中有25天未收到" in said
    assert "没有可比数据" not in said
    assert run(told, "host", host, "--from", "2024-07-01", "--to", "2024-07-28") == 0
    reports = [dict(orjson.loads(path.read_bytes())) for path in told.reports.glob("*.json")]
    said = next(text for text in map(words, reports) if "上期系统内没有" in text)
    assert "上期系统内没有信息，档案中也没有可比的该期报告，不作比较。" in said


def words(report: dict[str, object]) -> str:
    return "\n".join(entry.get("text", "") for entry in report["text"])  # type: ignore[attr-defined]


def test_a_dossier_bears_the_title_of_its_event_and_no_busiest_day_of_a_few(told: Home) -> None:
    event = events.events_of(told)[0]
    assert run(told, "event", event.id) == 0
    report = made(told)
    assert str(report["title"]).startswith(f"事件档案：“{event.title}”（")
    nodes = next(t for t in report["tables"] if "事件节点" in t["caption"])  # type: ignore[attr-defined]
    assert [row[1] for row in nodes["rows"]] == ["本事件内最早的指称", "已否认"]
    assert all(row[2] for row in nodes["rows"])
    assert "不具名" not in words(report)


def test_a_dossier_without_a_charge_bears_the_title_of_its_first_text_and_no_name(home: Home) -> None:
    store = open_store(home)
    said = "林小禾的丈夫在直播时表示，当天林小禾没有打人，做了笔录，都可以去查{}。"
    denial, again = (
        post(
            f"denial{n}", said.format("，没人能改" * n), day=5 + n, act=Act.RESPONSE,
            title="丈夫否认林小禾打人", host="林小禾", live=True,
        )
        for n in range(2)
    )  # fmt: skip
    store.put([*OTHER, denial, again])
    events.update(home, store)
    store.close()
    found = events.event_of(home, denial.id)
    assert found
    assert run(home, "event", found.id) == 0
    report = made(home)
    assert str(report["title"]).startswith("事件档案：“丈夫否认〔某主播甲〕打人”（")
    # An answer that is judged negative brings no charge.
    assert not [t for t in report["tables"] if "事件节点" in t["caption"]]  # type: ignore[attr-defined]


def test_a_report_says_while_events_are_left_to_be_built_anew(told: Home) -> None:
    left = "事件归并尚未完成：全部事件正待重建"
    assert run(told, "weekly") == 0
    assert left not in words(made(told))
    with State.open(told).begin() as connection:
        leave(connection, datetime(2024, 11, 20, tzinfo=UTC))
    event = events.events_of(told)[0]
    assert run(told, "event", event.id) == 0
    assert run(told, "host", "林小禾", *DAYS) == 0
    assert (
        sum(left in words(dict(orjson.loads(one.read_bytes()))) for one in told.reports.glob("*.json")) == 2
    )


def test_a_dossier_of_too_few_publishers_names_nobody(home: Home) -> None:
    store = open_store(home)
    store.put([*story(1), *OTHER])
    events.update(home, store)
    store.close()
    assert run(home, "event", events.events_of(home)[0].id) == 0
    report = made(home)
    assert "有原创文本的发布主体不足3个或不详，本报告不具名" in words(report)
    printed = orjson.dumps(report).decode()
    assert "林小禾" not in printed and "〔某主播甲〕直播间蚕丝被被曝不含蚕丝" in printed


def test_another_sellers_remedy_is_no_answer_of_the_accused(home: Home) -> None:
    store = open_store(home)
    charges = [one for one in story(3) if one.judgement.act is not Act.RESPONSE]
    offer = post(
        "offer", "近日，沈听澜在直播中宣布，买了林小禾蚕丝被的退一赔三。", day=11, polarity="neg",
        title="沈听澜对林小禾直播间蚕丝被退一赔三", issues=("C03",), host="沈听澜", live=True,
        site="样本晚报",
    )  # fmt: skip
    store.put([*charges, offer])
    events.update(home, store)
    store.close()
    event = max(events.events_of(home), key=lambda event: event.documents)
    assert run(home, "event", event.id) == 0
    (case,) = made(home)["cases"]  # type: ignore[misc]
    assert (case["status"], case["told"]) == ("未证实", [])
    # Lists, pages and alarms show what the event bears.
    assert (event.status.value, event.steps) == ("未证实", ())


def test_a_hosts_report_says_how_many_accuse_and_how_many_only_name(home: Home) -> None:
    only = post("only", "林小禾也在场，货是别家的假货", day=9).with_judgement(hosts=("林小禾",))
    store = open_store(home)
    store.put([*story(3), only])
    events.update(home, store)
    store.close()
    assert run(home, "host", "林小禾", *DAYS) == 0
    report = made(home)
    facts = {fact["id"]: fact["value"] for fact in report["facts"]}  # type: ignore[attr-defined]
    assert facts["negative"] - facts["negative.aimed"] == 1
    said = words(report)
    assert "提及主播林小禾" in said
    assert f"吐槽类信息中判定指向该主播的{facts['negative.aimed']}条，其余未判定指向该主播。" in said
    assert f"（其中判定指向该主播的{facts['negative.aimed']}条）" in "".join(report["digest"])  # type: ignore[arg-type]
    fields = next(t for t in report["tables"] if "问题领域统计" in t["caption"])  # type: ignore[attr-defined]
    assert fields["columns"][-1] == "指向该主播"
    assert facts["issue.C03"] == facts["issue.C03.aimed"]


def test_a_hosts_report_of_which_all_accuse_speaks_of_no_others(home: Home) -> None:
    store = open_store(home)
    store.put(story(3))
    store.close()
    assert run(home, "host", "林小禾", *DAYS) == 0
    said = words(made(home))
    assert "判定指向该主播的3条。" in said and "其余未判定" not in said


def unsigned(document: Document) -> Document:
    """Published by nobody knows whom, in an hour."""
    raw = replace(document.raw, author_id="", site="", precision=Precision.HOUR)
    return replace(document, raw=raw)


def test_where_no_source_tells_publishers_no_case_is_said_to_lack_them(home: Home) -> None:
    store = open_store(home)
    store.put([unsigned(document) for document in (*story(4), *OTHER)])
    events.update(home, store)
    store.close()
    assert run(home, "custom", *DAYS) == 0
    said = words(made(home))
    assert "没有达到3个" not in said
    assert "没有可确认达到3个有原创文本的发布主体的案例。来源未载明发布主体的，无从确认。" in said


def test_a_dossier_gives_times_no_finer_than_they_are_known(home: Home) -> None:
    store = open_store(home)
    store.put([unsigned(document) for document in story(4)])
    events.update(home, store)
    store.close()
    assert run(home, "event", events.events_of(home)[0].id) == 0
    tables = [t for t in made(home)["tables"] if "节点" in t["caption"] or "传播链" in t["caption"]]  # type: ignore[attr-defined]
    times = [row[0] for table in tables for row in table["rows"]]
    assert times
    assert all(time.endswith("时") for time in times)


def test_an_outline_sets_scope_chapters_order_and_title(told: Home, tmp_path: Path) -> None:
    outline = tmp_path / "mine.toml"
    outline.write_text(
        'title = "规则专报"\nquery = "定金"\nchapters = ["overview", "fields"]\nname = "rules"\n', "utf-8"
    )
    assert run(told, str(outline), *DAYS) == 0
    report = made(told)
    assert (report["kind"], report["title"]) == ("rules", "规则专报")
    headings = [entry["heading"] for entry in report["text"] if entry.get("level") == 2]  # type: ignore[attr-defined]
    assert headings == ["一、消费维权舆情基本情况", "二、问题集中领域"]
    facts = {fact["id"]: fact["value"] for fact in report["facts"]}  # type: ignore[attr-defined]
    assert facts["total"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('chapters = ["overvew"]', "Did you mean 'overview'?"),
        ('like = "dobule11"', "Did you mean 'double11'?"),
    ],
)
def test_an_outline_that_cannot_be_is_refused(
    text: str, said: str, told: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    assert run(told, str(tmp_path / "mine.toml"), *DAYS) == 2
    assert said in capsys.readouterr().err


def test_official_figures_stand_beside_without_a_claim(told: Home, tmp_path: Path) -> None:
    file = tmp_path / "official.csv"
    file.write_text("source,first,last,what,value,url\n某平台,2024-10-20,2024-11-11,投诉,68756,\n", "utf-8")
    assert run(told, "double11", *DAYS, "--official", str(file)) == 0
    table = next(t for t in made(told)["tables"] if "投诉平台" in t["caption"])  # type: ignore[attr-defined]
    assert table["rows"] == [["某平台", "2024-10-20", "2024-11-11", "投诉", 68756, 5]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("host", *DAYS), "Whose host report?"),
        (("weekly", "林小禾"), "Use --query."),
        (("event", "zzzz"), "There is no event"),
        (("weekly", "--week", "2024-W60"), "is no week"),
        (("double11", *DAYS, "--official", "nowhere.csv"), "cannot be read"),
    ],
)
def test_mistakes_are_told(
    arguments: tuple[str, ...], said: str, told: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(told, *arguments) == 2
    assert said in capsys.readouterr().err
