"""Alerts of a home: fired, sent, kept until taken, replayed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.commands import fengping
from tests.making import document

from fengping.home import Home
from fengping.indexer.search.backends.opening import open_store
from fengping.models import Polarity
from fengping.services.home import TEMPLATES

START = datetime(2020, 11, 10, tzinfo=UTC)


@pytest.fixture
def watched(home: Home) -> Home:
    """Five negatives on 檀木子 within hours, two on 阮小满, one that 檀木子 only reports."""
    hosts = ["檀木子"] * 5 + ["阮小满"] * 2
    documents = [
        document(
            n, START + timedelta(hours=n), f"{host}直播间的第{n}条投诉", hosts=(host,), negative_hosts=(host,)
        )
        for n, host in enumerate(hosts)
    ]
    documents.append(document(50, START, hosts=("檀木子",)))
    documents.append(
        document(51, START, hosts=("檀木子",), negative_hosts=("檀木子",), polarity=Polarity.POS)
    )
    store = open_store(home)
    store.put(documents)
    store.close()
    home.alerts.mkdir()
    return home


def rule(home: Home, text: str) -> None:
    (home.alerts / "rule.toml").write_text(f'name = "negatives"\n{text}', encoding="utf-8")


def test_a_replay_gives_a_line_a_firing(watched: Home) -> None:
    rule(watched, 'num_events = 4\ntimeframe = "24h"')
    done = fengping(watched, "alerts", "test", "--from", "2020-11-01", "--to", "2020-11-30", "--json")
    [firing] = [json.loads(line) for line in done.stdout.splitlines()]
    assert firing["rule"] == "negatives"
    assert firing["key"] == "檀木子"
    assert firing["fired_at"] == "2020-11-10T11:00:00+08:00"
    assert firing["count"] == len(firing["evidence"]) == 4
    assert done.returncode == 0


def test_a_replay_from_the_middle_sees_what_came_before(watched: Home) -> None:
    rule(watched, 'num_events = 4\ntimeframe = "24h"')
    done = fengping(watched, "alerts", "test", "--from", "2020-11-10T11:00", "--to", "2020-11-30", "--json")
    assert [json.loads(line)["count"] for line in done.stdout.splitlines()] == [4]


def test_a_check_fires_once_and_writes_what_it_knows(watched: Home) -> None:
    rule(watched, "num_events = 3")
    at = "2020-11-10T18:00"
    first = fengping(watched, "alerts", "check", "--at", at)
    assert "【预警】檀木子：1天内负面信息5条（阈值3条" in first.stdout
    assert "https://example.org/4" in first.stdout
    assert "阮小满" not in first.stdout
    [line] = (watched.var / "alerts" / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["key"] == "檀木子"
    again = fengping(watched, "alerts", "check", "--at", at)
    assert again.stdout == ""
    listed = fengping(watched, "alerts", "list", "--json")
    [row] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (row["key"], row["waiting"], row["count"]) == ("檀木子", 0, 5)
    assert fengping(watched, "alerts", "ack", str(row["id"]), "--by", "值班员").returncode == 0
    assert "值班员" in fengping(watched, "alerts", "list", "--json").stdout


def test_a_backfill_of_old_posts_raises_no_live_alarm(watched: Home) -> None:
    rule(watched, "num_events = 3")
    done = fengping(watched, "alerts", "check", "--at", "2020-12-24")
    assert (done.returncode, done.stdout) == (0, "")


def test_json_leaves_nothing_but_json_on_stdout(watched: Home) -> None:
    rule(watched, "num_events = 3")
    done = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00", "--json")
    assert [json.loads(line)["key"] for line in done.stdout.splitlines()] == ["檀木子"]


class _Webhook(BaseHTTPRequestHandler):
    received: list[dict[str, Any]]
    answers: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code = self.answers.pop(0) if self.answers else 200
        if code == 200:
            self.received.append(json.loads(body))
        self.send_response(code)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[tuple[str, type[_Webhook]]]:
    handler = type("Handler", (_Webhook,), {"received": [], "answers": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook?token=geheim", handler
    server.shutdown()
    server.server_close()


@pytest.mark.service
def test_a_webhook_that_refuses_gets_it_at_the_next_check(
    watched: Home, webhook: tuple[str, type[_Webhook]]
) -> None:
    url, handler = webhook
    handler.answers.append(503)
    rule(watched, 'num_events = 3\nchannels = ["webhook:$HOOK"]')
    first = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00", HOOK=url)
    assert first.returncode == 1
    assert "the webhook in $HOOK answered 503." in first.stderr
    assert "geheim" not in first.stderr
    second = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:01", HOOK=url)
    assert second.returncode == 0
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:02", HOOK=url)
    assert [message["key"] for message in handler.received] == ["檀木子"]
    assert handler.received[0]["text"].startswith("【预警】檀木子")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "is not set"),
        ({"HOOK": "http://127.0.0.1:9/"}, "cannot be reached"),
        ({"HOOK": "geheim"}, "cannot be"),
    ],
)
def test_a_webhook_that_cannot_be_reached_is_one_sentence(
    watched: Home, environment: dict[str, str], said: str
) -> None:
    rule(watched, 'num_events = 3\nchannels = ["webhook:$HOOK", "file"]')
    done = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00", **environment)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr
    assert (watched.var / "alerts" / "alerts.jsonl").exists()


def test_unknown_rules_and_firings_are_named(watched: Home) -> None:
    rule(watched, "")
    done = fengping(watched, "alerts", "check", "--rule", "negativs")
    assert (done.returncode, done.stderr) == (
        2,
        "fengping: Unknown rule 'negativs'. Did you mean 'negatives'?\n",
    )
    done = fengping(watched, "alerts", "ack", "7", "--by", "x")
    assert done.stderr == "fengping: Unknown firing 7. See: fengping alerts list\n"


def test_the_shipped_rule_can_be_replayed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert fengping(home, "init").returncode == 0
    done = fengping(home, "alerts", "test", "--from", "2020-11-01", "--to", "2020-11-02", "--json")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "command", [("check", "--at", "2020-11-10T12:30"), ("test", "--from", "2020-11-10", "--to", "2020-11-10")]
)
def test_the_rule_of_a_fresh_home_fires_at_the_first_negative_after_calm_days(
    home: Home, command: tuple[str, ...]
) -> None:
    store = open_store(home)
    calm = [
        document(n, START - timedelta(days=n), polarity=Polarity.NEU, hosts=("檀木子",)) for n in range(1, 20)
    ]
    trouble = document(30, START + timedelta(hours=4), hosts=("檀木子",), negative_hosts=("檀木子",))
    store.put([*calm, trouble])
    store.close()
    home.alerts.mkdir()
    template = TEMPLATES / "host-negatives.toml"
    (home.alerts / template.name).write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    done = fengping(home, "alerts", *command, "--json")
    [firing] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (firing["key"], firing["count"], firing["evidence"]) == ("檀木子", 1, [trouble.id])
    if command[0] == "check":
        assert "此前30天内平均每1天0.0条" in fengping(home, "alerts", "list", "--json").stdout
