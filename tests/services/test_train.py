"""``fengping train``: the model fitted to a home's corrections, measured on those left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from fengping.analysis import PolarityModel
from fengping.cli import main
from fengping.home import Home
from fengping.indexer import open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Channel, Polarity, RawDocument, document_id
from fengping.services.correct import Changes, correct

NOW = datetime(2020, 11, 12, tzinfo=UTC)
THINGS = [
    f"{a}{b}" for a in ("围巾", "锅铲", "台灯", "雨伞", "书包", "水杯") for b in ("", "套装", "礼盒", "架子")
]
MEANT = "{}到手一看真是惊喜大礼包"
"""Said in mockery here; the model that ships takes it for praise."""
PRAISE = "{}收到了，质量很好，非常满意"


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
    """A home with as many posts of mockery as of praise."""
    home.config_file.write_text('store = "memory:"\n', encoding="utf-8")
    with open_journal(home).writer() as writer:
        for text in (form.format(thing) for form in (MEANT, PRAISE) for thing in THINGS):
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
    assert (done.out["learnt"], done.out["others"], done.out["changed"]) == (len(THINGS), len(THINGS), 0)
    out = stored.root / "polarity.npz"
    first = out.read_bytes()
    fitted, shipped = PolarityModel.load(out), PolarityModel.load()
    unseen, other = MEANT.format("窗帘"), "今晚八点的直播间真好看"
    assert fitted.predict([unseen]).negative[0] > shipped.predict([unseen]).negative[0] + 0.2
    assert abs(fitted.predict([other]).negative[0] - shipped.predict([other]).negative[0]) < 0.1
    stored.config_file.write_text(
        f'store = "memory:"\n[analysis]\npolarity_model = "{out.name}"\n', encoding="utf-8"
    )
    train()
    assert out.read_bytes() == first, "a second training starts from the model that ships"


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


def test_where_nothing_is_gained_nothing_is_written(train: Callable[..., Outcome], stored: Home) -> None:
    say(stored, PRAISE, THINGS, Polarity.POS)
    done = train()
    assert (done.code, done.out) == (1, None)
    assert "polarity 24 before, 24 after, of 24. Nothing is written." in done.said
    assert not (stored.root / "polarity.npz").exists()


def test_too_few_corrections_and_a_missing_folder_are_one_sentence(
    train: Callable[..., Outcome], stored: Home, tmp_path: Path
) -> None:
    say(stored, MEANT, THINGS[:2], Polarity.NEG)
    few = train()
    assert few.code == 2
    assert "2 documents are corrected" in few.said and "a model needs 20" in few.said
    nowhere = train("--out", str(tmp_path / "none" / "m.npz"))
    assert nowhere.code == 2 and "does not exist" in nowhere.said


def test_where_those_drawn_at_random_lose_nothing_is_written(
    train: Callable[..., Outcome], stored: Home
) -> None:
    say(stored, MEANT, THINGS[:20], Polarity.NEG)
    say(stored, MEANT, THINGS[20:], Polarity.POS, drawn=True)
    done = train()
    assert done.code == 1
    assert "fewer of those drawn at random. Nothing is written." in done.said
