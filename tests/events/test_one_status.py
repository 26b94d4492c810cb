"""One status of an event wherever it is shown: lists, pages, the API, MCP and alarms."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from tests.commands import fengping
from tests.events.test_building import START, post
from tests.mcp.test_mcp import ask
from tests.readings import Said, as_read
from tests.web.conftest import client_of

from fengping import events
from fengping.alerts import ledger
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Channel, Document
from fengping.services import alert
from fengping.state import State

RULE = """name = "watch"
kind = "watch"
timeframe = "24h"
max_age = "48h"
channels = ["file"]
"""
DOWN = "檀木子直播间羽绒服充绒量不足，检测机构抽检三批次均不合格"
ACCUSED: dict[str, Any] = {
    "hosts": ("檀木子", "沈听澜"),
    "negative_hosts": ("檀木子",),
    "channel": Channel.NEWS,
}
CHARGE = post(1, DOWN, 0, **ACCUSED)
OFFER = as_read(post(3, f"沈听澜对{DOWN}退一赔三", 6, **ACCUSED), Said("answer", "pay", "沈听澜"))
OWN = as_read(post(4, f"檀木子对{DOWN}退一赔三", 7, **ACCUSED), Said("answer", "pay", "檀木子"))
AMENDS = "已赔付"


def stocked(home: Home, *documents: Document) -> str:
    """The id of the event that *documents* make."""
    with closing(open_store(home)) as store:
        store.put(documents)
        events.update(home, store)
    [event] = events.events_of(home)
    return event.id


@pytest.mark.parametrize(("last", "amended"), [(OFFER, False), (OWN, True)], ids=["another", "the accused"])
def test_only_the_accuseds_own_amends_are_shown_as_such(home: Home, last: Document, amended: bool) -> None:
    id = stocked(home, CHARGE, last)
    (home.alerts).mkdir(exist_ok=True)
    (home.alerts / "watch.toml").write_text(RULE, encoding="utf-8")
    alert.check(home, START + timedelta(hours=8), START + timedelta(hours=8))
    with State.open(home).begin() as connection:
        alarms = "\n".join(kept.message for kept in ledger.latest(connection, 9))
    client = client_of(home)
    shown = {
        "list": fengping(home, "affairs", "list", "--json").stdout,
        "show": fengping(home, "affairs", "show", id, "--json").stdout,
        # Beside what a person may choose from.
        "page": client.get(f"/events/{id}").text.partition('id="decide"')[0],
        "pages": client.get("/events.csv").text,
        "api": client.get(f"/api/v1/events/{id}").text,
        "apis": client.get("/api/v1/events").text,
        "mcp": json.dumps(ask(home, "events", query=""), ensure_ascii=False),
        "alarm": alarms,
    }
    assert {place: AMENDS in text for place, text in shown.items()} == dict.fromkeys(shown, amended)
    assert all("未证实" in text for place, text in shown.items() if not amended), shown
