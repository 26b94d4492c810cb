"""Golden outputs: what is kept of the three homes still holds, and what no longer holds is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devtools.golden import homes, sets
from devtools.golden.difference import difference
from devtools.golden.records import form, load, save

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> homes.Homes:
    return homes.Homes(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("subject", sets.SUBJECTS)
def test_what_is_kept_holds(made: homes.Homes, subject: str) -> None:
    found = "\n".join(map(str, sets.check(made, [subject])))
    assert not found, f"Where that is meant: python -m devtools golden write\n{found}"


def test_every_file_is_one_of_a_subject() -> None:
    kept = {str(file.relative_to(sets.FOLDER).with_suffix("")) for file in sets.FOLDER.rglob("*.json")}
    assert kept == set(sets.SUBJECTS)
    assert sum(file.stat().st_size for file in sets.FOLDER.rglob("*.json")) < 3_000_000


def _first(records: dict[str, Any], part: str) -> str:
    return next(name for name in records if part in name)


def _count(records: dict[str, Any]) -> str:
    name = _first(records, "trend 退款 --by day")
    records[name]["all"] = records[name]["all"] + "1"
    return name


def _id(records: dict[str, Any]) -> str:
    name = _first(records, "id of posts:50")
    records[name] = "0" * 32
    return name


def _label(records: dict[str, Any]) -> str:
    name = next(name for name, labels in records.items() if labels.startswith("neg "))
    records[name] = records[name].replace("neg ", "", 1)
    return name


def _status(records: dict[str, Any]) -> str:
    name = next(name for name, event in records.items() if event.get("status") == "未证实")
    records[name]["status"] = "已撤回"
    return name


def _gone(records: dict[str, Any]) -> str:
    name = next(iter(records))
    del records[name]
    return name


@pytest.mark.parametrize(
    ("subject", "change", "said"),
    [
        ("invariants/queries", _count, " → "),
        ("invariants/identities", _id, f"{'0' * 32} → "),
        ("judgements/labels-posts", _label, "+ neg"),
        ("judgements/events", _status, "status: 已撤回 → 未证实"),
        ("judgements/firings", _gone, "appeared"),
    ],
)
def test_one_thing_that_differs_is_named(
    subject: str, change: Callable[[dict[str, Any]], str], said: str
) -> None:
    now, kept = load(sets.FOLDER / f"{subject}.json"), load(sets.FOLDER / f"{subject}.json")
    name = change(kept)
    lines = difference(kept, now)
    assert any(name in line for line in lines)
    assert any(said in line for line in lines)
    assert len(lines) <= 4


def test_a_check_fails_for_what_differs_and_a_write_keeps_it(made: homes.Homes, tmp_path: Path) -> None:
    subject = "judgements/labels-demo"
    file = tmp_path / f"{subject}.json"
    file.parent.mkdir()
    shutil.copy(sets.FOLDER / f"{subject}.json", file)
    records = load(file)
    name = _label(records)
    save(file, records)
    (found,) = sets.check(made, [subject], folder=tmp_path)
    assert name in str(found) and made.text_of(name)[:18] in str(found), "it is named with its text"
    assert list(map(str, sets.write(made, [subject], folder=tmp_path))) == [str(found)]
    assert not list(sets.check(made, [subject], folder=tmp_path))
    assert file.read_bytes() == (sets.FOLDER / f"{subject}.json").read_bytes()


def test_many_changes_are_counted_by_kind_and_the_first_are_shown() -> None:
    old = {f"posts:{n}": f"neg n{n % 100} live" for n in range(3_000)}
    new = {name: labels.replace("neg ", "") for name, labels in old.items()}
    new |= {"posts:7": "neg n7 live C02"}
    lines = difference(old, new, lambda name: f"text of {name}" if name in old else "")
    assert lines[0] == "0 appeared, 0 went, 3,000 changed of 3,000"
    assert [line.split() for line in lines[1:3]] == [["2,999", "×", "−", "neg"], ["1", "×", "+", "C#"]]
    assert len(lines) < 50 and lines[-1] == "  … 2,980 more changed"
    assert "  changed posts:0  「text of posts:0」" in lines


def test_members_are_named_with_their_texts_and_an_order_with_its_place() -> None:
    old = {"event": {"members": "a:1 a:2 a:3", "title": ["one line"]}}
    new = {"event": {"members": "a:1 a:4 a:3 a:2", "title": ["one line"]}}
    texts = {"a:4": "a new one"}
    assert difference(old, new, lambda name: texts.get(name, ""))[1:] == [
        "  changed event",
        "      members: + a:4  「a new one」",
    ]
    assert difference({"hits": "a b c"}, {"hits": "a c b"})[-1] == "      another order from place 2 on"


def test_the_form_of_json_takes_names_of_hosts_for_data() -> None:
    assert form([{"n": 1, "of": {"檀小木": 2, "阮阿满": None}}, {"n": 1.5, "more": []}]) == [
        {"n": "number", "of?": {"*": "null|number"}, "more?": []}
    ]
