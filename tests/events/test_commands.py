"""``fengping affairs`` as a user calls it."""

from __future__ import annotations

import json
from typing import Any

from tests.commands import fengping
from tests.events.test_building import affair, corpus

from fengping.home import Home
from fengping.indexer import open_store


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
    for arguments in (("show", "e0000"), ("list", "--status", "已原谅"), ("merge", "e1")):
        done = fengping(home, "affairs", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("fengping: ")
        assert "Traceback" not in done.stderr
