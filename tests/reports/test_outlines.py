"""A user's own report in TOML: what it takes from a kind, days, files, formats, and mistakes."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from tests.reports.test_report_truth import NOW, OTHER, post, story

from fengping import events
from fengping.cli import main
from fengping.clock import day_of, parse_moment
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.reports import Report
from fengping.reports.archive import Action, Editions
from fengping.reports.chapters import REGISTER
from fengping.reports.document import Paragraph
from fengping.reports.outlines import Outline, read_outline
from fengping.reports.wording import plain
from fengping.services import edition as editions
from fengping.services import sending
from fengping.services.report import Wanted, build, formats_of, make

DAYS = ("2024-10-20", "2024-11-16")


@pytest.fixture
def told(home: Home) -> Home:
    store = open_store(home)
    store.put([*story(4), *OTHER, post("rule", "付定金不能退", issues=("C07",))])
    events.update(home, store)
    store.close()
    return home


def wanted(home: Home, text: str, *days: str, name: str = "mine", **options: object) -> Wanted:
    path = home.root / f"{name}.toml"
    path.write_text(text, "utf-8")
    first, last = days or (None, None)
    return Wanted(str(path), first, last, outline=path, **options)  # type: ignore[arg-type]


def report(home: Home, text: str, *days: str, now: datetime = NOW, **options: object) -> Report:
    return build(home, wanted(home, text, *days, **options), now)  # type: ignore[arg-type]


def spoken(made: Report) -> str:
    return "\n".join(plain(b.text) for b in made.blocks if isinstance(b, Paragraph))


def run(home: Home, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), *arguments])
    return int(ended.value.code or 0)


def test_a_report_like_a_hosts_is_about_the_host_of_the_file_or_of_the_command(told: Home) -> None:
    made = report(told, 'like = "host"\nfocus = "林小禾"', *DAYS)
    assert (made.kind, made.about, made.focus) == ("mine-林小禾", "host", "林小禾")
    assert "提及主播林小禾" in spoken(made) and "negative.aimed" in made.facts
    assert made.title.startswith("涉林小禾消费维权舆情报告")
    other = report(told, 'like = "host"\nfocus = "谁也不是"', *DAYS, focus="林小禾")
    assert other.kind == "mine-林小禾"
    with pytest.raises(FengpingError, match=r"Whose mine report\? Write: fengping report .*mine.toml NAME"):
        report(told, 'like = "host"', *DAYS)
    with pytest.raises(FengpingError, match="is about no '林小禾'"):
        report(told, 'focus = "林小禾"', *DAYS)


def test_a_report_like_an_events_has_its_dossier_its_days_and_its_own_name(told: Home) -> None:
    event = events.events_of(told)[0]
    made = report(told, f'like = "event"\nfocus = "{event.id[:8]}"')
    assert (made.kind, made.focus) == (f"mine-{event.id}", event.id)
    assert made.title.startswith(f"事件档案：“{event.title}”（")
    assert "共收集监测范围内信息" in spoken(made)
    assert {"事件节点", "传播链"} <= {table.sheet for table in made.tables()}
    assert (made.window.first, made.window.last) == tuple(
        day_of(at) for at in (event.first_at, event.last_at) if at
    )
    fixed = report(told, f'like = "event"\nfocus = "{event.id}"\nfirst = 2024-10-25\nlast = 2024-11-05')
    assert fixed.window.words() == "10月25日至11月5日"


def test_what_an_edition_like_an_events_is_about_is_not_struck_from_it(told: Home) -> None:
    event = events.events_of(told)[0]
    made = editions.draft(told, wanted(told, f'like = "event"\nfocus = "{event.id}"'), NOW, ("json",))
    with pytest.raises(FengpingError, match="is about this event"):
        editions.edit(told, made.number, Action.STRIKE, f"case:{event.id}", "", "甲", NOW)


def test_a_message_leads_to_the_page_of_what_the_report_is_about(told: Home) -> None:
    told.config_file.write_text('[serve]\npublic_url = "https://desk.example.org"\n', "utf-8")
    home = Home.open(told.root)
    made, written = make(home, wanted(home, 'like = "host"\nfocus = "林小禾"', *DAYS), ("json",), NOW)
    sending.send(home, made, written, ["file"], NOW)
    (line,) = (home.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()
    assert orjson.loads(line)["link"] == "https://desk.example.org/hosts/%E6%9E%97%E5%B0%8F%E7%A6%BE"


def test_a_renamed_kind_keeps_its_weeks_years_and_comparisons(told: Home) -> None:
    weekly = report(told, 'like = "weekly"', week="2024-W44")
    assert weekly.kind == "mine" and weekly.title.endswith("（2024年第44周）")
    assert {"compared.1", "compared.2"} <= {key.rpartition("overview.")[2] for key in keys(weekly)}
    season = report(told, 'like = "double11"', year=2024)
    assert season.title == "2024年“双11”消费维权舆情分析报告" and "“双11”期间" in spoken(season)
    with pytest.raises(FengpingError, match="--year goes with"):
        report(told, 'like = "weekly"', year=2024)


def keys(made: Report) -> set[str]:
    return {block.key for block in made.blocks if isinstance(block, Paragraph)}


def test_days_that_the_store_no_longer_holds_are_told_by_the_edition_of_the_same_file(told: Home) -> None:
    text = 'like = "weekly"\nquery = "定金"'
    then = editions.draft(told, wanted(told, text, week="2024-W43"), NOW, ("json",))
    other = editions.draft(told, wanted(told, text, week="2024-W43", name="other"), NOW, ("json",))
    assert (then.series, other.series) == (then.series, then.series.replace("mine", "other"))
    store = open_store(told)
    store.delete([post("rule", "").id])
    store.put([post("later", "付定金也不能退", day=10)])
    store.close()
    said = spoken(report(told, text, week="2024-W44"))
    assert f"上期（{then.number}）" in said and other.number not in said


def test_days_are_fixed_or_count_back_from_yesterday_and_the_period_before_stands_beside(told: Home) -> None:
    now = parse_moment("2024-11-09T09:00")
    made = report(told, "days = 14", now=now)
    assert made.window.words() == "10月26日至11月8日"
    assert "compared.1" in {key.rpartition("overview.")[2] for key in keys(made)} and "上期" in spoken(made)
    assert (
        report(told, "first = 2024-10-20\nlast = 2024-10-31", now=now).window.words() == "10月20日至10月31日"
    )
    assert (
        report(told, "days = 14", "2024-10-21", "2024-10-22", now=now).window.words() == "10月21日至10月22日"
    )
    assert report(told, "days = 14", now=now, week="2024-W44").window.words() == "10月28日至11月3日"
    assert "上期" not in spoken(report(told, "", *DAYS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("first = 2024-10-20", "first and last go together"),
        ("first = 2024-10-20\nlast = 2024-10-01", "put the earlier one first"),
        ("days = 3\nfirst = 2024-10-20\nlast = 2024-10-21", "write the one or the other"),
        ("days = 0", "days"),
        ('like = "weekly"\ndays = 7', 'ISO week, Monday to Sunday, not of the days of this file. Take them'),
        ('like = "daily"\ndays = 2', "A daily report is of one day"),
        ('background = "nowhere.toml"', "background names .*nowhere.toml, which does not exist. Put"),
        ('official = "nowhere.csv"', "official names .*nowhere.csv, which does not exist"),
        ('reference_docx = "nowhere.docx"', "reference_docx names .*nowhere.docx, which does not exist"),
        ('formats = ["htlm"]', "Did you mean 'html'?"),
        ('fields_first = ["C5"]', "fields_first names no field 'C5'. Did you mean 'C05'?"),
        ('fields_first = ["售后退还"]', "Did you mean '售后退换'?"),
        ('fields_first = ["lvie"]', "Did you mean 'live'?"),
        ('sources = ["ss"]', "Unknown source 'ss'. "),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_sentence(text: str, said: str, told: Home) -> None:
    with pytest.raises(FengpingError, match=said):
        report(told, text, *DAYS)


def test_files_are_taken_from_the_folder_of_the_outline(told: Home) -> None:
    folder = told.root / "own"
    folder.mkdir()
    (folder / "cited.toml").write_text('[[figure]]\ntext = "成交额增长两成"\nsource = "样本统计"\n', "utf-8")
    (folder / "desk.csv").write_text(
        "source,first,last,what,value,url\n某平台,2024-10-20,2024-11-11,投诉,68756,\n", "utf-8"
    )
    (folder / "mine.toml").write_text('background = "cited.toml"\nofficial = "desk.csv"\n', "utf-8")
    made = build(told, Wanted("mine", *DAYS, outline=folder / "mine.toml"), NOW)
    assert "成交额增长两成。（来源：样本统计）" in spoken(made)
    assert any("投诉平台" in table.sheet for table in made.tables())
    given = told.root / "other.toml"
    given.write_text('[[figure]]\ntext = "别的数字"\nsource = "样本统计"\n', "utf-8")
    other = build(told, Wanted("mine", *DAYS, outline=folder / "mine.toml", background=given), NOW)
    assert "别的数字" in spoken(other) and "两成" not in spoken(other)


def test_formats_of_the_file_hold_unless_others_are_asked_for(
    told: Home, tmp_path: Path, environ: MutableMapping[str, str]
) -> None:
    asked = wanted(told, 'formats = ["md", "json"]')
    days = ("--from", DAYS[0], "--to", DAYS[1])
    for options, endings in (((), {".md", ".json"}), (("--format", "html"), {".html"})):
        out = tmp_path / f"out{len(options)}"
        assert run(told, "report", asked.kind, *days, *options, "--out", str(out)) == 0
        assert {path.suffix for path in out.iterdir() if path.is_file()} == endings
    for at, (options, formats) in enumerate((((), ["md", "json"]), (("--format", "json"), ["json"]))):
        assert run(told, "edition", "draft", asked.kind, *days, *options) == 0
        assert len(Editions(told).all()) == at + 1
        assert max(Editions(told).all(), key=lambda one: one.revision).wanted["formats"] == formats
    assert formats_of(told, Wanted("weekly"), None) == ("html", "md", "json")
    environ["FENGPING_CHROMIUM"] = __file__
    assert formats_of(told, Wanted("weekly"), None, sent=True) == ("html", "md", "json", "pdf", "docx")
    environ["FENGPING_CHROMIUM"] = "nowhere"
    assert formats_of(told, Wanted("weekly"), None, sent=True) == ("html", "md", "json", "docx")
    assert formats_of(told, Wanted("weekly"), "md", sent=True) == ("md",)
    assert formats_of(told, asked, None, sent=True) == ("md", "json")


def test_a_source_is_known_by_its_file_or_by_its_documents(
    told: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(told)
    taken = post("taken", "包开线", day=6)
    store.put([replace(taken, raw=replace(taken.raw, source="手工导入"))])
    store.close()
    made = report(told, 'sources = ["手工导入"]', *DAYS)
    assert made.facts["total"].value == 1
    days = ("--from", DAYS[0], "--to", DAYS[1], "--format", "json")
    assert run(told, "report", "custom", *days, "--source", "手工导人") == 2
    assert "Unknown source '手工导人'. Did you mean '手工导入'?" in capsys.readouterr().err
    (told.root / "sources").mkdir()
    (told.root / "sources" / "quiet.toml").write_text(
        'kind = "rss"\nurls = ["https://quiet.example.org/feed"]\n', "utf-8"
    )
    assert run(told, "report", "custom", *days, "--source", "quiet") == 0


def test_a_file_is_called_by_what_a_page_can_open(told: Home, tmp_path: Path) -> None:
    asked = wanted(told, "", *DAYS, name="我的 周报")
    _, written = make(told, asked, ("json",), NOW, out=tmp_path)
    assert written.paths["json"].name == "我的-周报-2024-10-20_2024-11-16.json"


def test_every_key_is_described_and_the_example_can_be_read(home: Home) -> None:
    text = (Path(__file__).parents[2] / "docs" / "reports.md").read_text("utf-8")
    section = text.partition("## An outline of your own")[2].partition("\n## ")[0]
    assert not [key for key in Outline.model_fields if f"`{key}`" not in section]
    assert not [name for name in REGISTER if f"`{name}`" not in section]
    example = section.partition("<!-- example: outline -->\n```toml\n")[2].partition("```")[0]
    (home.root / "mine.toml").write_text(example, "utf-8")
    assert read_outline(home.root / "mine.toml")[1].name == "mine"
