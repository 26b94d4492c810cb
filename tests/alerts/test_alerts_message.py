"""Messages that can be traced: the command lists what was counted, each number has its ids."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.alerts.making import START, fengping
from tests.making import document

from fengping.alerts import ledger
from fengping.alerts.erase import erase_quotations
from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Polarity
from fengping.services import erase, events
from fengping.state import State

ACCUSED = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",)}
TITLE = "主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部链接"
SHOWN = "主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部…"


def shown(home: Home, number: int) -> dict[str, Any]:
    return json.loads(fengping(home, "alerts", "show", str(number), "--json").stdout)  # type: ignore[no-any-return]


@pytest.fixture
def told_of_event(home: Home) -> Home:
    """A home that was told of a new event."""
    store = open_store(home)
    store.put([
        document(n, START, text, source=f"s{n}", **ACCUSED) for n, text in ((1, TITLE), (2, f"转：{TITLE}"))
    ])  # fmt: skip
    store.close()
    events.update(home)
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text('name = "新事"\nkind = "new_event"\n', encoding="utf-8")
    for at in ("2020-11-10T08:30", "2020-11-12T08:30", "2020-11-14T08:30"):
        assert fengping(home, "alerts", "check", "--at", at).returncode == 0
    return home


def letters(home: Home) -> list[dict[str, Any]]:
    lines = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_an_event_is_called_by_its_title(told_of_event: Home) -> None:
    subjects = [one["subject"] for one in letters(told_of_event)]
    assert subjects == [f"檀木子：{SHOWN}（s1等2家）", f"【解除】檀木子：{SHOWN}"]
    assert shown(told_of_event, 1)["message"].startswith(f"檀木子：{SHOWN}")


def test_the_name_of_an_event_goes_with_the_document_that_gave_it(told_of_event: Home) -> None:
    gone = document(1, START, TITLE).raw
    erase_quotations(Erasure(told_of_event, [gone], Traces([gone]), lambda _text, _at: False, START))
    assert [one["subject"] for one in letters(told_of_event)] == ["檀木子：…（s1等2家）", "【解除】檀木子：…"]
    with State.open(told_of_event).begin() as connection:
        kept = ledger.find(connection, 1)
    assert kept.message == "檀木子：…（s1等2家）" and "羽绒服" not in json.dumps(dict(kept.facts))


def test_a_title_that_a_list_shows_again_counts_once_and_its_other_titles_each(home: Home) -> None:
    store = open_store(home)
    posts = [document(n, START, "榜单原文", source="榜单", **ACCUSED) for n in range(3)]
    titles = ("檀木子假货风波", "檀木子假货风波", "檀木子的假货风波")
    store.put([
        replace(post, raw=replace(post.raw, title=title), group=posts[0].id)
        for post, title in zip(posts, titles, strict=True)
    ])  # fmt: skip
    store.close()
    home.alerts.mkdir()
    for least in (2, 3):
        text = f'name = "r{least}"\nnum_events = {least}\n'
        (home.alerts / f"{least}.toml").write_text(text, encoding="utf-8")
    done = fengping(home, "alerts", "check", "--at", "2020-11-10T12:30", "--json")
    assert [json.loads(line)["rule"] for line in done.stdout.splitlines()] == ["r2"]


def test_the_rule_of_the_docs_tells_an_admission_that_is_the_first_news(home: Home) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
    [rule] = re.findall(r"```toml\n(name = \"admissions\".+?)```", docs, re.S)
    store, values = open_store(home), {"hosts": ("檀木子",), "act": Act.RESPONSE}
    store.put([
        document(1, START, "檀木子方承认所售羊绒衫为假货", **values),
        document(2, START, "檀木子回应停播一事", **values | {"polarity": Polarity.NEU}),
    ])  # fmt: skip
    store.close()
    home.alerts.mkdir()
    (home.alerts / "admissions.toml").write_text(rule, encoding="utf-8")
    (home.alerts / "any.toml").write_text('name = "charges"\nkind = "any"\n', encoding="utf-8")
    done = fengping(home, "alerts", "check", "--at", "2020-11-10T12:30", "--json")
    [firing] = map(json.loads, done.stdout.splitlines())
    assert (firing["rule"], firing["key"], firing["count"]) == ("admissions", "檀木子", 1)


def test_a_subject_names_a_class_and_calls_all_by_the_rule(home: Home) -> None:
    store = open_store(home)
    store.put([document(n, START, f"{TITLE}{n}", issues=("C03",), **ACCUSED) for n in (1, 2)])
    store.close()
    home.alerts.mkdir()
    for name, key in (("假货", "class"), ("整点", "none")):
        text = f'name = "{name}"\nnum_events = 2\ntimeframe = "1h"\nkey_by = "{key}"\n'
        (home.alerts / f"{key}.toml").write_text(text, encoding="utf-8")
    for at in ("2020-11-10T08:30", "2020-11-11T08:30"):
        fengping(home, "alerts", "check", "--at", at)
    subjects = [one["subject"] for one in letters(home)]
    assert sorted(subjects) == [
        "【解除】假冒伪劣（C03）", "【解除】整点",
        "假冒伪劣（C03）：1小时内负面信息2条（test）", "整点：1小时内负面信息2条（test）",
    ]  # fmt: skip
    gone = document(1, START, f"{TITLE}1").raw
    erase_quotations(Erasure(home, [gone], Traces([gone]), lambda _text, _at: False, START))
    assert [one["subject"] for one in letters(home)] == subjects, "neither is anybody's text"


def test_charges_that_name_the_agency_alone_are_counted_as_left_out(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "檀木子"\nagencies = [{name = "云栖文化"}]\n', encoding="utf-8")
    store = open_store(home)
    charge = {"polarity": Polarity.NEG, "indexed_at": START}
    store.put([
        document(1, START, "檀木子的投诉", **ACCUSED, brands=("云栖文化",), **charge),
        document(2, START, "云栖文化被立案调查", brands=("云栖文化",), **charge),
        document(3, START, "云栖文化被责令整改", brands=("云栖文化",), **charge),
    ])  # fmt: skip
    store.close()
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text('name = "r"\nhosts = ["檀木子"]\n', encoding="utf-8")
    said = fengping(home, "alerts", "explain", "r", "--at", "2020-11-11").stdout.replace("\n", "")
    assert "另有2条只点了所属公司，没有计入" in said and "不足一周，每周次数只是推算" in said


def test_a_private_person_whom_no_other_document_names_is_no_key_any_more(home: Home) -> None:
    store = open_store(home)
    for name, number in (("祁小满", 1), ("沈听澜", 3)):
        of = {"accused": (name,), "parties": (name,), "people": (name,)}
        store.put([document(n, START, f"{TITLE}{n}", source=f"s{n}", **of) for n in (number, number + 1)])
    store.close()
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text('name = "r"\nnum_events = 2\nkey_by = "accused"\n', encoding="utf-8")
    fengping(home, "alerts", "check", "--at", "2020-11-10T12:30")
    gone = [document(n, START, f"{TITLE}{n}").raw for n in (1, 2, 3)]
    wanted = erase.Wanted.make(home, author="", urls=[one.url for one in gone], before=None)
    erase.forget(home, wanted, erase.Found(gone, 0, []), START)
    state = "".join(map(str, State.open(home).engine.raw_connection().driver_connection.iterdump()))
    files = "".join(path.read_text("utf-8") for path in home.var.rglob("*.jsonl"))
    assert "祁小满" not in state + files
    assert "沈听澜" in state and "沈听澜" in files
    assert sorted(shown(home, n)["key"][0] for n in (1, 2)) == ["…", "沈"]
