"""Answers to an alarm: links that claim it, escalation where nobody does, and how useful alarms were."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.alerts.making import START, fengping
from tests.alerts.test_watch import charge, check, come, grave, letters
from tests.web.conftest import client_of, token_of

from fengping.alerts.feedback import Verdict
from fengping.errors import UsageError
from fengping.home import Home
from fengping.services import alert, claiming

PUBLIC = "https://desk.example.org"


def configured(home: Home, text: str = "") -> Home:
    (home.root / "fengping.toml").write_text(f'[serve]\npublic_url = "{PUBLIC}"\n{text}', encoding="utf-8")
    return Home.open(home.root)


@pytest.fixture
def watched(home: Home) -> Home:
    home.alerts.mkdir()
    (home.alerts / "w.toml").write_text('name = "w"\nkind = "watch"\nchannels = ["file"]\n', "utf-8")
    (home.root / "delivery.toml").write_text(
        "".join(f'[channels.{one}]\nkind = "file"\npath = "{one}.jsonl"\n' for one in ("one", "two")),
        encoding="utf-8",
    )
    return configured(home)


def fired(home: Home, hours: float = 0.5) -> int:
    come(home, grave(0, "harm", issues=("C11",)))
    assert check(home, hours)
    return int(alert.listed(home, 1)[0]["id"])


@pytest.fixture
def client(watched: Home) -> TestClient:
    """A console with accounts, where nobody is signed in."""
    return client_of(watched, accounts=True, now=START + timedelta(hours=1))


def path_of(home: Home, number: int) -> str:
    return claiming.address(home, number).removeprefix(PUBLIC)


def test_a_message_carries_what_a_reader_may_answer(watched: Home) -> None:
    number = fired(watched)
    [letter] = letters(watched)
    assert list(letter["actions"]) == ["认领", "不是同一件事", "无用"]
    assert letter["actions"]["认领"] == f"{claiming.address(watched, number)}?as=claimed"


def test_without_a_public_address_there_is_no_link(watched: Home) -> None:
    (watched.root / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(watched.root)
    fired(home)
    assert letters(home)[0]["actions"] == {}


def test_a_link_claims_its_alarm_once_without_an_account(watched: Home, client: TestClient) -> None:
    path = path_of(watched, fired(watched))
    page = client.get(path)
    assert page.status_code == 200 and "认领" in page.text
    assert alert.listed(watched, 1)[0]["acknowledged_by"] == "", "a look claims nothing"
    form = {"token": token_of(client, path), "verdict": "claimed", "by": "小周"}
    assert client.post(path, data=form).status_code == 200
    assert alert.listed(watched, 1)[0]["acknowledged_by"] == "小周"
    again = client.post(path, data=form | {"by": "小吴"})
    assert again.status_code == 409 and "小周" in again.text


def test_a_link_is_good_for_one_alarm_and_for_a_week(watched: Home, client: TestClient) -> None:
    number = fired(watched)
    path = path_of(watched, number)
    forged = path.replace(f"/{number}-", f"/{number + 1}-")
    for wrong in (forged, path[:-1], "/claim/x", "/claim/-"):
        assert client.get(wrong).status_code in (400, 404, 422), wrong
    with pytest.raises(UsageError, match="older than 7 days"):
        claiming.opened(watched, path.rpartition("/")[2], START + timedelta(days=8))


def test_an_alarm_that_nobody_claims_is_told_to_the_next_on_the_list(watched: Home) -> None:
    home = configured(watched, '[escalation]\nafter_minutes = 20\nto = ["one", "two"]\n')
    number = fired(home)
    for minutes in (45, 52, 60, 72, 90):
        check(home, minutes / 60)
    told = {name: read(home, name) for name in ("one", "two")}
    assert [one["subject"][:10] for one in told["one"]] == ["【20分钟无人认领】"]
    assert [one["subject"][:10] for one in told["two"]] == ["【40分钟无人认领】"]
    assert told["one"][0]["actions"]["认领"].startswith(claiming.address(home, number))


def test_a_claimed_alarm_and_a_single_complaint_are_told_to_nobody_else(watched: Home) -> None:
    home = configured(watched, '[escalation]\nafter_minutes = 20\nto = ["one"]\n')
    number = fired(home)
    alert.acknowledge(home, number, "小周", START + timedelta(minutes=40))
    come(home, charge(0.4, hosts=("阮阿满",), negative_hosts=("阮阿满",)))
    for hours in (0.75, 1, 2, 3):
        check(home, hours)
    assert read(home, "one") == []


def test_weeks_count_useful_and_unclaimed_alarms(watched: Home) -> None:
    number = fired(watched)
    come(watched, grave(2, "harm", issues=("C11",), hosts=("阮阿满",), negative_hosts=("阮阿满",)))
    check(watched, 2.5)
    fengping(watched, "alerts", "ack", str(number), "--by", "小周")
    claiming.answer(watched, number + 1, Verdict.USELESS, "小周", START + timedelta(hours=3))
    [week] = claiming.quality(watched, START - timedelta(days=1))
    assert (week.told, week.answered, week.useful, week.unclaimed) == (2, 2, 1, 1)
    said = json.loads(fengping(watched, "alerts", "quality", "--weeks", "520", "--json").stdout)
    assert said[0]["useful"] == 1 and len(said[0]["interval"]) == 2


def read(home: Home, name: str) -> list[dict[str, Any]]:
    file = home.var / "delivery" / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
