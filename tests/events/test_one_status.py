"""One status of an event wherever it is shown: lists, pages, the API, MCP, alarms."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.events.test_latest import CHARGE, DOWN, START, post

from fengping import events
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import alert
from fengping.web.app import make_app
from fengping.web.mcp.knowing import Knowing

RULE = """name = "watch"
kind = "frequency"
num_events = 1
timeframe = "24h"
max_age = "48h"
key_by = "hosts"
channels = ["file"]
"""
OFFER = post(3, f"沈听澜对{DOWN}退一赔三", "", 6).with_judgement(hosts=("檀木子", "沈听澜"))


@pytest.fixture
def told(home: Home) -> Home:
    """A charge, and another seller's offer to make it good."""
    with closing(open_store(home)) as store:
        store.put([CHARGE, OFFER])
        events.update(home, store)
    return home
