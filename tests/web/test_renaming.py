"""Rules, channels, recipients and routes under other names: what names them follows, or nothing changes."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.web.conftest import HOST, NOW, client_of, token_of
from tests.web.test_accounts import guarded, signed_in

from fengping.delivery import Book
from fengping.home import Home
from fengping.services import alert

__all__ = ["guarded"]
FILE = """# who is told
[channels.duty]  # at night
kind = "file"
path = "duty.jsonl"

# of the desk
[channels.office]
kind = "mail"
server = "smtp.example.cn"
sender = "风评 <monitor@example.cn>"
to = ["desk@example.cn"]

[recipients]
# the one in charge
lead = ["office:lead@example.cn", "duty"]  # a person

[[routes]]
name = "alarms"
match = { rule = ["夜班", "白班"] }
to = ["lead", "duty"]

[[routes]]
name = "alarms"
to = ["office"]
"""
NIGHT = """# nights
name = "夜班"  # the loud one
kind = "frequency"
num_events = 5
channels = ["alarms", "duty"]
"""
DAY = 'name = "白班"\nkind = "frequency"\nnum_events = 500\ninhibits = ["夜班"]\nchannels = ["lead"]\n'
CONFIG = """[schedule]
notify = ["lead", "office:ops@example.cn"]

[[schedule.reports]]
kind = "weekly"
at = "fri 09:00"
to = ["duty"]
"""


@pytest.fixture
def named(stocked: Home) -> Home:
    """A home whose rule has fired, and whose channels are named in every place there is."""
    (stocked.root / "delivery.toml").write_text(FILE, encoding="utf-8")
    (stocked.root / "fengping.toml").write_text(CONFIG, encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(NIGHT, encoding="utf-8")
    (stocked.alerts / "day.toml").write_text(DAY, encoding="utf-8")
    home = Home.open(stocked.root)
    alert.check(home, NOW, NOW)
    return home


def put(client: TestClient, path: str, code: int = 200, /, **form: str) -> str:
    answer = client.post(path, data={"token": token_of(client)} | form)
    assert answer.status_code == code, answer.text
    return answer.text


def tables(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def texts(home: Home) -> list[str]:
    files = [home.root / "delivery.toml", home.config_file, *sorted(home.alerts.iterdir())]
    return [path.read_text(encoding="utf-8") for path in files]


def test_a_renamed_rule_keeps_its_alarms_states_and_silences_and_fires_no_second_time(named: Home) -> None:
    silenced = fengping(
        named, "alerts", "silence", "rule=夜班", "--for", "24h", "--by", "甲", "--reason", "试"
    )
    assert silenced.returncode == 0, silenced.stderr
    before = alert.listed(named, 10)
    assert [(one["rule"], one["status"]) for one in before] == [("夜班", "silenced")]
    with client_of(named) as client:
        said = put(client, "/alerts/rule/rename", was="夜班", name=" 夜里 ")
        assert "夜里" in said
        form = client.get("/alerts/rule", params={"was": "夜里"}).text
        assert 'action="/alerts/rule/rename"' in form
        assert "夜里" in client.get(f"/alerts/{before[0]['id']}").text
        [silence] = client.get("/alerts/silences.json").json()
    after = alert.listed(named, 10)
    assert after == [one | {"rule": "夜里"} for one in before]
    assert silence["matcher"] == {"rule": ["夜里"]}
    text = (named.alerts / "night.toml").read_text(encoding="utf-8")
    assert text == NIGHT.replace("夜班", "夜里")
    assert tables(named.alerts / "day.toml")["inhibits"] == ["夜里"]
    assert tables(named.root / "delivery.toml")["routes"][0]["match"] == {"rule": ["夜里", "白班"]}
    later = NOW + timedelta(minutes=10)
    assert alert.check(named, later, later).checked.firings == []
    assert len(alert.listed(named, 10)) == len(before)


@pytest.mark.parametrize(
    ("was", "name"), [("夜班", "白班"), ("夜班", ""), ("中班", "x"), ("夜班", "长" * 129)]
)
def test_a_rule_that_cannot_be_renamed_changes_nothing(named: Home, was: str, name: str) -> None:
    before = texts(named), alert.listed(named, 10)
    with client_of(named) as client:
        answer = client.post(
            "/alerts/rule/rename", data={"token": token_of(client), "was": was, "name": name}
        )
    assert answer.status_code in (400, 422)
    assert (texts(named), alert.listed(named, 10)) == before


def test_a_name_that_an_earlier_rule_left_in_the_ledger_is_refused(named: Home) -> None:
    (named.alerts / "night.toml").unlink()
    (named.alerts / "day.toml").write_text(DAY.replace('inhibits = ["夜班"]\n', ""), encoding="utf-8")
    done = fengping(named, "alerts", "rename", "白班", "夜班")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has left alarms" in done.stderr and "Traceback" not in done.stderr
    assert tables(named.alerts / "day.toml")["name"] == "白班"


def test_a_renamed_channel_is_followed_by_all_that_sends_there(named: Home) -> None:
    with client_of(named) as client:
        assert "改了" in put(client, "/settings/rename", was="duty", name="值班")
    text = (named.root / "delivery.toml").read_text(encoding="utf-8")
    assert text == FILE.replace("[channels.duty]", '[channels."值班"]').replace('"duty"', '"值班"')
    assert tables(named.alerts / "night.toml")["channels"] == ["alarms", "值班"]
    assert Home.open(named.root).config.schedule.reports[0].to == ("值班",)
    assert "值班" in Book.load(named).channels


def test_a_renamed_recipient_and_route_are_followed_too(named: Home) -> None:
    with client_of(named) as client:
        put(client, "/settings/rename", was="lead", name="组长")
        put(client, "/settings/rename", was="alarms", name="去向")
        put(client, "/settings/rename", was="office", name="desk")
    told = tables(named.root / "delivery.toml")
    assert told["recipients"] == {"组长": ["desk:lead@example.cn", "duty"]}
    assert [route["name"] for route in told["routes"]] == ["去向", "去向"]
    assert [route["to"] for route in told["routes"]] == [["组长", "duty"], ["desk"]]
    assert tables(named.alerts / "night.toml")["channels"] == ["去向", "duty"]
    assert tables(named.alerts / "day.toml")["channels"] == ["组长"]
    assert tables(named.config_file)["schedule"]["notify"] == ["组长", "desk:ops@example.cn"]
    text = (named.root / "delivery.toml").read_text(encoding="utf-8")
    assert "# the one in charge" in text and "# a person" in text and "# of the desk" in text


def test_a_typed_secret_moves_with_its_channel(named: Home) -> None:
    form = {"kind": "dingtalk", "name": "robot", "url": "https://robot.example.cn/send?access_token=abc"}
    with client_of(named) as client:
        put(client, "/settings/channel", **form)
        put(client, "/settings/rename", was="robot", name="群")
        [file] = (named.root / "secrets").iterdir()
        assert Book.load(named).secrets.read(tables(named.root / "delivery.toml")["channels"]["群"]["url"])
        put(client, "/settings/channel/remove", name="群")
    assert not file.exists() and not list((named.root / "secrets").iterdir())


@pytest.mark.parametrize(
    ("was", "name"), [("duty", "office"), ("duty", "a b"), ("duty", "a:b"), ("nobody", "x"), ("stdout", "x")]
)
def test_a_target_that_cannot_be_renamed_changes_nothing(named: Home, was: str, name: str) -> None:
    before = texts(named)
    done = fengping(named, "deliver", "rename", was, name)
    assert done.returncode == 2 and done.stderr.startswith("fengping: ") and "Traceback" not in done.stderr
    assert texts(named) == before


def test_a_rule_that_cannot_be_read_or_an_environment_that_names_it_is_told(named: Home) -> None:
    (named.config_file).write_text("", encoding="utf-8")
    done = fengping(named, "deliver", "rename", "office", "x", FENGPING_SCHEDULE__WEEKLY_TO='["office"]')
    assert done.returncode == 2 and "from the environment" in done.stderr
    (named.alerts / "broken.toml").write_text("name = ", encoding="utf-8")
    done = fengping(named, "deliver", "rename", "office", "x")
    assert done.returncode == 2 and "alerts/broken.toml cannot be read" in done.stderr


def test_only_who_may_change_them_renames(guarded: Home) -> None:
    for role, path in (("reader", "/alerts/rule/rename"), ("analyst", "/settings/rename")):
        client = signed_in(guarded, role)
        form = {"token": token_of(client, "/"), "was": "夜班", "name": HOST}
        assert client.post(path, data=form).status_code == 403
