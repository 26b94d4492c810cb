"""Files of a deployment: what one machine changes reaches the others, and takes nothing of theirs back."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.commands import fengping
from tests.meanwhile import failing
from tests.scheduler.test_roles import first, started, url, wait_for
from tests.web.conftest import client_of, token_of

from fengping import signing
from fengping.errors import ConfigError, Failed, StoreDown, UsageError
from fengping.home import Home
from fengping.indexer.search import SavedQueries, SavedQuery
from fengping.scheduler import by_hand, taking
from fengping.scheduler.lease import Lease, held
from fengping.services import alert_rules, channels, hosts, query_users, renaming, routing, sharing, switching
from fengping.services.deployment import check_deployment
from fengping.services.source_dev import Draft
from fengping.state import State
from fengping.state.lease import present

__all__ = ["first", "url"]
pytestmark = pytest.mark.long
RULE = '# nights\nname = "夜班"\nkind = "frequency"\nnum_events = 5\nquery = "退货"\n'
DELIVERY = """[channels.duty]
kind = "file"
path = "duty.jsonl"

[[routes]]
name = "alarms"
to = ["duty"]
"""


@pytest.fixture
def pair(first: Home, url: str) -> tuple[Home, Home]:
    """Two machines of one deployment with a rule and a channel."""
    (first.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    (first.root / "delivery.toml").write_text(DELIVERY, encoding="utf-8")
    sharing.share(first)
    second = Home(first.root.parent / "second")
    sharing.join(second, url)
    return first, Home.open(second.root)


def read(home: Home, name: str) -> str:
    path = home.root / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


class TestShare:
    def test_all_machines_sign_by_the_key_that_the_first_has_made(
        self, pair: tuple[Home, Home], url: str
    ) -> None:
        second, first = pair
        made = signing.fingerprint(first)
        assert signing.fingerprint(second) == made
        assert sharing.standing(first) == sharing.standing(second) == {}
        third = Home(first.root.parent / "third")
        sharing.join(third, url)
        assert signing.fingerprint(Home.open(third.root)) == made

    def test_before_the_first_share_the_first_that_signs_hands_its_key_on(
        self, tmp_path: Path, url: str
    ) -> None:
        homes = [tmp_path / name for name in ("first", "second")]
        for root in homes:
            (root / "var").mkdir(parents=True)
            (root / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
            (root / "var" / "identity").write_text("0" * 32, encoding="ascii")
        first, second = map(Home.open, homes)
        made = signing.fingerprint(first)
        with pytest.raises(Failed, match="No machine has shared"):
            sharing.join(Home(tmp_path / "third"), url)
        assert signing.fingerprint(second) == made
        assert signing.NAME not in sharing.share(first).kept and sharing.standing(first) == {}
        # A new key reaches the others when they move theirs aside.
        renewed = signing.renew(first)
        with pytest.raises(ConfigError, match="holds another key"):
            signing.fingerprint(second)
        (second.root / signing.NAME).unlink()
        assert signing.keys(second) == (renewed, made)

    def test_a_machine_that_is_behind_takes_nothing_back(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        (first.alerts / "night.toml").write_text(RULE + "threshold = 3\n", encoding="utf-8")
        (first.alerts / "day.toml").write_text(RULE.replace("夜班", "白班"), encoding="utf-8")
        sharing.share(first)
        second.hosts.write_text("# of the second\n", encoding="utf-8")
        done = fengping(second, "share")
        assert (done.returncode, done.stdout) == (0, "handed on hosts.toml\n")
        sharing.take(first)
        assert "threshold" in read(first, "alerts/night.toml") and read(first, "alerts/day.toml")
        assert read(first, "hosts.toml") == "# of the second\n"
        assert sharing.take(second).changed == ("alerts/day.toml", "alerts/night.toml")

    def test_only_what_was_deleted_here_is_deleted(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        (second.alerts / "night.toml").unlink()
        # A round of its own service in between brings nothing back.
        assert sharing.take(second).changed == ()
        assert sharing.share(second).changed == ("alerts/night.toml",)
        sharing.take(first)
        assert not read(first, "alerts/night.toml") and read(first, "delivery.toml")

    def test_a_file_that_both_changed_is_named_and_left(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        for home in pair:
            home.hosts.write_text(f"# {home.root.name}\n", encoding="utf-8")
        sharing.share(first)
        done = fengping(second, "share")
        assert done.returncode == 1
        assert "hosts.toml was changed here and elsewhere. Move it aside" in done.stderr
        assert (read(first, "hosts.toml"), read(second, "hosts.toml")) == ("# first\n", "# second\n")
        with pytest.raises(Failed, match=r"hosts\.toml was changed here and elsewhere"):
            check_deployment(second)
        second.hosts.rename(second.root / "mine")
        assert fengping(second, "share", "--take").returncode == 0
        assert read(second, "hosts.toml") == "# first\n"

    def test_another_salt_is_never_handed_on(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        salt = (first.var / "salt").read_bytes()
        (second.var / "salt").unlink()
        assert Home.open(second.root).salt != salt
        assert sharing.share(second).kept == ("var/salt",)
        assert sharing.take(first).kept == () and (first.var / "salt").read_bytes() == salt

    def test_doctor_names_what_waits_to_be_handed_on(self, pair: tuple[Home, Home]) -> None:
        with present(pair[0], "index"), present(pair[0], "collect"):
            assert "changed here alone" not in check_deployment(pair[1])
            pair[1].hosts.write_text("# mine\n", encoding="utf-8")
            assert "changed here alone: hosts.toml (fengping share)" in check_deployment(pair[1])


def _source(home: Home) -> None:
    Draft("shop", home.sources / "shop.toml", None, "# a guess\n").write(home)  # type: ignore[arg-type]


def _route(home: Home) -> None:
    routing.keep(home, routing.draft_route(home, {"name": "nights", "to": "duty"}))


def _query(home: Home) -> None:
    SavedQueries(home).put(SavedQuery("退货", "退货", "", datetime.now(UTC)))
    query_users.rename(home, "退货", "退款")


EDITS: dict[str, tuple[str, Callable[[Home], object]]] = {
    "a rule switched": ("alerts/night.toml", lambda home: alert_rules.switch(home, "夜班", on=False)),
    "a rule renamed": ("alerts/night.toml", lambda home: renaming.rename_rule(home, "夜班", "深夜")),
    "a query renamed": ("alerts/night.toml", _query),
    "a host": ("hosts.toml", lambda home: hosts.add_host(home, {"name": "青禾"}, [])),
    "a channel": (
        "delivery.toml",
        lambda home: channels.keep(home, "night", "file", {"path": "night.jsonl"}),
    ),
    "a channel removed": ("delivery.toml", lambda home: channels.remove(home, "spare")),
    "a channel renamed": ("delivery.toml", lambda home: renaming.rename_target(home, "duty", "desk")),
    "a route": ("delivery.toml", _route),
    "a source off": ("sources/news.toml", lambda home: switching.switch(home, ["news"], on=False)),
    "a source": ("sources/shop.toml", _source),
    "a job": ("fengping.toml", lambda home: by_hand.pause(home, "index", on=True)),
}  # fmt: skip
SPARE = '\n[channels.spare]\nkind = "file"\npath = "spare.jsonl"\n'


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_handed_on_at_once_or_refused_whole(pair: tuple[Home, Home], edit: str) -> None:
    first, second = pair
    if edit == "a query renamed":
        (first.alerts / "night.toml").write_text(RULE.replace('"退货"', '"query:退货"'), encoding="utf-8")
    (first.root / "delivery.toml").write_text(DELIVERY + SPARE, encoding="utf-8")
    sharing.share(first)
    sharing.take(second)
    name, change = EDITS[edit]
    before = read(second, name)
    theirs = f"{before}\n# changed by the first\n"
    (first.root / name).write_text(theirs, encoding="utf-8")
    sharing.share(first)
    with pytest.raises(UsageError, match=f"{name} was changed on another machine meanwhile; nothing"):
        change(second)
    assert read(second, name) == theirs == read(first, name)
    assert sharing.take(first).changed == ()
    if name == "sources/shop.toml":
        (second.root / name).unlink()
        sharing.share(second)
    change(Home.open(second.root))
    assert read(second, name) != theirs
    assert sharing.take(first).changed[:1] == (name,) or name == "sources/shop.toml"
    assert read(first, name) == read(second, name)


def test_a_rename_that_is_refused_changes_nothing_in_the_state_either(pair: tuple[Home, Home]) -> None:
    first, second = pair
    SavedQueries(second).put(SavedQuery("退货", "退货", "", datetime.now(UTC)))
    for home, number in ((first, 7), (second, 8)):
        rule = RULE.replace('"退货"', '"query:退货"').replace("= 5", f"= {number}")
        (home.alerts / "night.toml").write_text(rule, encoding="utf-8")
    sharing.share(first)
    with pytest.raises(UsageError, match=r"night\.toml was changed here and elsewhere"):
        query_users.rename(second, "退货", "退款")
    assert "num_events = 8" in read(second, "alerts/night.toml")
    assert [one.name for one in SavedQueries(second).all()] == ["退货"]


def test_what_is_typed_into_the_console_of_one_machine_is_on_the_others(pair: tuple[Home, Home]) -> None:
    first, second = pair
    with client_of(second) as client:
        token = token_of(client)
        form = {"token": token, "name": "清早", "kind": "frequency", "num_events": "7"}
        assert "已写入" in client.post("/alerts/rule", data=form).text
        hook = {"token": token, "name": "hook", "kind": "webhook", "url": "https://bot.example/k3y"}
        assert client.post("/settings/channel", data=hook).status_code == 200
    took = sharing.take(first).changed
    assert "alerts/清早.toml" in took and "delivery.toml" in took
    [secret] = [name for name in took if name.startswith("secrets/")]
    assert read(first, secret) == "https://bot.example/k3y\n"
    assert (first.root / secret).stat().st_mode & 0o077 == 0
    (first.alerts / "清早.toml").unlink()
    sharing.share(first)
    with client_of(second) as client:
        form["token"] = token_of(client)
        refused = client.post("/alerts/rule", data=form | {"was": "清早"}, params={"lang": "zh"})
    assert refused.status_code == 400 and "刚在别的机器上改过；这次没有写入" in refused.text
    assert not read(second, "alerts/清早.toml")


def test_before_the_first_share_an_edit_is_this_machines(tmp_path: Path, url: str) -> None:
    root = tmp_path / "lone"
    root.mkdir()
    (root / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
    home = Home.open(root)
    hosts.add_host(home, {"name": "青禾"}, [])
    assert sharing.standing(home) == {}
    with pytest.raises(Failed, match="No machine has shared its files"):
        sharing.join(Home(tmp_path / "other"), url)
    assert "hosts.toml" in sharing.share(home).changed


class TestTaking:
    def test_a_machine_that_only_serves_takes_what_is_handed_on(
        self, pair: tuple[Home, Home], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = pair
        hosts.add_host(first, {"name": "青禾"}, [])
        command = [sys.executable, "-m", "fengping", "--home", str(second.root), "run"]
        with subprocess.Popen([*command, "--role", "serve", "--port", "0"], stderr=subprocess.DEVNULL) as one:
            try:
                wait_for(lambda: "青禾" in read(second, "hosts.toml"), one)
            finally:
                one.terminate()
        monkeypatch.setattr(taking, "EVERY", 0.1)
        monkeypatch.setattr(taking, "_BEAT", 0.1)
        with taking.beside_console(second):
            for name in ("朝露", "山脚"):
                hosts.add_host(first, {"name": name}, [])
                wait_for(lambda name=name: name in read(second, "hosts.toml"))  # type: ignore[misc]

    def test_a_standby_that_waits_takes_it_too(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        lease = Lease(State.open(first), "here:1:x", time.monotonic)
        assert lease.take(datetime.now(UTC)) is None
        hosts.add_host(first, {"name": "青禾"}, [])
        with started(second, "index") as waiting:
            wait_for(lambda: lease.renew(datetime.now(UTC)) and "青禾" in read(second, "hosts.toml"), waiting)
            holder = held(State.open(first))
            assert holder is not None and holder.holder == "here:1:x"
            waiting.terminate()

    def test_a_fault_is_told_once(self, pair: tuple[Home, Home]) -> None:
        first, second = pair
        rounds = taking.Taking(second)
        for home in pair:
            home.hosts.write_text(f"# {home.root.name}\n", encoding="utf-8")
        sharing.share(first)
        with capture_logs() as said:
            rounds.round()
            rounds.round()
            with failing(State, "begin", StoreDown("It is away.")):
                rounds.round()
                rounds.round()
        assert [line["reason"] for line in said] == [
            "hosts.toml was changed here and elsewhere.",
            "It is away.",
        ]


def test_two_edits_on_one_machine_come_one_after_the_other(pair: tuple[Home, Home]) -> None:
    first, second = pair
    names = ["青禾", "朝露", "山脚"]
    threads = [threading.Thread(target=hosts.add_host, args=(second, {"name": n}, [])) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sharing.take(first)
    assert read(first, "hosts.toml") == read(second, "hosts.toml")
