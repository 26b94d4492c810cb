"""``fengping affairs`` as a user calls it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.commands import fengping
from tests.events.test_building import affair, corpus

from fengping import events
from fengping.events import Asked
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.models import Act
from fengping.services.events import listed


def told(home: Home, *arguments: str) -> Any:
    done = fengping(home, "affairs", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_events_are_listed_shown_split_and_merged(home: Home) -> None:
    store = open_store(home)
    store.put([*affair(), *corpus()[10:]])
    store.close()
    assert told(home, "update")["documents"] > 30
    [event, *_] = told(home, "list", "林小禾")
    assert (event["status"], event["parties"]) == ("已道歉", ["林小禾"])
    [dossier] = told(home, "show", event["id"][:9])
    claim = dossier["knowledge"]["claims"][0]
    assert claim["computed"][0]["value"] == "76.49%"
    [largest, *_] = [e for e in told(home, "list", "--happenings") if e["documents"] > 5]
    document = told(home, "show", largest["id"])[0]["documents"][-1]
    apart = told(home, "split", largest["id"], document)
    assert (apart["documents"], told(home, "show", largest["id"])[0]["event"]["documents"]) == (
        1,
        largest["documents"] - 1,
    )
    whole = told(home, "merge", largest["id"], apart["id"])
    assert (whole["id"], whole["documents"]) == (largest["id"], largest["documents"])
    shown = fengping(home, "affairs", "show", largest["id"])
    assert largest["id"] in shown.stdout


def test_what_is_not_there_is_one_sentence(home: Home) -> None:
    for arguments in (
        ("show", "e0000"),
        ("list", "--status", "已原谅"),
        ("list", "--sort", "best"),
        ("merge", "e1"),
    ):
        done = fengping(home, "affairs", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("fengping: ")
        assert "Traceback" not in done.stderr


def test_affairs_are_sorted_and_exported_with_their_members(home: Home, tmp_path: Path) -> None:
    with closing(open_store(home)) as store:
        answer = affair()[3].with_judgement(act=Act.RESPONSE)
        store.put([*affair()[:3], answer, *corpus()[10:]])
        events.update(home, store)
        documents = {one.id: one.event for one in store.scan(Filter())}
    by_size = [one.documents for one in listed(home, Asked(), sort="size", limit=99)]
    assert by_size == sorted(by_size, reverse=True) and len({*by_size}) > 1
    first = [one["first_at"] for one in told(home, "list", "--happenings", "--sort", "new")]
    assert first == sorted(first, reverse=True) and len(first) > 1
    file = tmp_path / "affairs.jsonl"
    done = fengping(home, "affairs", "export", "--output", str(file))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {m["id"]: one["id"] for one in lines for m in one["members"]} == {
        id: event for id, event in documents.items() if event
    }
    [one] = [one for one in lines if one["parties"] == ["林小禾"]]
    assert one["documents"] == len(one["members"]) and one["status"] == "已道歉"
    roles = {m["id"]: m["role"] for m in one["members"]}
    assert roles[answer.id] == "answer" and {*roles.values()} == {"charge", "answer", "other"}
    assert one["members"][0] | {"id": ""} == {"id": "", "role": "charge", "parties": ["林小禾"]}


def test_a_document_export_names_the_affair_of_each(home: Home) -> None:
    with closing(open_store(home)) as store:
        store.put(affair())
        events.update(home, store)
        known = {one.id: one.event for one in store.scan(Filter())}
    done = fengping(home, "export", "--format", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["id"]: one["affair"] for one in records} == {
        id: [event] if event else [] for id, event in known.items()
    }
    assert any(known.values())
