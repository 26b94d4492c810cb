"""kill -9 between decision and delivery: at least once under one key, none dropped, refusals seen."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.conftest import NOW
from tests.delivery.killed import DECISIONS
from tests.delivery.servers import Request, Web, as_json

from fengping.delivery import Outbox, deliver_due
from fengping.home import Home

pytestmark = pytest.mark.long

SCRIPT = Path(__file__).with_name("killed.py")


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.timeout(3600))])
def test_no_decided_message_is_lost_by_a_kill(kills: int, book: Callable[[str], Home]) -> None:
    draw = random.Random(kills)
    arrived: Counter[str] = Counter()
    refused: set[str] = set()

    def answer(request: Request) -> Any:
        body = request.json
        if body["subject"].startswith("拒收"):
            refused.add(body["key"])
            return 400, {}, b"unwanted"
        arrived[request.headers["idempotency-key"]] += 1
        return as_json({"ok": True})

    with Web(answer).running() as web:
        home = book(f'[channels.hook]\nkind = "webhook"\nurl = "{web.url}"\n')
        outbox = Outbox.open(home)
        with outbox.state.begin() as connection:
            connection.exec_driver_sql(DECISIONS)
        for number in range(kills):
            begin = NOW + timedelta(minutes=2 * number)
            process = subprocess.Popen(
                [sys.executable, str(SCRIPT), str(home.root), str(number), begin.isoformat()],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(draw.uniform(0, 0.4))
            process.kill()
            process.wait()
            process.stdout.close()
        end = NOW + timedelta(minutes=2 * kills + 60)
        while (counts := deliver_due(home, end, within=600)).waiting:
            end += timedelta(hours=1)
            assert end < NOW + timedelta(days=3), counts
    with outbox.state.begin() as connection:
        decided = set(connection.exec_driver_sql("SELECT key FROM decisions").scalars())
    assert decided, "no process came as far as a decision"
    lines = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["key"] for line in lines} == decided
    wanted = {key for key in decided if int(key.partition("-")[2]) % 7 != 3}
    ids = {letter.key: None for letter in outbox.dead()}
    assert set(ids) == refused == decided - wanted
    assert len(arrived) == len(wanted)
    assert sum(arrived.values()) <= len(wanted) + kills  # a kill repeats one message at most
