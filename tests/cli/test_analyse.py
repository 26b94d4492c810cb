"""``fengping analyse``: JSON lines in, the same lines judged out, nothing lost and nothing out of order."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.making import LONG
from typer.testing import CliRunner

from fengping.analysis import Judge
from fengping.cli import analyse as judging
from fengping.cli.app import app
from fengping.config import AnalysisConfig
from fengping.services import analyse as services

LABELS = {
    "snownlp", "negative", "positive", "polarity", "act", "consumer", "relevant", "hosts", "negative_hosts",
    "negative_brands", "platforms", "issues",
}  # fmt: skip
LENGTH = 1_000_000 if LONG else 100_000
COMMAND = (sys.executable, "-c", "from fengping.cli import main; main()")

Analyse = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def analyse(tmp_path: Path) -> Analyse:
    """Runs the command on the bytes given, in a folder that is no home; exit code, rows, stderr."""

    def run(lines: bytes, *options: str, home: Path = tmp_path) -> tuple[int, list[dict[str, Any]], str]:
        done = CliRunner().invoke(app, ["--home", str(home), "analyse", *options], input=lines)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


def lines_of(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_each_line_comes_back_with_its_labels_in_order(analyse: Analyse) -> None:
    texts = ["买到的面霜是假货，客服不给退货", "主播讲得很仔细，下次还来", "今天下雨"]
    rows = [{"id": f"a{n}", "text": text, "mine": {"kept": [n]}} for n, text in enumerate(texts)]
    code, answers, errors = analyse(lines_of(*rows))
    assert (code, errors) == (0, "")
    from snownlp import SnowNLP  # seconds in each process that collects tests

    for row, answer in zip(rows, answers, strict=True):
        assert {name: answer[name] for name in row} == row
        assert answer.keys() - row.keys() == LABELS
        assert answer["snownlp"] == SnowNLP(row["text"]).sentiments
        assert answer["polarity"] in {"neg", "neu", "pos"}
        assert 0 <= answer["negative"] <= 1
        assert 0 <= answer["positive"] <= 1 - answer["negative"] + 1e-6


def test_the_title_counts_as_text(analyse: Analyse) -> None:
    rows = [
        {"title": "面霜是假货", "text": "昨晚买的"},
        {"text": "面霜是假货\n昨晚买的"},
        {"title": None, "text": "昨晚买的"},
        {"text": "昨晚买的"},
        {"title": "昨晚", "text": "昨晚买的"},
        {"title": "昨晚买的", "text": ""},
    ]
    code, answers, _ = analyse(lines_of(*rows))
    scores = [answer["snownlp"] for answer in answers]
    assert code == 0
    assert scores[0] == scores[1] != scores[2]
    assert scores[2:] == [scores[2]] * 4


BAD = {
    b"": "The line is empty.",
    b"text": "The line is not valid JSON: Expecting value at character 1.",
    b'{"text": "a"': "The line is not valid JSON: Expecting ',' delimiter at character 13.",
    b'{"text": "\xff"}': "The line is not UTF-8.",
    b'["text"]': "The line is not a JSON object.",
    b'"text"': "The line is not a JSON object.",
    b"{}": "The line has no 'text'.",
    b'{"text": null}': "'text' is not text.",
    b'{"text": 5}': "'text' is not text.",
    b'{"text": "a", "title": 5}': "'title' is not text.",
    b'{"text": "a", "n": NaN}': "The line is not valid JSON: it has no number NaN.",
    b'{"text": "a", "n": 1e999}': "The line holds a number that is too large: 1e999.",
    b'{"text": "a", "n": ' + b"9" * 5000 + b"}": "The line holds a number that is too long.",
    b"[" * 100_000: "The line is nested too deeply.",
}


def test_a_bad_line_comes_back_as_an_error_and_the_rest_is_judged(analyse: Analyse) -> None:
    good = lines_of({"id": 1, "text": "好"})
    code, answers, errors = analyse(b"".join(good + line + b"\n" for line in BAD) + good)
    assert code == 1
    assert answers[1::2] == [{"error": error, "line": 2 * n} for n, error in enumerate(BAD.values(), 1)]
    assert answers[0].keys() >= LABELS
    assert answers[::2] == [answers[0]] * (len(BAD) + 1)
    assert f"{len(BAD)} of {2 * len(BAD) + 1} lines" in errors


def test_an_error_names_the_line_by_its_id(analyse: Analyse) -> None:
    assert analyse(lines_of({"id": "x9"}))[1][0]["id"] == "x9"


def test_a_line_that_speaks_of_errors_is_none(analyse: Analyse) -> None:
    code, answers, _ = analyse(lines_of({"text": "好", "error": "none", "line": 7}))
    assert code == 0
    assert answers[0]["line"] == 7


def test_no_lines(analyse: Analyse) -> None:
    assert analyse(b"") == (0, [], "")


def test_a_byte_order_mark_windows_ends_and_a_missing_last_newline(analyse: Analyse) -> None:
    code, answers, _ = analyse(b'\xef\xbb\xbf{"text":"a"}\r\n{"text":"b"}')
    assert (code, [answer["text"] for answer in answers]) == (0, ["a", "b"])


def test_texts_of_every_kind_are_scored(analyse: Analyse) -> None:
    texts = [
        "", " \n", "👍" * 50, "just latin words", "\ud83d", "\x00\x00", "a\x85\u2028b", "𠮷龘", "１２３",
        "x" * 1_000_000, "假" * LENGTH, "直播间的货不好。\n" * (LENGTH // 10),
    ]  # fmt: skip
    code, answers, _ = analyse(lines_of(*({"text": text} for text in texts)))
    assert code == 0
    assert [answer["text"] for answer in answers] == texts
    assert all(0 <= answer["snownlp"] <= 1 for answer in answers)


OBJECTS = st.dictionaries(
    st.sampled_from(["id", "text", "title", "a\ud800"]), st.text() | st.integers() | st.none()
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.load(AnalysisConfig())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OBJECTS | st.text()))
def test_as_many_lines_come_out_as_went_in(analyse: Analyse, judge: Judge, rows: list[Any]) -> None:
    with mock.patch.object(services, "load_judge", return_value=judge):
        code, answers, _ = analyse(lines_of(*rows))
    bad = [row for row in answers if row.keys() >= {"error", "line"}]
    assert len(answers) == len(rows)
    assert code == (1 if bad else 0)
    for row, answer in zip(rows, answers, strict=True):
        assert answer in bad or answer.items() >= row.items()


def test_what_it_explains(analyse: Analyse) -> None:
    text = "买到的面霜是假货，客服不给退货"
    _, (answer,), _ = analyse(lines_of({"text": text}), "--explain")
    assert answer.keys() - {"text"} == LABELS | {"regulators", "evidence", "keywords", "model", "reading"}
    assert "面霜" in answer["keywords"]
    spans = {found["label"]: text[found["start"] : found["end"]] for found in answer["evidence"]}
    assert "假货" in spans["issue:C03"]
    assert {signal["kind"] for signal in answer["reading"]["signals"]} >= {"charge"}


def test_hosts_of_the_home_are_known(analyse: Analyse, tmp_path: Path) -> None:
    row = lines_of({"text": "麦小舟直播间的面霜是假货"})
    assert analyse(row)[1][0]["hosts"] == []
    (tmp_path / "hosts.toml").write_text('[[host]]\nname = "麦小舟"\n', encoding="utf-8")
    assert analyse(row)[1][0]["hosts"] == ["麦小舟"]
    more = tmp_path / "more"
    more.mkdir()
    (more / "fengping.toml").write_text('[analysis]\nhosts = ["../hosts.toml"]\n', encoding="utf-8")
    assert analyse(row, home=more)[1][0]["hosts"] == ["麦小舟"]


def test_names_that_count_for_a_time_heed_the_day(analyse: Analyse, tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text(
        '[[host]]\nname = "麦小舟"\ndated = [{alias = "船长阿麦", from = 2021-01-01, to = 2021-12-31}]\n',
        encoding="utf-8",
    )
    days = ["2021-06-01", "2022-06-01", "2021-06-01T08:00:00+08:00", "no day", 5, None]
    rows = [{"text": "船长阿麦直播间", "published_at": day} for day in days]
    found = [answer["hosts"] for answer in analyse(lines_of(*rows))[1]]
    assert found == [["麦小舟"], [], ["麦小舟"], [], [], []]


def test_a_home_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "fengping.toml").write_text('[analysis]\nsnownlp_model = "mine.marshal"\n', encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "--home", str(tmp_path), "analyse"], input=b"{}", capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("fengping: The SnowNLP model ")
    assert done.stderr.count(b"\n") == 1


def test_pairs(analyse: Analyse) -> None:
    story = "某主播带货的面霜被检出禁用成分，监管部门已经立案调查"
    rows = [
        {"text_a": story, "text_b": story + "。"},
        {"text_a": story, "text_b": "明天起地铁末班车延长一小时"},
    ]
    code, answers, _ = analyse(lines_of(*rows, {"text_a": story}), "--pairs")
    assert code == 1
    assert [answer.get("same_story") for answer in answers] == [True, False, None]
    assert answers[2] == {"error": "The line has no 'text_b'.", "line": 3}


def test_a_slow_pipe_is_answered_line_by_line(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--home", str(tmp_path), "analyse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        for number in range(3):
            process.stdin.write(lines_of({"id": number, "text": "好"}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


def test_long_input_is_answered_in_several_batches(analyse: Analyse, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": number, "text": "好" * (number % 7)} for number in range(200)]
    whole = analyse(lines_of(*rows, 5))
    monkeypatch.setattr(judging, "_AT_ONCE", 100)
    assert analyse(lines_of(*rows, 5)) == whole
    assert whole[1][-1]["line"] == 201
