"""The archive: numbers, states, a reviewer's changes, revised editions, sending, and what is forgotten."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import update
from tests.commands import fengping
from tests.meanwhile import during
from tests.reports.test_report_truth import NOW, post

from fengping.delivery import Outbox, deliver_due
from fengping.delivery.erase import erase_attachments
from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Polarity
from fengping.reports.archive import Action, Edit, Edition, Editions, EditionState, tables
from fengping.reports.erase import erase_prints
from fengping.services import correct
from fengping.services import edition as editions
from fengping.services.edition_reviewing import untraced
from fengping.services.edition_sending import settle
from fengping.services.report import Wanted

WANTED = Wanted("double11", year=2024)
BLAMED = [post(f"p{n}", f"第{n}次，客服不让退", issues=("C05",), words="不让退") for n in range(8)]


def fill(home: Home, documents: list[Document]) -> None:
    store = open_store(home)
    store.put(documents)
    store.close()


@pytest.fixture
def filled(home: Home) -> Home:
    fill(home, BLAMED)
    return home


def draft(home: Home, days: int = 0, *further: str) -> Edition:
    return editions.draft(home, WANTED, NOW + timedelta(days=days), ("md", *further))


def text_of(home: Home, number: str) -> str:
    return str((Editions(home).folder(number) / f"{number}.md").read_text("utf-8"))


def signed(home: Home, number: str) -> Edition:
    editions.advance(home, number, EditionState.REVIEWED, "甲", NOW)
    return editions.advance(home, number, EditionState.SIGNED, "乙", NOW)


def test_states_go_forward_only_and_name_who(filled: Home) -> None:
    made = draft(filled)
    assert (made.number, made.state, made.revision) == ("double11-20241020-20241116-1", EditionState.DRAFT, 1)
    with pytest.raises(UsageError, match="only what is reviewed becomes signed"):
        editions.advance(filled, made.number, EditionState.SIGNED, "乙", NOW)
    with pytest.raises(UsageError, match="Who does this"):
        editions.advance(filled, made.number, EditionState.REVIEWED, " ", NOW)
    done = signed(filled, made.number)
    assert (done.reviewed_by, done.signed_by, done.state) == ("甲", "乙", EditionState.SIGNED)
    with pytest.raises(UsageError, match="is not changed"):
        editions.edit(filled, made.number, Action.STRIKE, "fact:total", "", "甲", NOW)


def test_two_drafts_at_one_moment_do_not_share_a_number(filled: Home) -> None:
    made: list[Edition] = []
    with (
        during(Editions, "next_revision", lambda: made.append(draft(filled)), after=True),
        pytest.raises(UsageError, match="Another draft was entered as"),
    ):
        draft(filled)
    assert made[0].revision == 1 and draft(filled).revision == 2


def test_a_reviewers_changes_are_marked_and_survive_a_revision(filled: Home) -> None:
    made = draft(filled)
    sentences = dict(editions.keys(filled, made.number))
    opening = next(key for key, text in sentences.items() if text.startswith("在10月20日"))
    editions.edit(filled, made.number, Action.REWORD, opening, "共收到八条。", "甲", NOW)
    editions.edit(filled, made.number, Action.ADD, opening, "另见附件。", "甲", NOW)
    changed = editions.edit(filled, made.number, Action.STRIKE, "fact:issue.C05.point.不让退", "", "甲", NOW)
    assert changed.state is EditionState.DRAFT and changed.hash != made.hash
    fill(filled, [post("late", "又一次，客服不让退", issues=("C05",), words="不让退")])
    for number in (made.number, draft(filled, 1).number):
        text = text_of(filled, number)
        assert "共收到八条。〔审阅改写〕" in text
        assert "另见附件。〔审阅补充〕" in text
        assert "“不让退”（" not in text
        assert "审阅删去1处、改写1处、补充1处" in text


@pytest.mark.parametrize(("said", "numbers"), [
    ("合计 9,999 条，占 87.5%。", ("9,999", "87.5%")),
    ("共收到 8 条，比 2023 年多。", ()),
    ("共收到８７６条。", ("876",)),
])  # fmt: skip
def test_a_number_that_a_reviewer_writes_and_nothing_counts_is_told(
    filled: Home, said: str, numbers: tuple[str, ...]
) -> None:
    made = draft(filled)
    opening = next(key for key, text in editions.keys(filled, made.number) if text.startswith("在10月20日"))
    assert untraced(filled, made.number) == ()
    told = fengping(filled, "edition", "edit", made.number, "reword", opening, "--by", "甲", "--text", said)
    assert untraced(filled, made.number) == numbers
    note = f"其中的数字{'、'.join(numbers)}不是本报告统计所得，由审阅人写入。"
    # It goes along into the next edition, and is told there too.
    for number in (made.number, draft(filled, 1).number):
        assert (note in text_of(filled, number)) is bool(numbers)
        assert untraced(filled, number) == numbers
    assert ("have no source" in told.stderr) is bool(numbers)


def test_late_documents_make_a_revised_edition_and_the_older_stays(filled: Home) -> None:
    first = draft(filled)
    before = text_of(filled, first.number)
    fill(filled, [post("late", "又一次，客服不让退", issues=("C05",), words="不让退")])
    second = draft(filled, 1)
    assert (second.revision, second.number) == (2, "double11-20241020-20241116-2")
    assert "吐槽类信息：8 → 9" in second.changes
    assert text_of(filled, first.number) == before
    assert [str(c) for c in editions.diff(filled, first.number, second.number)] == list(second.changes)


def test_a_draft_whose_documents_moved_on_is_not_edited(filled: Home) -> None:
    made = draft(filled)
    fill(filled, [post("late", "又一次，客服不让退", issues=("C05",))])
    with pytest.raises(UsageError, match="have changed since"):
        editions.edit(filled, made.number, Action.STRIKE, "fact:total", "", "甲", NOW)


@pytest.mark.parametrize(
    ("target", "text", "said"),
    [("fact:nothing", "x", "holds no"), ("fact:total", " ", "new words are missing")],
)
def test_an_edit_that_cannot_be_is_refused(target: str, text: str, said: str, filled: Home) -> None:
    made = draft(filled)
    with pytest.raises(UsageError, match=said):
        editions.edit(filled, made.number, Action.REWORD, target, text, "甲", NOW)


def test_only_a_signed_edition_is_sent_with_its_document(filled: Home) -> None:
    made = draft(filled, 0, "docx")
    with pytest.raises(UsageError, match="not signed"):
        editions.send(filled, made.number, ["file"], NOW)
    with pytest.raises(UsageError, match="To whom"):
        editions.send(filled, made.number, [], NOW, test=True)
    assert editions.send(filled, made.number, ["file"], NOW, test=True) == 1
    assert Editions(filled).find(made.number).state is EditionState.DRAFT
    signed(filled, made.number)
    assert editions.send(filled, made.number, ["file"], NOW) == 1
    assert Editions(filled).find(made.number).state is EditionState.SENT
    lines = (filled.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()
    told = [orjson.loads(line) for line in lines]
    assert [message["subject"].startswith("【测试】") for message in told] == [True, False]
    assert f"{made.number}.docx" in lines[1]
    assert not Outbox.open(filled).dead()


def test_an_edit_that_runs_while_somebody_signs_takes_no_signature_back(filled: Home) -> None:
    number = draft(filled).number
    editions.advance(filled, number, EditionState.REVIEWED, "甲", NOW)

    def signs() -> None:
        editions.advance(filled, number, EditionState.SIGNED, "乙", NOW)

    with (
        during(editions, "check_unmoved", signs, after=True),
        pytest.raises(UsageError, match="was changed meanwhile; nothing was written"),
    ):
        editions.edit(filled, number, Action.STRIKE, "overview.total", "", "丙", NOW)
    found = Editions(filled).find(number)
    assert (found.state, found.signed_by, found.reviewed_by) == (EditionState.SIGNED, "乙", "甲")
    assert not Editions(filled).edits(found.series)
    assert "已签发（签发：乙" in text_of(filled, number) and "审阅删去" not in text_of(filled, number)
    assert editions.send(filled, number, ["file"], NOW) == 1


def test_two_who_print_one_edition_at_a_time_do_not_share_a_folder(filled: Home) -> None:
    number = draft(filled).number
    editions.advance(filled, number, EditionState.REVIEWED, "甲", NOW)
    done: list[Edition] = []

    def meanwhile(_: object) -> None:
        if not done:
            done.append(Editions(filled).find(number))  # so that this is done once
            done[0] = editions.edit(
                filled, number, Action.STRIKE, "overview.total", "", "丙", NOW, as_drafted=True
            )

    with pytest.raises(UsageError, match="was changed meanwhile"):
        editions.advance(filled, number, EditionState.SIGNED, "乙", NOW, show=meanwhile)
    found = Editions(filled).find(number)
    assert (found.state, found.signed_by, found.hash) == (EditionState.DRAFT, "", done[0].hash)
    assert "审阅删去1处" in text_of(filled, number) and not editions.missing(filled, number)
    assert not [path for path in (filled.reports / "editions").iterdir() if path.name.startswith(".")]


def test_nothing_to_say_is_one_line(home: Home) -> None:
    made = draft(home)
    editions.send(home, made.number, ["file"], NOW, test=True)
    (line,) = (home.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()
    assert "监测期内没有监测范围内的信息。" in line


def test_files_that_were_changed_beside_the_archive_are_not_signed(filled: Home) -> None:
    made = draft(filled)
    path = Editions(filled).folder(made.number) / f"{made.number}.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(UsageError, match=r"\.json was changed since it was printed"):
        editions.advance(filled, made.number, EditionState.REVIEWED, "甲", NOW)


def test_a_file_that_was_changed_since_it_was_signed_is_not_sent(filled: Home) -> None:
    number = signed(filled, draft(filled, 0, "docx").number).number
    path = Editions(filled).folder(number) / f"{number}.docx"
    printed = path.read_bytes()
    path.write_bytes(printed + b"\0")
    with pytest.raises(
        UsageError, match=rf"{number}\.docx was changed since it was printed\. Put the printed"
    ):
        editions.send(filled, number, ["file"], NOW)
    assert not (filled.var / "delivery" / "messages.jsonl").exists()
    path.write_bytes(printed)
    assert editions.send(filled, number, ["file"], NOW) == 1


def test_an_unknown_number_is_told(home: Home) -> None:
    with pytest.raises(UsageError, match="There is no edition"):
        Editions(home).find("weekly-1")


def test_a_signed_edition_is_sealed_and_held_when_something_in_it_is_forgotten(filled: Home) -> None:
    kept = draft(filled)
    signed(filled, kept.number)
    drafted = draft(filled, 1)
    erased = erase_prints(
        Erasure(filled, [BLAMED[0].raw], Traces([BLAMED[0].raw]), lambda text, at: False, NOW)
    )
    assert any(kept.number in sentence for sentence in erased.later)
    assert Editions(filled).find(kept.number).sealed
    assert (Editions(filled).folder(kept.number) / f"{kept.number}.json").exists()
    assert not (Editions(filled).folder(drafted.number) / f"{drafted.number}.json").exists()
    with pytest.raises(UsageError, match="is sealed"):
        editions.send(filled, kept.number, ["file"], NOW)


@pytest.mark.parametrize("searched", [True, False], ids=["with its attachments", "without"])
def test_letters_of_a_sealed_edition_that_wait_are_closed(filled: Home, searched: bool) -> None:
    book = filled.root / "delivery.toml"
    book.write_text('[channels.office]\nkind = "webhook"\nurl = "http://127.0.0.1:9/x"\n', encoding="utf-8")
    number = draft(filled).number
    editions.send(filled, number, ["office"], NOW, test=True)
    signed(filled, number)
    editions.send(filled, number, ["office"], NOW)
    assert [letter.status for letter in Outbox.open(filled).waiting()] == ["waiting", "waiting"]
    erasure = Erasure(filled, [BLAMED[0].raw], Traces([BLAMED[0].raw]), lambda text, at: False, NOW)
    later = [*(erase_attachments(erasure).later if searched else ()), *erase_prints(erasure).later]
    assert len([sentence for sentence in later if "waited for office and is not sent" in sentence]) == 2
    book.write_text('[channels.office]\nkind = "file"\n', encoding="utf-8")
    deliver_due(filled, NOW + timedelta(hours=2))
    settle(filled)
    assert not (filled.var / "delivery" / "messages.jsonl").exists()
    found = Editions(filled).find(number)
    assert found.sealed and found.state is EditionState.SIGNED
    outbox = Outbox.open(filled)
    assert [letter.reply for letter in outbox.dead()] == ["sealed: something in it was forgotten"] * 2
    with pytest.raises(UsageError, match="is sealed"):
        outbox.revive(outbox.dead()[0].id, NOW)


def test_reports_of_other_scopes_are_series_of_their_own(filled: Home) -> None:
    whole = draft(filled)
    days = "20241020-20241116"
    narrow = [
        editions.draft(filled, replace(WANTED, query=query, sources=sources), NOW, ("md",))
        for query, sources in (("客服", ()), (" 客服 ", ()), ("第1次", ()), ("", ("s",)), ("", ("thepaper",)))
    ]
    assert (whole.number, draft(filled).number) == (f"double11-{days}-1", f"double11-{days}-2")
    assert all(re.fullmatch(rf"double11-[0-9a-f]{{6}}-{days}", edition.series) for edition in narrow)
    assert [edition.revision for edition in narrow] == [1, 2, 1, 1, 1]
    assert len({edition.series for edition in narrow}) == 4
    struck = narrow[2].number
    editions.edit(filled, struck, Action.STRIKE, "fact:total", "", "甲", NOW)
    assert not editions.edits(filled, narrow[1].number) and not editions.edits(filled, whole.number)


def test_a_series_begun_before_scopes_were_marked_goes_on(filled: Home) -> None:
    wanted = replace(WANTED, query="客服")
    first = editions.draft(filled, wanted, NOW, ("md",))
    plain, archive = "double11-20241020-20241116", Editions(filled)
    with archive.state.begin() as connection:
        connection.execute(update(tables.editions).values(series=plain, number=f"{plain}-1"))
    archive.edit(plain, Edit(Action.STRIKE, "fact:total", "", "甲", NOW))
    second = editions.draft(filled, wanted, NOW, ("md",))
    assert (second.number, second.series) == (f"{plain}-2", plain)
    assert len(editions.edits(filled, second.number)) == 1
    draft(filled)
    third = editions.draft(filled, wanted, NOW, ("md",))
    assert third.series == first.number.removesuffix("-1")


def test_an_edition_of_days_not_collected_tells_no_zero(home: Home) -> None:
    first = editions.draft(home, Wanted("weekly", week="2024-W43"), NOW, ("md",))
    fill(home, [post(f"n{n}", f"第{n}次，客服不让退", day=9) for n in range(8)])
    text = text_of(home, editions.draft(home, Wanted("weekly", week="2024-W44"), NOW, ("md",)).number)
    assert (
        f"上期（{first.number}）载明系统没有采集到信息，不作比较。" in text
        and "信息0条，不作比较" not in text
    )


def test_an_edition_whose_total_was_struck_hinders_no_later_one(home: Home) -> None:
    fill(home, BLAMED)
    first = editions.draft(home, Wanted("weekly", week="2024-W43"), NOW, ("md",))
    editions.edit(home, first.number, Action.STRIKE, "fact:total", "", "甲", NOW)
    store = open_store(home)
    store.delete([document.id for document in BLAMED])
    store.put([post("later", "客服不让退", day=9)])
    store.close()
    made = editions.draft(home, Wanted("weekly", week="2024-W44"), NOW, ("md",))
    assert "上期系统内没有信息，档案中也没有可比的该期报告，不作比较。" in text_of(home, made.number)


@pytest.mark.parametrize(("by", "said"), [(" ", "Who does this"), ("甲" * 65, "64 characters at most")])
def test_a_change_bears_a_name(by: str, said: str, filled: Home) -> None:
    with pytest.raises(UsageError, match=said):
        editions.edit(filled, draft(filled).number, Action.STRIKE, "overview.total", "", by, NOW)


def test_a_change_that_was_signed_is_not_taken_back(filled: Home) -> None:
    number = draft(filled).number
    editions.edit(filled, number, Action.STRIKE, "overview.total", "", "甲", NOW)
    signed(filled, number)
    with pytest.raises(UsageError, match="stands in a signed edition"):
        editions.undo_edit(filled, draft(filled, 1).number)
    assert len(editions.edits(filled, number)) == 1


def test_the_index_tells_number_state_hash_and_who_signed(filled: Home) -> None:
    made = signed(filled, draft(filled).number)
    line = fengping(filled, "edition", "list").stdout
    assert all(part in line for part in (made.number, "signed", made.hash[:12], "乙", "2024-12-01"))


def test_a_correction_makes_a_revised_edition(filled: Home) -> None:
    draft(filled)
    changes = correct.Changes(polarity=Polarity.POS)
    correct.correct(filled, BLAMED[0].id, changes, by="甲", note="", now=NOW)
    assert "吐槽类信息：8 → 7" in draft(filled, 1).changes


def test_an_edition_goes_to_the_recipients_of_its_outline(filled: Home) -> None:
    outline = filled.root / "mine.toml"
    outline.write_text('like = "double11"\nrecipients = ["file"]\n', encoding="utf-8")
    made = editions.draft(filled, replace(WANTED, outline=outline), NOW, ("md",))
    signed(filled, made.number)
    assert editions.send(filled, made.number, [], NOW) == 1
