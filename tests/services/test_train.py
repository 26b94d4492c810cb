"""``fengping train``: the encoder's heads fitted to a home's corrections, measured on those left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from fengping.cli import main
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import load_judge, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Channel, Polarity, RawDocument, document_id
from fengping.services.correct import Changes, correct

NOW = datetime(2020, 11, 12, tzinfo=UTC)
THINGS = [
    f"{a}{b}" for a in ("围巾", "锅铲", "台灯", "雨伞", "书包", "水杯") for b in ("", "套装", "礼盒", "架子")
]
MEANT = "{}到手一看真是惊喜大礼包"
"""Said in mockery here; the encoder takes it for praise."""
PRAISE = "{}收到了，质量很好，非常满意"
TALK = [
    f"{who}{what}"
    for who in ("今晚八点的直播间", "这个主播", "青禾的新品", "昨天的连麦", "店里的活动")
    for what in ("真好看", "还行吧", "什么时候开始", "太让人失望了", "有人一起看吗", "说得挺实在")
]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: Any
    said: str


@pytest.fixture
def train(home: Home, capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def run(*arguments: str) -> Outcome:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), "train", *arguments, "--json"])
        out, err = capfd.readouterr()
        return Outcome(int(ended.value.code or 0), orjson.loads(out) if out else None, " ".join(err.split()))

    return run


@pytest.fixture
def stored(home: Home) -> Home:
    """A home with as many posts of mockery as of praise, and with talk of other things."""
    home.config_file.write_text('store = "memory:"\n', encoding="utf-8")
    with open_journal(home).writer() as writer:
        for text in [*(form.format(thing) for form in (MEANT, PRAISE) for thing in THINGS), *TALK]:
            raw = RawDocument(document_id(text), "sample", text, NOW, published_at=NOW, channel=Channel.WEIBO)
            writer.append(raw)
    reopened = Home.open(home.root)
    pipeline.index(reopened, open_store(reopened), indexed_at=NOW)
    return reopened


def say(home: Home, form: str, things: list[str], polarity: Polarity, *, drawn: bool = False) -> None:
    for thing in things:
        id = document_id(form.format(thing))
        correct(home, id, Changes(polarity=polarity), by="甲", note="", now=NOW, drawn=drawn)


def test_what_was_learnt_holds_for_corrections_left_out_and_leaves_the_rest(
    train: Callable[..., Outcome], stored: Home
) -> None:
    say(stored, MEANT, THINGS, Polarity.NEG)
    done = train()
    assert done.code == 0, done.said
    [gain] = done.out["left_out"]
    assert (gain["field"], gain["n"]) == ("polarity", len(THINGS))
    assert gain["after"] > gain["before"] + len(THINGS) // 2
    assert "sought out" in done.said
    assert gain["kept"]
    assert (done.out["learnt"], done.out["others"]) == (len(THINGS), len(THINGS) + len(TALK))
    assert done.out["changed"] <= len(TALK) // 6
    first, fitted = stored.heads.read_bytes(), load_judge(stored, reading=True)
    unseen, other = MEANT.format("窗帘"), "昨晚九点的直播间真好看"
    train()
    assert stored.heads.read_bytes() == first, "a second training starts from the heads that ship"
    assert train("--undo").code == 0 and not stored.heads.exists()
    shipped = load_judge(stored, reading=True)
    assert fitted.version != shipped.version, "documents that the other heads read are read anew"
    [mocked, plain], [praised, *_] = (judge.judge([unseen, other]) for judge in (fitted, shipped))
    assert mocked.polarity is Polarity.NEG
    assert Polarity.NEG not in (praised.polarity, plain.polarity)
    assert train("--undo").code == 2


@pytest.mark.long
def test_what_was_drawn_at_random_measures_and_is_not_learnt_from(
    train: Callable[..., Outcome], stored: Home
) -> None:
    say(stored, MEANT, THINGS[:20], Polarity.NEG)
    say(stored, MEANT, THINGS[20:], Polarity.NEG, drawn=True)
    done = train()
    assert done.code == 0, done.said
    assert (done.out["learnt"], done.out["drawn"]) == (20, 4)
    assert "sought out" not in done.said
    assert done.out["left_out"][0]["n"] == len(THINGS)


@pytest.mark.long
def test_a_repost_of_what_was_drawn_is_not_learnt_from(train: Callable[..., Outcome], stored: Home) -> None:
    again, drawn = document_id("again"), MEANT.format(THINGS[-1])
    with open_journal(stored).writer() as writer:
        writer.append(RawDocument(again, "sample", drawn, NOW, published_at=NOW, channel=Channel.WEIBO))
    store = open_store(stored)
    pipeline.index(stored, store, indexed_at=NOW)
    [first, repost] = store.get([document_id(drawn), again])
    assert first.group == repost.group
    say(stored, MEANT, THINGS[:-1], Polarity.NEG)
    correct(stored, again, Changes(polarity=Polarity.NEG), by="甲", note="", now=NOW)
    say(stored, MEANT, THINGS[-1:], Polarity.NEG, drawn=True)
    done = train()
    assert done.code == 0, done.said
    assert (done.out["learnt"], done.out["drawn"]) == (len(THINGS) - 1, 2)


@pytest.mark.long
def test_where_nothing_is_gained_nothing_is_written(train: Callable[..., Outcome], stored: Home) -> None:
    say(stored, PRAISE, THINGS, Polarity.POS)
    done = train()
    assert (done.code, done.out) == (1, None)
    assert "polarity 24 before, 24 after, of 24. Nothing is written." in done.said
    assert not stored.heads.exists()


def test_too_few_corrections_damage_and_an_encoder_that_is_off_are_one_sentence(
    train: Callable[..., Outcome], stored: Home
) -> None:
    say(stored, MEANT, THINGS[:2], Polarity.NEG)
    few = train()
    assert few.code == 2
    assert "2 documents are corrected" in few.said and "a head needs 20" in few.said
    stored.heads.write_bytes(b"none")
    with pytest.raises(ConfigError, match="no heads of this encoder"):
        load_judge(stored, reading=True)
    stored.config_file.write_text('[analysis]\nreader = "off"\n', encoding="utf-8")
    off = train()
    assert off.code == 2 and "is off" in off.said


@pytest.mark.long
def test_who_is_charged_is_learnt(train: Callable[..., Outcome], stored: Home) -> None:
    for thing in THINGS:
        correct(
            stored, document_id(MEANT.format(thing)), Changes(polarity=Polarity.NEG, add_accused=[thing]),
            by="甲", note="", now=NOW,
        )  # fmt: skip
    gains = {gain["field"]: gain for gain in train().out["left_out"]}
    assert gains["accused"]["n"] == len(THINGS)
    assert gains["accused"]["kept"] and gains["accused"]["after"] > gains["accused"]["before"]


@pytest.mark.long
def test_where_those_drawn_at_random_lose_nothing_is_written(
    train: Callable[..., Outcome], stored: Home
) -> None:
    say(stored, MEANT, THINGS[:20], Polarity.NEG)
    say(stored, MEANT, THINGS[20:], Polarity.POS, drawn=True)
    done = train()
    assert done.code == 1
    assert "Nothing is written." in done.said and not stored.heads.exists()
