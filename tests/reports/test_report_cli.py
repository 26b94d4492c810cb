"""The command: files written, summary, and every mistake in one sentence."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

import orjson
import pytest
from tests.golden.report_corpus import corpus

from fengping.cli import main
from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.corrections import Correction, keep, undo
from fengping.models import Polarity
from fengping.state import State

NOW = parse_moment("2020-12-01T09:00")


@pytest.fixture
def filled(home: Home) -> Home:
    home.config_file.write_text('store = "memory:"\n', encoding="utf-8")
    fresh = Home.open(home.root)
    open_store(fresh).put(corpus(60))
    return fresh


def run(home: Home, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "report", *arguments])
    return int(ended.value.code or 0)


DAYS = ("--from", "2020-10-20", "--to", "2020-11-15")


def test_a_report_is_written_in_every_named_format(
    filled: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(filled, "double11", *DAYS, "--format", "html,md,json,docx,xlsx", "--out", str(out)) == 0
    stem = "double11-2020-10-20_2020-11-15"
    assert {p.name for p in out.iterdir()} == {
        *(f"{stem}.{name}" for name in ("html", "md", "json", "docx", "xlsx")),
        f"{stem}-figures",
    }
    assert list((out / f"{stem}-figures").glob("*.svg"))
    told = capsys.readouterr().out
    assert "2020年“双11”消费维权舆情分析报告" in told
    assert f"{stem}.html" in told.replace("\n", "")
    first = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    assert run(filled, "double11", *DAYS, "--format", "html,md,json,docx,xlsx", "--out", str(out)) == 0
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == first


def test_json_names_paths_and_headline_figures(
    filled: Home, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(filled, "custom", *DAYS, "--format", "json", "--json") == 0
    told = orjson.loads(capsysbinary.readouterr().out)
    written = orjson.loads(Path(told["paths"]["json"]).read_bytes())
    assert Path(told["paths"]["json"]).parent == filled.reports
    facts = {fact["id"]: fact["value"] for fact in written["facts"]}
    assert told["figures"]["total"] == facts["total"] > 0
    assert told["missing"] == {}


def test_an_edition_of_another_kind_or_scope_is_not_compared_with(
    filled: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(filled, "double11", *DAYS, "--format", "json", "--out", str(tmp_path)) == 0
    previous = (
        "--previous",
        str(next(tmp_path.glob("*.json"))),
        "--format",
        "json",
        "--out",
        str(tmp_path / "n"),
    )
    for arguments, said in (
        (("618", "--from", "2020-06-01", "--to", "2020-06-20"), "is a double11 report, not a 618 report."),
        (("double11", *DAYS, "--query", "快递"), "is a report of another scope"),
        (("double11", *DAYS, "--source", "sample-news"), "is a report of another scope"),
    ):
        capsys.readouterr()
        assert run(filled, *arguments, *previous) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert run(filled, "double11", *DAYS, *previous) == 0


def test_corrections_in_force_are_counted(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(filled)
    first, second = store.search(Filter(where={"polarity": ("neg",)}), limit=2).documents
    with State.open(filled).begin() as connection:
        for document in (first, second):
            keep(connection, Correction(document.id, "analyst", NOW, polarity=Polarity.NEU))
        undo(connection, second.id, by="analyst", at=NOW)
    assert run(filled, "custom", *DAYS, "--format", "json") == 0
    (path,) = filled.reports.glob("*.json")
    facts = {fact["id"]: fact for fact in orjson.loads(path.read_bytes())["facts"]}
    assert facts["corrections"]["value"] == 1
    assert facts["corrections"]["documents"][0]["id"] == first.id


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("doubel11", *DAYS), "Did you mean 'double11'?"),
        (("double11", *DAYS, "--format", "htlm"), "Did you mean 'html'?"),
        (("double11", *DAYS, "--format", ","), "No format is named."),
        (("double11", "--from", "2020-11-15", "--to", "2020-10-20"), "Put the earlier day first."),
        (("double11", "--from", "2020-13-45", "--to", "2020-11-15"), "is not a date."),
        (("double11", "--from", "0001-01-01", "--to", "2020-11-15"), "fengping: "),
        (("double11", "--from", "2020-10-20", "--to", "9999-12-31"), "is not a date."),
        (("double11", "--from", "2010-01-01", "--to", "2020-11-15"), "is too long."),
        (("double11", "--from", "2190-01-01", "--to", "2190-01-05"), "is in the future."),
        (("custom",), "Give --from and --to."),
        (("custom", *DAYS, "--background", "nowhere.toml"), "nowhere.toml does not exist."),
        (("custom", *DAYS, "--previous", "nowhere.json"), "cannot be read"),
        (("custom", *DAYS, "--generated-at", "noon"), "is not a date."),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    arguments: tuple[str, ...], sentence: str, filled: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(filled, *arguments) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert len(told.strip().splitlines()) == 1
    assert not filled.reports.exists()


def test_a_folder_that_cannot_be_written_is_told(
    filled: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(filled, "custom", *DAYS, "--format", "json", "--out", str(tmp_path / "file")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_without_a_browser_the_other_formats_are_made(
    filled: Home, environ: MutableMapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    environ["FENGPING_CHROMIUM"] = "/nowhere/chromium"
    assert run(filled, "custom", *DAYS, "--format", "pdf,json") == 2
    told = capsys.readouterr()
    assert "FENGPING_CHROMIUM names /nowhere/chromium" in told.err
    assert [p.suffix for p in filled.reports.iterdir()] == [".json"]


@pytest.mark.long
def test_pdf_is_printed_with_pages_and_without_a_clock(filled: Home) -> None:
    assert run(filled, "custom", *DAYS, "--format", "pdf") == 0
    (path,) = filled.reports.glob("*.pdf")
    first = path.read_bytes()
    assert first.startswith(b"%PDF-")
    assert first.count(b"/Type /Page\n") > 5
    assert b"D:2000" in first
    assert run(filled, "custom", *DAYS, "--format", "pdf") == 0
    assert path.read_bytes() == first
