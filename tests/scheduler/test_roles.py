"""Machines of one deployment by role: who does what, joining, and what doctor says is missing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import delete
from tests import postgres
from tests.commands import fengping
from tests.site.homes import list_source

from fengping.errors import ConfigError, Failed, UsageError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.pipeline import models
from fengping.models import RawDocument
from fengping.scheduler import by_hand, plan, service
from fengping.scheduler.lease import Lease, held
from fengping.scheduler.roles import Role, Scope, roles_of
from fengping.scheduler.troubles import Look
from fengping.services import sharing
from fengping.services.deployment import check_deployment
from fengping.state import State
from fengping.state.lease import at_work, leases, present

pytestmark = pytest.mark.long


@pytest.fixture
def url(postgres_server: str) -> str:
    return postgres.database(postgres_server)


@pytest.fixture
def first(tmp_path: Path, url: str) -> Home:
    """The first machine of a deployment, its files shared."""
    root = tmp_path / "first"
    for folder in ("sources", "alerts"):
        (root / folder).mkdir(parents=True)
    (root / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
    (root / "hosts.toml").write_text("", encoding="utf-8")
    (root / "sources" / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    home = Home.open(root)
    done = fengping(home, "share")
    assert done.returncode == 0, done.stderr
    return home


def joined(first: Home, url: str, name: str = "second") -> Home:
    home = Home(first.root.parent / name)
    done = fengping(home, "init", "--join", url)
    assert done.returncode == 0, done.stderr
    assert "identity and salt" in done.stdout
    return Home.open(home.root)


class TestSharing:
    def test_a_machine_that_joins_is_the_same_home(self, first: Home, url: str) -> None:
        second = joined(first, url)
        assert (second.identity, second.salt) == (first.identity, first.salt)
        assert second.config == first.config
        assert (second.sources / "news.toml").read_bytes() == (first.sources / "news.toml").read_bytes()
        for name in ("salt", "identity"):
            assert (second.var / name).stat().st_mode & 0o077 == 0
        assert State.open(second).schema() == State.open(first).schema()

    def test_what_changes_is_taken_and_what_goes_goes(self, first: Home, url: str) -> None:
        second = joined(first, url)
        (first.root / "delivery.toml").write_text("# ways out\n", encoding="utf-8")
        (first.sources / "news.toml").unlink()
        assert fengping(first, "share").returncode == 0
        assert sharing.take(second).changed == ("delivery.toml", "sources/news.toml")
        assert not (second.sources / "news.toml").exists()
        assert sharing.take(second).changed == ()

    def test_a_file_changed_on_both_sides_is_named_and_left(self, first: Home, url: str) -> None:
        second = joined(first, url)
        for home, text in ((first, "# one\n"), (second, "# two\n")):
            home.hosts.write_text(text, encoding="utf-8")
        assert fengping(first, "share").returncode == 0
        done = fengping(second, "share", "--take")
        assert done.returncode == 1
        assert "hosts.toml was changed here and elsewhere" in done.stderr
        assert second.hosts.read_text(encoding="utf-8") == "# two\n"

    def test_engines_that_only_the_first_machine_names_are_asked_for(
        self, first: Home, url: str, tmp_path: Path, environ: MutableMapping[str, str]
    ) -> None:
        first.config_file.write_text("", encoding="utf-8")
        environ["FENGPING_STATE"] = url
        assert fengping(first, "share").returncode == 0
        assert fengping(Home(tmp_path / "third"), "init", "--join", url).returncode == 0
        del environ["FENGPING_STATE"]
        done = fengping(Home(tmp_path / "second"), "init", "--join", url)
        assert done.returncode == 1
        assert "does not name its engines" in done.stderr
        assert "FENGPING_STATE" in done.stderr
        assert not (tmp_path / "second").exists()
        with pytest.raises(Failed, match="nothing reaches the others"):
            check_deployment(Home.open(tmp_path / "third"))

    def test_a_join_that_was_broken_off_goes_on(self, first: Home, url: str, tmp_path: Path) -> None:
        begun = Home(tmp_path / "second")
        begun.var.mkdir(parents=True)
        (begun.var / "identity").write_bytes((first.var / "identity").read_bytes())
        assert joined(first, url).salt == first.salt
        begun.config_file.unlink()  # a machine that lost it
        assert joined(first, url).config == first.config
        other = Home(tmp_path / "third")
        other.var.mkdir(parents=True)
        (other.var / "identity").write_text("another", encoding="utf-8")
        with pytest.raises(UsageError, match="is a home already"):
            sharing.join(other, url)

    def test_bad_input_ends_in_a_sentence(self, first: Home, url: str, tmp_path: Path, home: Home) -> None:
        with pytest.raises(UsageError, match="is a home already"):
            sharing.join(first, url)
        with pytest.raises(UsageError, match="no state that machines share"):
            sharing.join(Home(tmp_path / "x"), "sqlite:///x")
        with pytest.raises(Failed, match=r"No machine has shared its files.*fengping share"):
            sharing.join(Home(tmp_path / "x"), url.rpartition("/")[0] + "/postgres")
        with pytest.raises(UsageError, match="file of this machine"):
            sharing.share(home)


class TestRoles:
    def test_each_service_runs_its_own_jobs(self, first: Home) -> None:
        everything = Scope.of(first, roles_of([])).jobs(first)
        leading = Scope.of(first, frozenset({Role.INDEX})).jobs(first)
        collecting = Scope.of(first, frozenset({Role.COLLECT})).jobs(first)
        assert set(everything) == {*leading, "collect"}
        assert list(collecting) == [f"collect@{first.machine}"]

    def test_an_unknown_role_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"no role 'colect'.*Did you mean 'collect'"):
            roles_of(["index,colect"])

    def test_a_collector_and_an_indexer_at_work_beside_each_other(self, first: Home, url: str) -> None:
        second = joined(first, url)
        state = State.open(first)
        with started(first, "index") as leader, started(second, "collect") as collector:
            wait_for(lambda: {role for role, _ in at_work(state)} == {"index", "collect"}, leader, collector)
            wait_for(lambda: f"collect@{second.machine}" in plan.places(state), leader, collector)
            wait_for(lambda: "index" in plan.places(state), leader, collector)
            assert "collect" not in plan.places(state)
            assert check_deployment(first).count(" on ") == 2
            for process in (leader, collector):
                process.send_signal(signal.SIGTERM)
            assert [process.wait(60) for process in (leader, collector)] == [0, 0]
        assert at_work(state) == []
        assert held(state) is None

    @pytest.mark.parametrize("frontier", ["", "redis://127.0.0.1:1/0"], ids=["alone", "shared"])
    def test_machines_without_a_role_each_collect_where_they_share_a_frontier(
        self, first: Home, url: str, frontier: str
    ) -> None:
        with first.config_file.open("a", encoding="utf-8") as file:
            file.write(f'[crawl]\nfrontier = "{frontier}"\n')
        sharing.share(first)
        first, second = Home.open(first.root), joined(first, url)
        state = State.open(first)
        own = {f"collect@{home.machine}" for home in (first, second)} if frontier else {"collect"}
        with started(first, "collect,index") as one, started(second, "collect,index") as two:
            wait_for(lambda: [role for role, _ in at_work(state)].count("index") == 2, one, two)
            wait_for(lambda: {*own, "index"} <= plan.places(state).keys(), one, two)
            assert {name for name in plan.places(state) if name.startswith("collect")} == own
            assert [role for role, _ in at_work(state)].count("collect") == len(own)
            assert {one.job for one in service.planned(first)} >= own
            by_hand.pause(first, "collect", on=True)
            paused = {one.job for one in service.planned(Home.open(first.root)) if one.paused}
            assert paused == own
            for process in (one, two):
                process.send_signal(signal.SIGTERM)
            assert [process.wait(60) for process in (one, two)] == [0, 0]

    def test_a_process_whose_row_was_cleared_away_shows_itself_again(
        self, first: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The state was away for longer than a row lasts, and another process came first."""
        monkeypatch.setattr("fengping.state.lease.BEAT", 0.05)
        state = State.open(first)
        with present(first, "index"):
            with state.begin() as connection:
                connection.execute(delete(leases))
            wait_for(lambda: [role for role, _ in at_work(state)] == ["index"])
        assert at_work(state) == []

    def test_a_container_that_is_started_again_takes_its_own_row_over(self, first: Home) -> None:
        with present(first, "index"), present(first, "index"):
            assert [role for role, _ in at_work(State.open(first))] == ["index"]

    def test_doctor_names_the_roles_that_nobody_is_at_work_in(self, first: Home) -> None:
        with present(first, "index"):
            with pytest.raises(Failed, match=r"No machine collects: .*fengping run --role collect$"):
                check_deployment(first)
            with present(first, "collect"):
                assert "no console is at work (fengping run --role serve)" in check_deployment(first)
                with present(first, "serve"):
                    assert "console" not in check_deployment(first)
        with (
            present(first, "serve"),
            pytest.raises(Failed, match=r"No machine indexes.* --role index,collect"),
        ):
            check_deployment(first)

    def test_doctor_says_which_part_is_missing(self, first: Home) -> None:
        with pytest.raises(Failed, match=r"No machine indexes.*No machine collects.*--role index,collect"):
            check_deployment(first)  # nobody at all is at work
        with present(first, "collect"):
            with pytest.raises(Failed, match=r"No machine indexes.*fengping run --role index"):
                check_deployment(first)
            with (
                mock.patch("platform.node", lambda: "elsewhere"),
                present(first, "index"),
                pytest.raises(Failed, match=r"journal is a file of this machine.*kafka"),
            ):
                check_deployment(first)


def test_a_machine_whose_clock_is_an_hour_off_sees_that_the_leader_lives(first: Home) -> None:
    state = State.open(first)
    mine = Lease(state, "here:1:x", time.monotonic)
    for hours in (-1, 0, 1):
        assert mine.take(datetime.now(UTC) + timedelta(hours=hours)) is None or mine.renew(datetime.now(UTC))
        for off in (-1, 0, 1):
            assert Look(first, state, datetime.now(UTC) + timedelta(hours=off)).alive


class TestModels:
    def test_another_registry_on_the_standby_is_refused(self, first: Home, url: str) -> None:
        second = joined(first, url)
        models.agree(first, State.open(first))
        models.agree(second, State.open(second))
        second.hosts.write_text("# changed\n", encoding="utf-8")
        models.agree(first, State.open(first))
        with pytest.raises(
            ConfigError, match=r"by other files than .* indexed last: hosts.toml\..*share --take.*reindex"
        ):
            models.agree(second, State.open(second))
        second.hosts.unlink()
        sharing.take(second, missing=True)
        models.agree(second, State.open(second))

    def test_what_the_refused_one_had_waits_and_is_indexed_once_it_is_alike(
        self, first: Home, url: str
    ) -> None:
        second = joined(first, url)
        assert fengping(first, "index").returncode == 0
        models.agree(first, State.open(first))
        second.hosts.write_text("# changed\n", encoding="utf-8")
        with open_journal(second).writer() as writer:
            writer.append(RawDocument("a" * 32, "news", "赠品没有寄到", datetime.now(UTC)))
        refused = fengping(second, "index")
        assert (refused.returncode, refused.stderr.count("share --take")) == (2, 1)
        second.hosts.unlink()
        assert fengping(second, "share", "--take").returncode == 0
        assert json.loads(fengping(second, "index", "--json").stdout)["statuses"] == {"new": 1}

    def test_a_leader_may_change_its_own(
        self, first: Home, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        state = State.open(first)
        models.agree(first, state)
        first.hosts.write_text("# changed\n", encoding="utf-8")
        models.agree(first, state)
        second = joined(first, url)
        monkeypatch.setattr(models, "__version__", "0.3.0")
        models.agree(second, state)
        monkeypatch.setattr(models, "__version__", "0.1.0")
        with pytest.raises(ConfigError, match=r"which indexed last, by 0\.3\.0"):
            models.agree(first, state)


def started(home: Home, role: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), "run", "--role", role]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(condition: Callable[[], bool], *processes: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
            for process in processes:
                process.kill()
            pytest.fail("the services did not get there")
        time.sleep(0.1)
