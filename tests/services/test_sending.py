"""Reports that the schedule sends: once for their days, marked as not reviewed, never cut."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.reports.test_report_truth import NOW, post

from fengping.clock import local
from fengping.delivery import Attachment, Message, Outbox, deliver_due, escape, tables
from fengping.delivery.closing import SEALED
from fengping.delivery.erase import erase_attachments
from fengping.delivery.overdue import unsent
from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.errors import ConfigError, Failed, NotInstalled, UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.scheduler.jobs import jobs_of
from fengping.scheduler.troubles import Look
from fengping.scheduler.watchman import found
from fengping.services import edition, erase, letters, sending
from fengping.services.report import Wanted, make

WANTED = Wanted("double11", year=2024)
PDF = b"%PDF-1.7 "
QUOTED = "某店客服不让退，说了三遍也不给开票"


def sent(home: Home) -> list[dict[str, Any]]:
    path = home.var / "delivery" / "messages.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def fill(home: Home) -> None:
    store = open_store(home)
    store.put([post(f"p{n}", f"第{n}次，客服不让退", issues=("C05",)) for n in range(8)])
    store.close()


def test_a_report_goes_out_once_for_its_days_and_says_that_nobody_reviewed_it(home: Home) -> None:
    fill(home)
    made, written = make(home, WANTED, ("md",), NOW)
    assert sending.send(home, made, written, ["file"], NOW) == 1
    assert sending.send(home, made, written, ["file"], NOW) == 0
    [message] = sent(home)
    assert message["subject"] == "2024年“双11”消费维权舆情分析报告"
    assert sending.UNREVIEWED in json.dumps(message, ensure_ascii=False)


def test_a_report_made_anew_goes_to_those_who_had_none_of_it(home: Home) -> None:
    fill(home)
    channels = '[channels.desk]\nkind = "file"\npath = "desk.jsonl"\n'
    (home.root / "delivery.toml").write_text(channels, encoding="utf-8")
    made, written = make(home, WANTED, ("md",), NOW)
    assert sending.send(home, made, written, ["file"], NOW) == 1
    store = open_store(home)
    store.put([post(f"q{n}", f"又{n}次，客服不让退", issues=("C05",)) for n in range(5)])
    store.close()
    anew, written = make(home, WANTED, ("md",), NOW)
    assert anew.digest != made.digest
    assert [sending.send(home, anew, written, ["file", "desk"], NOW) for _ in range(2)] == [1, 0]
    [told] = sent(home)
    [other] = [
        json.loads(line) for line in (home.var / "delivery" / "desk.jsonl").read_text("utf-8").splitlines()
    ]
    assert told["key"] != other["key"] and told["lines"] != other["lines"]


def test_a_report_that_was_given_up_is_sent_each_time_that_is_asked_for(home: Home) -> None:
    fill(home)
    book, desk = home.root / "delivery.toml", '[channels.desk]\nkind = "file"\npath = "desk.jsonl"\n'
    book.write_text(desk, encoding="utf-8")
    (home.var / "delivery" / "desk.jsonl").mkdir(parents=True)  # nothing can be written there
    made, written = make(home, WANTED, ("md",), NOW)
    outbox = Outbox.open(home)
    for _ in range(3):
        assert sending.send(home, made, written, ["desk"], NOW) == 1
        with outbox.state.begin() as connection:
            connection.execute(update(tables.outbox).values(status="dead"))
    (home.var / "delivery" / "desk.jsonl").rmdir()
    assert sending.send(home, made, written, ["desk"], NOW + timedelta(hours=2)) == 1
    assert len((home.var / "delivery" / "desk.jsonl").read_text("utf-8").splitlines()) == 1


def test_a_report_that_is_taken_up_again_waits_for_the_hours_of_its_route(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home)
    opens = f"{local(NOW) + timedelta(hours=1):%H:00}"
    hours = f"{opens}-{local(NOW) + timedelta(hours=3):%H:00}"
    route = f'[[routes]]\nname = "day"\nhours = "{hours}"\nto = ["desk"]\n'
    book = '[channels.desk]\nkind = "file"\npath = "desk.jsonl"\n' + route
    (home.root / "delivery.toml").write_text(book, encoding="utf-8")
    made, written = make(home, WANTED, ("md",), NOW)
    outbox = Outbox.open(home)
    for _ in range(3):
        assert sending.send(home, made, written, ["day"], NOW) == 1
        [waits] = outbox.waiting()
        assert f"{local(waits.due_at):%H:%M}" == opens and not (home.var / "delivery" / "desk.jsonl").exists()
        with outbox.state.begin() as connection:
            connection.execute(update(tables.outbox).values(status="dead"))
    dead = outbox.dead()
    # Another process has taken them up since they were looked at.
    monkeypatch.setattr(Outbox, "under", lambda *_: dead)
    monkeypatch.setattr(Outbox, "of", lambda *_: dead)
    for status in ("claimed", "waiting"):
        with outbox.state.begin() as connection:
            connection.execute(update(tables.outbox).values(status=status))
        was = outbox.waiting()
        assert sending.send(home, made, written, ["day"], NOW + timedelta(minutes=5)) == 0
        assert outbox.waiting() == was


def test_a_report_that_waits_and_quotes_what_is_forgotten_is_not_sent_without_its_file(home: Home) -> None:
    fill(home)
    hook = '[channels.desk]\nkind = "webhook"\nurl = "http://127.0.0.1:9"\n'
    (home.root / "delivery.toml").write_text(hook, encoding="utf-8")
    outbox = Outbox.open(home)
    quoting = Attachment("report.docx", QUOTED.encode())
    outbox.enqueue(
        Message("report:weekly:2024-11-04:2024-11-10", "周报", attachments=(quoting,)), ["desk"], NOW
    )
    erasure = Erasure(home, [], Traces([post("p0", QUOTED).raw]), lambda _line, _at: False, NOW)
    done = erase_attachments(erasure)
    assert any("waited for desk" in sentence for sentence in done.later)
    assert not outbox.waiting() and [letter.reply for letter in outbox.dead()] == [SEALED]


def test_a_report_that_waits_with_nothing_but_a_pdf_is_not_sent_after_something_was_forgotten(
    home: Home,
) -> None:
    hook = '[channels.desk]\nkind = "webhook"\nurl = "http://127.0.0.1:9"\n'
    (home.root / "delivery.toml").write_text(hook, encoding="utf-8")
    outbox = Outbox.open(home)
    told = Message("report:weekly:2024-11-04:2024-11-10", "周报", attachments=(Attachment("周报.pdf", PDF),))
    gone = replace(told, key="report:weekly:2024-11-11:2024-11-17")
    outbox.enqueue(told, ["desk"], NOW)
    outbox.enqueue(gone, ["file"], NOW)
    deliver_due(home, NOW)
    erasure = Erasure(home, [], Traces([post("p0", QUOTED).raw]), lambda _line, _at: False, NOW)
    waited, was_sent = sorted(erase_attachments(erasure).later, reverse=True)
    assert "waited for desk and is not sent" in waited
    assert "cannot be searched" in was_sent
    assert not outbox.waiting() and [letter.reply for letter in outbox.dead()] == [SEALED]
    assert outbox.count(NOW)["dead"] == 0 and not unsent(outbox.state)
    keys = [trouble.key for trouble in found(Look(home, outbox.state, NOW))]
    assert not [key for key in keys if key.startswith("letter")]
    assert not letters.stuck(home, NOW).channels


def test_what_a_report_said_is_forgotten_with_what_it_quotes(home: Home) -> None:
    outbox = Outbox.open(home)
    said = f"案例：{QUOTED[:10]}……"
    quoting = Message(
        "report:weekly:2024-11-04:2024-11-10", "周报", (said,), html=said, plain=said,
        attachments=(Attachment("周报.docx", QUOTED.encode()),),
    )  # fmt: skip
    titled = Message("report:weekly:2024-11-11:2024-11-17", "周报", (said, escape(QUOTED)))
    other = Message("report:weekly:2024-11-18:2024-11-24", "周报", ("另一家店",))
    for message in (quoting, titled, other):
        outbox.enqueue(message, ["file"], NOW)
    deliver_due(home, NOW)
    assert QUOTED[:10] in (home.var / "delivery" / "messages.jsonl").read_text("utf-8")
    gone = post("p0", QUOTED).raw
    erase.forget(home, erase.Wanted(url_ids=frozenset({gone.id})), erase.Found([gone], 0, []), NOW)
    with outbox.state.begin() as connection:
        kept = {row["key"]: row for row in connection.scalars(select(tables.messages.c.record))}
    assert [kept[one.key]["lines"] for one in (quoting, titled, other)] == [[], [], ["另一家店"]]
    assert QUOTED[:10] not in json.dumps(list(kept.values()), ensure_ascii=False)
    assert [line["lines"] for line in sent(home)] == [[], [], ["另一家店"]]
    assert QUOTED[:10] not in (home.var / "delivery" / "messages.jsonl").read_text("utf-8")


def test_a_report_that_no_route_takes_is_a_failure(home: Home) -> None:
    fill(home)
    route = '[[routes]]\nname = "alarms"\nseverity = "warning"\nto = ["file"]\n'
    (home.root / "delivery.toml").write_text(route, encoding="utf-8")
    made, written = make(home, WANTED, ("md",), NOW)
    with pytest.raises(Failed, match="reaches nobody: no route of alarms"):
        sending.send(home, made, written, ["alarms"], NOW)
    kept = edition.draft(home, WANTED, NOW, ("md",))
    with pytest.raises(Failed, match="reaches nobody"):
        edition.send(home, kept.number, ["alarms"], NOW, test=True)
    assert not sent(home)


def test_reports_of_other_scopes_are_files_and_messages_of_their_own(home: Home) -> None:
    fill(home)
    outline = home.root / "weekly.toml"
    outline.write_text('like = "weekly"\nquery = "客服"\n', encoding="utf-8")
    wishes = (
        WANTED, replace(WANTED, query="客服"), replace(WANTED, query="第2次"),
        replace(WANTED, sources=("s",)),
        Wanted("weekly", week="2024-W45"), Wanted("weekly", week="2024-W45", outline=outline),
    )  # fmt: skip
    names = []
    for wanted in wishes:
        made, written = make(home, wanted, ("md",), NOW)
        names.append(written.paths["md"].name)
        assert sending.send(home, made, written, ["file"], NOW) == 1
        assert sending.send(home, made, written, ["file"], NOW) == 0
    assert len(set(names)) == len(wishes) == len(sent(home))
    assert (names[0], names[4]) == ("double11-2024-10-20_2024-11-16.md", "weekly-2024-11-04_2024-11-10.md")


def test_a_report_leads_to_its_page_where_others_reach_the_console(home: Home) -> None:
    fill(home)
    home.hosts.write_text('version = 1\n\n[[host]]\nname = "林小禾"\n', encoding="utf-8")
    weekly = Wanted("weekly", week="2024-W45")
    made, written = make(home, WANTED, ("md",), NOW)
    sending.send(home, made, written, ["file"], NOW)
    assert sent(home)[0]["link"] == "" and "127.0.0.1" not in json.dumps(sent(home))
    home.config_file.write_text('[serve]\npublic_url = "https://desk.example.org/fp/"\n', encoding="utf-8")
    outside, links = Home.open(home.root), []
    for wanted in (weekly, Wanted("host", "2024-11-01", "2024-11-10", focus="林小禾")):
        made, written = make(outside, wanted, ("md",), NOW)
        sending.send(outside, made, written, ["file"], NOW)
        links.append(sent(home)[-1]["link"])
    kept = edition.draft(outside, weekly, NOW, ("md",))
    edition.send(outside, kept.number, ["file"], NOW, test=True)
    pages = ("reports", "hosts/%E6%9E%97%E5%B0%8F%E7%A6%BE", f"reports/editions/{kept.number}")
    links.append(sent(home)[-1]["link"])
    assert links == [f"https://desk.example.org/fp/{page}" for page in pages]
    assert Message("k", "s", plain="全文", link="https://a.example").text() == "全文\nhttps://a.example"


@pytest.mark.parametrize(
    "address",
    [
        "desk.example.org", "ftp://desk.example.org", "https://a:b@desk.example.org", "http://127.0.0.1:8300",
        "http://localhost:8300", "http://[::1]/", "http://0.0.0.0:8300", "https://desk.example.org/?q=1",
    ],
)  # fmt: skip
def test_an_address_that_leads_others_nowhere_is_refused(home: Home, address: str) -> None:
    home.config_file.write_text(f'[serve]\npublic_url = "{address}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"serve\.public_url"):
        Home.open(home.root)


def test_a_report_with_a_file_missing_goes_to_nobody(home: Home) -> None:
    fill(home)
    made, written = make(home, WANTED, ("md",), NOW)
    written.missing["pdf"] = NotInstalled("There is no browser.")
    with pytest.raises(NotInstalled):
        sending.send(home, made, written, ["file"], NOW)
    assert sent(home) == []


def test_nothing_to_say_is_one_line_or_nothing_by_choice(home: Home) -> None:
    made, written = make(home, WANTED, ("md",), NOW)
    assert sending.send(home, made, written, ["file"], NOW) == 1
    assert sending.NOTHING in json.dumps(sent(home), ensure_ascii=False)
    home.config_file.write_text("[report]\nsend_empty = false\n", encoding="utf-8")
    quiet = Home.open(home.root)
    weekly, written = make(quiet, Wanted("weekly", week="2024-W45"), ("md",), NOW)
    assert sending.send(quiet, weekly, written, ["file"], NOW) == 0


def test_the_schedule_names_who_gets_a_report(home: Home) -> None:
    home.config_file.write_text(
        '[schedule]\nweekly_to = ["office", "lead"]\n[[schedule.reports]]\nkind = "daily"\nat = "08:00"\n'
        'to = ["office"]\n',
        encoding="utf-8",
    )
    jobs = jobs_of(Home.open(home.root))
    assert jobs["report-weekly"].command(NOW)[-5:] == ("--send", "office", "--send", "lead", "--json")
    assert jobs["report-daily"].command(NOW)[-3:] == ("--send", "office", "--json")


def test_a_reference_gives_its_styles_and_another_file_is_refused(home: Home) -> None:
    from docx import Document
    from docx.shared import Pt

    fill(home)
    _, written = make(home, WANTED, ("docx",), NOW)
    house = Document(str(written.paths["docx"]))
    house.styles["Heading 1"].font.size = Pt(33)
    house.save(str(home.root / "house.docx"))
    restyled = Wanted("double11", year=2024, reference_docx=home.root / "house.docx")
    _, written = make(home, restyled, ("docx",), NOW)
    made = Document(str(written.paths["docx"]))
    assert made.styles["Heading 1"].font.size == Pt(33)
    assert [p.text for p in made.paragraphs].count("摘要") == 1
    with pytest.raises(UsageError, match="is no DOCX that can be read"):
        make(home, Wanted("double11", year=2024, reference_docx=home.config_file), ("docx",), NOW)
