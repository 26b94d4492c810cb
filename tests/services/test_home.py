"""A home is made with the sources it is to crawl, and one that collects nothing says so."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.making import document, put
from tests.site.homes import list_source

from fengping import __version__
from fengping.cli.app import app
from fengping.cli.terminal import write_table
from fengping.clock import now
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.scheduler import watchman
from fengping.scheduler.watchman import beginning
from fengping.services.home import NOTHING, Check, choose_sources, doctor, make_home, public_sources
from fengping.state import State


def ended(home: Home) -> bool:
    """True if the check of the collection is fine."""
    [check] = [one for one in doctor(home) if one.name == "collection"]
    return check.ok


def test_a_home_takes_the_sources_it_is_told(tmp_path: Path) -> None:
    made = make_home(Home(tmp_path / "a"), choose_sources("ccn, weibo-hot"))
    assert made.sources == ("ccn", "weibo-hot")
    assert Home.open(tmp_path / "a").config.crawl.sources == ("ccn", "weibo-hot")
    again = make_home(Home(tmp_path / "a"), choose_sources("public"))
    assert (again.written, again.sources) == ((), ())
    assert Home.open(tmp_path / "a").config.crawl.sources == ("ccn", "weibo-hot")


def test_public_sources_need_no_login() -> None:
    public = public_sources()
    assert len(public) > 20
    assert all(source.browser is None or not source.browser.session for source in public.values())
    assert choose_sources("public") == tuple(public)
    assert choose_sources("none") == ()


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'weibo-hott' ships\. Did you mean 'weibo-hot'"):
        choose_sources("ccn,weibo-hott")
    done = fengping(Home(tmp_path / "x"), "init", "--sources", "weibo-hott")
    assert done.returncode == 2 and not (tmp_path / "x").exists()


def test_a_home_that_collects_nothing_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert fengping(home, "init").returncode == 0
    for command in (("run",), ("doctor",)):
        done = fengping(home, *command, COLUMNS="400")
        assert done.returncode == 1
        assert NOTHING in done.stdout + done.stderr and "fengping source list" in done.stdout + done.stderr


def test_a_source_or_an_import_is_something(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_home(home)
    home = Home.open(home.root)
    assert not ended(home)
    file = tmp_path / "posts.jsonl"
    file.write_text(json.dumps({"text": "直播间样例"}), encoding="utf-8")
    assert fengping(home, "import", str(file), "--source", "x").returncode == 0
    assert ended(home)
    other = Home(tmp_path / "other")
    make_home(other)
    (other.sources / "mine.toml").write_text(list_source("https://news.example/list.html"), encoding="utf-8")
    assert ended(Home.open(other.root))


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = fengping(Home(tmp_path / "demo"), "demo", "--port", str(port))
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert f"Port {port} cannot be had" in done.stderr and "--port" in done.stderr
        assert not (tmp_path / "demo").exists()


def test_the_version_is_said_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"fengping {__version__}\n")


def test_what_stands_in_brackets_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(("check", "found"), [("retention", "[retention] limits it")])
    assert "[retention] limits it" in capsys.readouterr().out


def test_doctor_names_a_salt_that_was_emptied_or_lengthened_and_a_path_of_a_file_channel(home: Home) -> None:
    def told(name: str) -> Check:
        [check] = [one for one in doctor(Home.open(home.root)) if one.name == name]
        return check

    assert told("salt").ok and not (home.var / "salt").exists()
    assert len(home.salt) == 32 and told("salt").ok
    for content in (b"", home.salt + b"\n"):
        (home.var / "salt").write_bytes(content)
        assert not told("salt").ok and f"holds {len(content)} bytes instead of 32" in told("salt").found
    (home.root / "delivery.toml").write_text('[channels.a]\nkind = "file"\npath = "var/salt"\n', "utf-8")
    assert not told("channels").ok and "into var/delivery/ alone" in told("channels").found


def test_doctor_names_a_salt_that_is_gone_while_authors_are_stored(home: Home) -> None:
    made = document(1, now(), "客服不理")
    store = open_store(home)
    put(home, store, [replace(made, raw=replace(made.raw, author_id="0" * 32))])
    store.close()
    [check] = [one for one in doctor(Home.open(home.root)) if one.name == "salt"]
    assert not check.ok and "is missing, and stored authors are hashed with it" in check.found


def test_doctor_reads_the_secrets_of_each_channel(home: Home, environ: MutableMapping[str, str]) -> None:
    (home.root / "delivery.toml").write_text(
        '[channels.duty]\nkind = "dingtalk"\nurl = "$DUTY_URL"\nsecret = "file:secrets/duty"\n',
        encoding="utf-8",
    )

    def told() -> Check:
        [check] = [one for one in doctor(Home.open(home.root)) if one.name == "secrets of channels"]
        return check

    missing = told()
    assert not missing.ok and missing.found.startswith("duty cannot send: The variable DUTY_URL is not set.")
    assert str(home.root / "secrets/duty") in missing.found and "where doctor runs" in missing.found
    environ["DUTY_URL"] = "https://robot.example/send?access_token=0123456789"
    (home.root / "secrets").mkdir()
    (home.root / "secrets/duty").write_text("SEC0123", encoding="utf-8")
    assert told() == Check("secrets of channels", True, "all can be read")


@pytest.mark.parametrize(
    "mistyped", ["https://me:geheim@hook.example.cn：8443/tok-4711", "https://[hook/geheim"]
)
def test_a_mistyped_address_is_told_without_what_stands_in_it(
    home: Home, mistyped: str, environ: MutableMapping[str, str]
) -> None:
    environ["HOOK"] = mistyped
    home.config_file.write_text('[schedule]\nheartbeat = "$HOOK"\n', encoding="utf-8")
    written = home.root / "delivery.toml"
    written.write_text('[channels.duty]\nkind = "webhook"\nurl = "$HOOK"\n', encoding="utf-8")
    one = Home.open(home.root)
    [check] = [one for one in doctor(one) if one.name == "secrets of channels"]
    assert check.found.startswith("The heartbeat is not sent: What stands in $HOOK is no address.")
    assert "duty cannot send: What stands in $HOOK is no address." in check.found
    said = [check.found, *beginning(one)]
    said += [trouble.sentence for trouble in watchman.round(one, State.open(one), now())]
    assert "is no address" in said[-1] and "geheim" not in "".join(said)
    written.write_text(f'[channels.duty]\nkind = "webhook"\nurl = "{mistyped}"\n', encoding="utf-8")
    [check] = [one for one in doctor(one) if one.name == "channels"]
    assert not check.ok and "url is no address: write https://…, $NAME or file:PATH" in check.found
    assert "geheim" not in check.found and "duty" in check.found


def test_doctor_names_a_host_whose_page_cannot_be_asked_for(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "朋友/直播间"\n[[host]]\nname = "甲某某"\n', encoding="utf-8")
    found = {one.name: one for one in doctor(home)}["hosts"]
    assert not found.ok and "'朋友/直播间' cannot be" in found.found and "甲某某" not in found.found
    home.hosts.write_text('[[host]]\nname = "甲某某"\naliases = ["朋友/直播间"]\n', encoding="utf-8")
    found = {one.name: one for one in doctor(home)}["hosts"]
    assert found.ok and found.found.endswith(" hosts")


def test_a_notice_to_a_name_that_is_none_is_told_by_doctor(home: Home) -> None:
    home.config_file.write_text('[schedule]\nnotify = ["stdot"]\n', encoding="utf-8")
    [check] = [one for one in doctor(Home.open(home.root)) if one.name == "channels"]
    assert not check.ok and "schedule.notify" in check.found and "stdout" in check.found


def test_doctor_says_that_nothing_runs_the_schedule_and_how_many_sources_are_enabled(home: Home) -> None:
    for command in ("doctor", "status"):
        assert "not running: fengping run" in fengping(home, command, COLUMNS="200").stdout
    found = {one.name: one for one in doctor(home)}["sources"]
    assert re.fullmatch("[0-9]+ sources, 0 of them enabled", found.found)
