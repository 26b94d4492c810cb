"""Readers' labels: kept as hashes, found again in files that hold the texts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from devtools.evaluation.labels import LABELS as MEASURING
from devtools.labels import main
from devtools.training.labels import LABELS, agreement, clean, join, read_labels

TEXTS = [
    {
        "n": 1,
        "kind": "news",
        "src": "news-invented",
        "title": "云上小铺被罚",
        "text": "云上小铺卖假蜂蜜，主播林小满回应。",
    },
    {"n": 2, "kind": "title", "src": "news-invented", "title": "青橙优选上新"},
    {"n": 3, "kind": "post", "src": "news-invented", "text": "今天 买到了 好东西"},
]
FIRST: list[dict[str, Any]] = [
    {"n": 1, "p": "neg", "r": 1, "c": 1, "a": "penalty", "i": ["C03"], "h": ["林小满"], "b": ["云上小铺"],
     "roles": {"林小满": "responder", "云上小铺": "accused"}},
    {"n": 2, "p": "neu", "c": 1, "a": "promotion", "b": ["青橙"], "roles": {"青橙": "bystander"}},
    {"n": 3, "p": "pos", "s": 0},
]  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    _write(tmp_path / "teach-1.jsonl", TEXTS)
    _write(tmp_path / "labels-teach-1.jsonl", FIRST)
    _write(tmp_path / "second-teach.jsonl", [{"n": 3, "p": "neu"}, {"n": 2, "p": "neu"}])
    _write(tmp_path / "meta.jsonl", [{"n": 3, "draw": "edge"}])
    main([str(tmp_path), str(tmp_path / "labels.tsv"), "teach-1"])
    with (tmp_path / "news-invented.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("title", "text"))
        writer.writeheader()
        writer.writerow({"title": "云上小铺被罚", "text": "云上小铺卖假蜂蜜，主播林小满回应。 O网页链接"})
        writer.writerow({"title": "青橙优选上新", "text": "不在标题里的一句话"})
        writer.writerow({"title": "别的话题", "text": "今天 买到了\u200b  好东西"})
    return tmp_path


def test_a_file_of_labels_holds_neither_texts_nor_names(made: Path) -> None:
    content = (made / "labels.tsv").read_text(encoding="utf-8")
    assert not any("\u4e00" <= character <= "\u9fff" for character in content)


def test_labels_find_their_texts_and_names_again(made: Path) -> None:
    labels = read_labels(made / "labels.tsv")
    found = {
        read.labels.kind: read
        for read in join([made / "news-invented.csv"], labels, [])
        if read.labels.reader == 1
    }
    assert {kind: (read.title, read.text) for kind, read in found.items()} == {
        "news": ("云上小铺被罚", "云上小铺卖假蜂蜜，主播林小满回应。"),
        "title": ("青橙优选上新", ""),
        "post": ("", "今天 买到了 好东西"),
    }
    news = found["news"].labels
    assert (news.polarity, news.relevant, news.consumer, news.act, news.issues) == (
        "neg", True, True, "penalty", ("C03",),
    )  # fmt: skip
    assert news.roles == {"林小满": "responder", "云上小铺": "accused"}
    assert news.hosts == ("林小满",)
    assert (found["post"].labels.sure, found["post"].labels.draw) == (False, "edge")


def test_a_name_that_the_text_lacks_is_found_among_known_ones(made: Path) -> None:
    _write(made / "labels-teach-1.jsonl", [{"n": 2, "p": "neu", "b": ["青橙优选旗舰店"]}])
    main([str(made), str(made / "labels.tsv"), "teach-1"])
    labels = [(key, said) for key, said in read_labels(made / "labels.tsv") if said.reader == 1]
    [unknown] = join([made / "news-invented.csv"], labels)
    [known] = join([made / "news-invented.csv"], labels, ["青橙优选旗舰店"])
    assert known.labels.brands == ("青橙优选旗舰店",)
    assert unknown.labels.brands == labels[0][1].brands  # its hash stands for it


def test_agreement_counts_texts_read_twice(made: Path) -> None:
    assert agreement(read_labels(made / "labels.tsv"), "polarity") == (0.5, 2)


def test_what_teaches_and_what_measures_have_no_text_in_common() -> None:
    teaching, measuring = ({key for key, _ in read_labels(path)} for path in (LABELS, MEASURING))
    assert len(teaching) >= 2_000
    assert len(measuring) >= 1_400
    assert not teaching & measuring


def test_cleaning_takes_addresses_and_space_out() -> None:
    assert clean("  好\u200b 看  https://example.com/a 展开c") == "好 看"
