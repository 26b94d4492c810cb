"""A signed edition that tells of something forgotten is sealed; a redacted one is issued in its place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from tests.commands import fengping
from tests.making import new_home
from tests.reports.test_report_truth import NOW, build, post
from tests.reports.test_striking import FORMS, TOLD, printed, stories

from fengping import events
from fengping.delivery import Outbox
from fengping.delivery import tables as letters
from fengping.erasure.traces import Traces
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.models import Document, document_id
from fengping.reports.archive import Action, Editions, EditionState, redact, tables
from fengping.reports.wording import Fact, Query, Reference, compose, plain
from fengping.services import edition as editions
from fengping.services.report import Wanted
from fengping.web.accounts.book import note, written

BLANK = "〔已按要求删去〕"
QUILT, WASHER = list(TOLD)[:2]
AUTHORS = {text: f"撰稿人{name}" for text, name in zip(TOLD, "甲乙丙丁", strict=True)}
STORY = [replace(one, raw=replace(one.raw, author=AUTHORS[one.raw.text])) for one in stories()]


def of(text: str) -> list[Document]:
    return [document for document in STORY if document.raw.text == text]


def sign(home: Home, number: str) -> None:
    editions.advance(home, number, EditionState.REVIEWED, "甲", NOW)
    editions.advance(home, number, EditionState.SIGNED, "乙", NOW)


def forget(home: Home, text: str) -> dict[str, Any]:
    """The author of all that tell one story is forgotten by the command."""
    said = fengping(home, "forget", "--author", AUTHORS[text], "--yes", "--json")
    done: dict[str, Any] = orjson.loads(said.stdout)
    return done


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a home, and in it an edition with a reviewer's change, signed and sent."""
    home = new_home(tmp_path_factory.mktemp("issued"))
    with open_journal(home).writer() as writer:
        writer.append(*(document.raw for document in STORY))
    store = open_store(home)
    store.put(STORY)
    events.update(home, store)
    store.close()
    number = editions.draft(home, Wanted("double11", year=2024), NOW, FORMS).number
    editions.edit(home, number, Action.REWORD, "overview.total", "共收到若干条。", "甲", NOW)
    editions.edit(home, number, Action.ADD, "overview.total", "另见附件。", "甲", NOW)
    sign(home, number)
    editions.send(home, number, ["file"], NOW)
    return home.root, number


@pytest.fixture
def signed(issued: tuple[Path, str], tmp_path: Path) -> tuple[Home, str]:
    """A home of its own with that edition."""
    root, number = issued
    return Home.open(shutil.copytree(root, tmp_path / "home")), number


def test_a_redacted_edition_is_issued_and_the_old_one_is_held(signed: tuple[Home, str]) -> None:
    home, number = signed
    folder = Editions(home).folder(number)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    sent = len(Outbox.open(home).attempts(100))
    assert QUILT in printed(home, number, 1)["md"]
    file = home.var / "delivery" / "messages.jsonl"
    assert all(one["lines"] and one["html"] for one in map(orjson.loads, file.read_bytes().splitlines()))
    done = forget(home, QUILT)
    archive = Editions(home)
    old, new = archive.find(number), archive.successor(number)
    assert new and new.number == number[:-1] + "2" and new.redacts == number
    assert any(number in s and "held" in s for s in done["later"]) and any(
        new.number in s for s in done["later"]
    )
    assert old.sealed and len(old.hold["documents"]) and old.hold["since"]
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert new.state is EditionState.DRAFT and not (new.reviewed_by or new.signed_by or new.sealed)
    assert len(Outbox.open(home).attempts(100)) == sent + 1  # the test above, and nothing by itself
    # What was sent with it keeps its subject alone.
    told = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    with archive.state.begin() as connection:
        told += connection.scalars(select(letters.messages.c.record)).all()
    assert len(told) == 4 and all(one["subject"] for one in told)
    assert not [one[name] for one in told for name in ("lines", "body", "plain", "html") if one[name]]
    assert new.changes and any("案例" in place for place in new.changes)
    for form, said in printed(home, new.number, 2).items():
        assert QUILT not in said and QUILT[:10] not in said, form
        assert not [d.id for d in of(QUILT) if d.id in said or d.raw.url in said], form
        assert BLANK in said or form == "mail", form
    text = printed(home, new.number, 3)["md"]
    assert WASHER in text and f"与{number}相比的改动" in text
    assert text.count("共收到若干条。〔审阅改写〕") == 1 and text.count("另见附件。〔审阅补充〕") == 1
    data = orjson.loads((archive.folder(new.number) / f"{new.number}.json").read_bytes())
    was = orjson.loads(before[f"{number}.json"])
    assert [fact["value"] for fact in data["facts"]] == [fact["value"] for fact in was["facts"]]


@pytest.mark.long
def test_it_is_signed_again_before_it_is_sent_and_the_sealed_one_goes_nowhere(
    signed: tuple[Home, str],
) -> None:
    home, number = signed
    forget(home, QUILT)
    new = number[:-1] + "2"
    with pytest.raises(UsageError, match="not signed"):
        editions.send(home, new, ["file"], NOW)
    for refused in (
        lambda: editions.send(home, number, ["file"], NOW, test=True),
        lambda: editions.keys(home, number),
        lambda: editions.diff(home, number, new),
        lambda: editions.diff(home, new, number),
    ):
        with pytest.raises(UsageError, match="is sealed"):
            refused()
    # Its figures are those that were signed, though the store has fewer documents now.
    assert editions.moved(home, new, NOW) == [] and editions.passed_over(home, new) == []
    with pytest.raises(UsageError, match="Nothing of this report was changed"):
        editions.undo_edit(home, new)
    editions.edit(home, new, Action.ADD, "overview.total", "删改后再补一句。", "甲", NOW.replace(year=2027))
    sign(home, new)
    assert editions.send(home, new, ["file"], NOW) == 1
    assert Editions(home).find(new).state is EditionState.SENT
    again = editions.draft(home, Wanted("double11", year=2024), NOW, FORMS)
    assert all(QUILT not in change for change in again.changes)


@pytest.mark.long
def test_what_is_forgotten_later_is_blanked_too_and_what_was_stays_blank(signed: tuple[Home, str]) -> None:
    home, number = signed
    forget(home, QUILT)
    second = number[:-1] + "2"
    forget(home, WASHER)  # while the redacted edition is still a draft
    archive = Editions(home)
    third = archive.successor(second)
    assert third and archive.find(second).sealed and archive.successor(number) == archive.find(second)
    said = printed(home, third.number, 1)
    assert all(QUILT not in text and WASHER not in text for text in said.values())
    count = len(archive.all())
    assert fengping(home, "forget", "--author", AUTHORS[WASHER], "--yes").returncode == 1
    assert len(archive.all()) == count


@pytest.mark.long
def test_the_commands_tell_what_replaces_a_sealed_edition(signed: tuple[Home, str]) -> None:
    home, number = signed
    forget(home, QUILT)
    new = number[:-1] + "2"
    shown = orjson.loads(fengping(home, "edition", "show", number, "--json").stdout)
    assert shown["sealed"] and shown["redacted_by"] == new and shown["sentences"] == [] == shown["changes"]
    listed = fengping(home, "edition", "list").stdout
    assert "已封存" in listed and f"替代{number}" in listed


@pytest.mark.long
def test_an_edition_whose_record_is_gone_is_held_and_says_that_none_replaces_it(
    signed: tuple[Home, str],
) -> None:
    home, number = signed
    (Editions(home).folder(number) / "record.json").unlink()
    done = forget(home, QUILT)
    assert Editions(home).find(number).sealed and Editions(home).successor(number) is None
    assert any(f"{number} is held without a redacted edition" in sentence for sentence in done["later"])


@pytest.mark.long
def test_no_title_and_no_word_of_a_reviewer_brings_it_back(signed: tuple[Home, str]) -> None:
    home, number = signed
    event = next(one.id for one in events.events_of(home) if one.title == WASHER)
    editions.draft(home, Wanted("event", focus=event), NOW, ("md",))
    open_one = editions.draft(home, Wanted("double11", year=2024), NOW, FORMS).number
    editions.edit(home, open_one, Action.ADD, "overview.total", f"有人说{WASHER[:16]}。", "甲", NOW)
    forget(home, WASHER)
    assert WASHER not in fengping(home, "edition", "list").stdout
    assert not any(WASHER[:16] in edit.text for edit in Editions(home).edits(number[:-2]))


def test_what_is_left_of_an_event_can_be_told_at_once(signed: tuple[Home, str]) -> None:
    home, _ = signed
    fengping(home, "forget", "--url", of(QUILT)[0].raw.url, "--yes", "--json")
    assert fengping(home, "report", "double11", "--year", "2024", "--format", "json").returncode == 0


def test_what_goes_by_its_age_seals_no_signed_edition(signed: tuple[Home, str]) -> None:
    home, number = signed

    def files() -> dict[str, bytes]:
        found = Editions(home).folder(number).rglob("*")
        return {path.name: path.read_bytes() for path in found if path.is_file()}

    before = files()
    said = fengping(home, "forget", "--author", AUTHORS[QUILT], "--keep-printed", "--yes", "--json").stdout
    assert f"The signed edition {number} quotes it, and stays as it is." in said
    assert [one.number for one in Editions(home).all()] == [number]
    assert not Editions(home).find(number).sealed
    assert files() == before


def test_a_quotation_within_quotation_marks_is_blanked_too() -> None:
    text = "店家称“假一赔十”，到货却是“高仿货”，客服拒退。"
    made = build([post(f"q{n}", text, day=5 + n / 10, issues=("C03",)) for n in range(3)])
    one = Reference(document_id("truth", "q0"), "店家称假一赔十")
    line = compose("“{said}”。", said="店家称‘假一赔十’，到货却是‘高仿货’，客服拒退")
    told = replace(made, digest=(line,), facts={"x": Fact("x", "x", 1, Query("count"), documents=(one,))})
    raw = post("q0", text, day=5).raw
    done = redact(told, {one.id}, Traces([raw]), [raw])
    assert "高仿货" not in "".join(map(plain, done.report.digest))


def test_a_query_names_no_group_by_what_is_forgotten() -> None:
    raw = post("q0", "坏了", day=5).raw
    asked = Filter(where={"group": (raw.id, "other")})
    made = replace(build([]), facts={"x": Fact("x", "x", 1, Query("count", asked))})
    fact = redact(made, {raw.id}, Traces([raw]), [raw]).report.facts["x"]
    assert fact.query.where and fact.query.where.where == {"group": (BLANK, "other")}


@pytest.mark.long
def test_what_is_forgotten_while_an_edition_is_printed_keeps_it_out(signed: tuple[Home, str]) -> None:
    home, number = signed
    kept = [edition.number for edition in Editions(home).all()]
    steps, days = [], Wanted("double11", "2024-10-15", "2024-11-15")

    def forgotten_meanwhile(step: object) -> None:
        steps.append(step)
        if len(steps) == 2:  # the figures are counted by then
            forget(home, QUILT)

    with pytest.raises(UsageError, match="forgotten while it was printed"):
        editions.draft(home, days, NOW, FORMS, show=forgotten_meanwhile)
    archive = Editions(home)
    redacted = archive.successor(number)
    assert redacted and {edition.number for edition in archive.all()} == {*kept, redacted.number}
    assert not [path for path in (home.reports / "editions").iterdir() if "20241015" in path.name]
    assert editions.draft(home, days, NOW, FORMS).state is EditionState.DRAFT


@pytest.mark.long
def test_lists_of_changes_keep_nothing_forgotten(signed: tuple[Home, str]) -> None:
    home, _ = signed
    archive = Editions(home)
    second = editions.draft(home, Wanted("double11", year=2024), NOW, FORMS)
    told = f"案例新增：“{QUILT[:20]}…”"
    with archive.state.begin() as connection:
        connection.execute(update(tables.editions).values(changes=orjson.dumps([told]).decode()))
    note(archive.state, "甲", "reword in edition", second.number, f"case:1: {QUILT[1:19]}", NOW)
    forget(home, QUILT)
    assert all(QUILT[:17] not in change for one in archive.all() for change in one.changes)
    assert BLANK in written(archive.state, None)[1][0].detail
