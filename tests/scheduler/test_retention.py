"""Retention: off by default, counted before it deletes, kind by kind, never what is held."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests.commands import fengping
from tests.making import document

from fengping.delivery import Message, Outbox, deliver_due
from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.evidence import keeping
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.models import Kind, RawDocument
from fengping.scheduler import ledger, retention
from fengping.services import indexing
from fengping.services.evidence import verify
from fengping.services.home import doctor
from fengping.state import State

NOW = datetime(2020, 11, 30, 4, tzinfo=UTC)
OLD = NOW - timedelta(days=20)


def made(number: int, published: datetime, kind: Kind = Kind.POST) -> RawDocument:
    return replace(document(number, None).raw, published_at=published, fetched_at=published, kind=kind)


def ids(home: Home) -> set[str]:
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    return {line.document.id for line in lines if line.document}


def allow(home: Home, text: str) -> Home:
    home.config_file.write_text(f"[retention]\n{text}\n", encoding="utf-8")
    return Home.open(home.root)


@pytest.fixture
def documents(home: Home) -> dict[str, RawDocument]:
    """An old post, an old comment, an old post on hold, a new post and a new comment."""
    made_ = {
        "old": made(1, OLD), "comment": made(2, OLD, Kind.COMMENT), "held": made(3, OLD),
        "new": made(4, NOW), "reply": made(5, NOW, Kind.COMMENT),
    }  # fmt: skip
    with open_journal(home).writer() as journal:
        for one in made_.values():
            journal.append(one)
    indexing.index(home, NOW)
    with State.open(home).begin() as connection:
        row = {"document": made_["held"].id, "at": OLD, "why": "a case", "looks": 0}
        connection.execute(insert(tables.holds).values(row))
    return made_


def test_it_is_off_by_default_and_doctor_says_so(home: Home, documents: dict[str, RawDocument]) -> None:
    assert retention.retain(home, NOW, dry=False) == []
    assert len(ids(home)) == 5
    found = {check.name: check.found for check in doctor(home)}
    assert found["retention"].startswith("off: everything is kept")
    assert "Everything is kept" in fengping(home, "retain").stderr
    assert {c.name: c.found for c in doctor(allow(home, "journal = 9"))}["retention"] == "journal 9 days"


def test_documents_go_and_what_is_held_stays(home: Home, documents: dict[str, RawDocument]) -> None:
    home = allow(home, "journal = 10")
    dry = retention.retain(home, NOW, dry=True)
    assert len(ids(home)) == 5
    done = retention.retain(home, NOW, dry=False)
    assert dry == done
    assert [(one.number, one.held) for one in done] == [(2, 1)]
    assert ids(home) == {documents[name].id for name in ("held", "new", "reply")}
    assert retention.retain(home, NOW, dry=False)[0].number == 0


def test_comments_have_days_of_their_own(home: Home, documents: dict[str, RawDocument]) -> None:
    retention.retain(allow(home, "comments = 10"), NOW, dry=False)
    assert ids(home) == {one.id for name, one in documents.items() if name != "comment"}


def test_nicknames_are_masked_and_their_documents_stay(home: Home) -> None:
    def post(number: int, author: str, **changes: Any) -> RawDocument:
        return replace(made(number, changes.pop("at", OLD)), author=author, author_id=f"h{number}", **changes)

    posts = {
        "long": post(1, "一个叫很长名字的用户"), "comment": post(2, "ab", kind=Kind.COMMENT),
        "short": post(3, "甲"), "held": post(4, "不动的人"), "new": post(5, "刚来的人", at=NOW),
        "news": post(6, "某记者", kind=Kind.NEWS), "paper": post(7, "人民日报"), "masked": post(8, "乙**"),
    }  # fmt: skip
    with open_journal(home).writer() as journal:
        for one in posts.values():
            journal.append(one)
        journal.append(replace(posts["long"], author="改过的名字", fetched_at=NOW, text="改过"))
    indexing.index(home, NOW)
    with State.open(home).begin() as connection:
        row = {"document": posts["held"].id, "at": OLD, "why": "a case", "looks": 0}
        connection.execute(insert(tables.holds).values(row))
    home = allow(home, "nicknames = 10")
    dry = retention.retain(home, NOW, dry=True)
    assert dry == retention.retain(home, NOW, dry=False)
    assert [(one.kind, one.number, one.held) for one in dry] == [("nicknames", 3, 1)]
    shown = {
        "long": "改**", "comment": "*", "short": "*", "held": "不动的人", "new": "刚来的人", "news": "某记者",
        "paper": "人民日报", "masked": "乙**",
    }  # fmt: skip
    expected = {posts[name].id: author for name, author in shown.items()}
    versions = open_journal(home).versions(posts["long"].id)
    assert [(one.author, one.author_id) for one in versions] == [("一**", "h1"), ("改**", "h1")]
    assert versions[0].text == posts["long"].text and open_journal(home).damaged(whole=True) == {}
    with closing(open_store(home)) as store:
        assert dict(store.columns(Filter(), ("id", "author"))) == expected
    # Nothing is read again, nor told, nor found a second time; a new index says the same.
    assert indexing.index(home, NOW).lines == 0
    assert retention.retain(home, NOW, dry=False)[0].number == 0
    assert fengping(home, "reindex").returncode == 0
    with closing(open_store(home)) as store:
        assert dict(store.columns(Filter(), ("id", "author"))) == expected


def test_a_journal_on_kafka_keeps_its_names(home: Home) -> None:
    text = 'journal = "kafka://127.0.0.1:9/topic"\n[retention]\nnicknames = 10\n'
    home.config_file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"crawl\.mask_nicknames"):
        retention.retain(Home.open(home.root), NOW, dry=True)


def test_evidence_that_is_on_no_hold_goes_and_its_chain_stays_whole(
    home: Home, documents: dict[str, RawDocument]
) -> None:
    kept = keeping.archive(home)
    for name, at in (("held", OLD), ("old", OLD), ("comment", OLD), ("new", NOW), ("reply", OLD)):
        kept.add(documents[name].id, "text", name.encode(), at)
    kept.add(documents["old"].id, "picture", b"shared", OLD)
    kept.add(documents["held"].id, "picture", b"shared", OLD)
    kept.add(documents["reply"].id, "picture", b"later", NOW)
    home = allow(home, "evidence = 10")
    dry = retention.retain(home, NOW, dry=True)
    assert dry == retention.retain(home, NOW, dry=False)
    assert [(one.kind, one.number, one.held) for one in dry] == [("evidence", 2, 1)]
    left = {p.document for p in kept.pieces() if p.kind == "text" and kept.object(p.sha256).exists()}
    assert left == {documents[name].id for name in ("held", "new", "reply")} and verify(home).faults == ()
    assert retention.retain(home, NOW, dry=False)[0].number == 0
    keeping.release(home, [documents["held"].id])
    # What they shared is nobody's any more.
    assert retention.retain(home, NOW, dry=False)[0].number == 2 and verify(home).faults == ()


def test_logs_runs_and_messages(home: Home) -> None:
    log = home.var / "log"
    log.mkdir(parents=True)
    (log / "crawl-a.err").write_text("x")
    os.utime(log / "crawl-a.err", (OLD.timestamp(), OLD.timestamp()))
    (log / "schedule.log").write_text("2020-11-10T00:00:00Z index\nold\n2020-11-29T00:00:00Z index\nnew\n")
    state = State.open(home)
    with state.begin() as connection:
        for at in (OLD, NOW, NOW):
            ledger.finish(connection, ledger.begin(connection, "index", at), at, ledger.Outcome("ok"))
    outbox = Outbox.open(home)
    outbox.enqueue(Message("a", "told"), ["file"], OLD)
    deliver_due(home, OLD)
    outbox.enqueue(Message("b", "waits"), ["stdout"], OLD)
    home = allow(home, "logs = 10\nruns = 10\nmessages = 10")
    dry = retention.retain(home, NOW, dry=True)
    done = retention.retain(home, NOW, dry=False)
    assert dry == done
    assert {one.kind: one.number for one in done} == {"logs": 2, "runs": 1, "messages": 1}
    assert (log / "schedule.log").read_text() == "2020-11-29T00:00:00Z index\nnew\n"
    assert not (log / "crawl-a.err").exists()
    assert [letter.subject for letter in outbox.waiting()] == ["waits"]
    assert {one.number for one in retention.retain(home, NOW, dry=False)} == {0}
