"""An operator of a new home is told by ``status``, ``doctor`` and ``run`` what matters, at once."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from tests.commands import fengping
from tests.making import document, new_home

from fengping.errors import Failed, StoreError, UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.scheduler import running, watchman
from fengping.scheduler.jobs import Job
from fengping.scheduler.lease import Lease
from fengping.scheduler.metrics import figures
from fengping.scheduler.running import Children
from fengping.scheduler.status import status
from fengping.scheduler.times import Every
from fengping.services import integrity
from fengping.services.erase import Wanted, find, forget
from fengping.services.home import doctor
from fengping.state import State

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)
OTHER_USER = 65534


def examined(home: Home) -> dict[str, tuple[bool, str]]:
    return {one.name: (one.ok, one.found) for one in doctor(home)}


def test_documents_that_could_not_be_judged_are_counted_everywhere(home: Home) -> None:
    assert status(home, NOW).unjudged == 0 and examined(home)["quarantine"][0]
    home.quarantine.mkdir(parents=True)
    entry = {"file": "00000001", "line": 2, "status": "unjudged", "reason": "ValueError: no", "data": "{}"}
    other = entry | {"status": "torn", "line": 3}
    lines = (entry, entry, entry | {"line": 4}, other)
    (home.quarantine / "index.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    found = status(home, NOW)
    assert (found.unjudged, found.to_record()["index"]["unjudged"]) == (2, 2)
    [said] = [one for one in found.troubles if "judged" in one]
    assert said.startswith("2 documents could not be judged and are not in the index (ValueError: no)")
    assert "Each fengping index tries them again" in said
    assert examined(home)["quarantine"] == (False, said)
    shown = {one.name: one for one in figures(home, lambda: closing(open_store(home)), NOW)}
    assert shown["fengping_unjudged"].samples[0].value == 2


@pytest.fixture
def older(home: Home) -> Home:
    """A home whose repost groups another version made, with one document in journal and index."""
    one = document(1, NOW)
    with open_journal(home).writer() as writer:
        writer.append(one.raw)
    with closing(open_store(home)) as store:
        store.put([one])
    State.open(home)
    (home.var / "groups").mkdir(parents=True)
    (home.var / "groups" / "version").write_text("reposts-1")
    return home


def test_repost_groups_of_another_version_are_told_before_anything_stops(older: Home) -> None:
    told = "The repost groups were made by reposts-1"
    assert not examined(older)["repost groups"][0]
    for said in (examined(older)["repost groups"][1], *watchman.beginning(older)):
        assert said.startswith(told) and "fengping reindex" in said
    assert any(one.startswith(told) for one in status(older, NOW).troubles)
    assert len(watchman.beginning(older)) == 1


def test_what_would_refuse_half_way_refuses_before_anything_is_forgotten(older: Home) -> None:
    wanted = Wanted.make(older, author="", urls=[], before=NOW + timedelta(days=1))
    with pytest.raises(StoreError, match="fengping reindex"):
        forget(older, wanted, find(older, wanted), NOW)
    with closing(open_store(older)) as store:
        assert store.count(Filter()) == 1
    (older.var / "groups" / "version").unlink()
    writer = open_journal(older).writer()
    writer.append(document(2, NOW).raw)
    writer.sync()
    with pytest.raises(UsageError, match="running process writes"):
        forget(older, wanted, find(older, wanted), NOW)
    with closing(open_store(older)) as store:
        assert store.count(Filter()) == 1
    writer.close()
    assert forget(older, wanted, find(older, wanted), NOW).counts["documents"] == 2


def test_a_secret_that_is_not_there_is_told_at_once(home: Home, environ: MutableMapping[str, str]) -> None:
    environ.pop("NO_SUCH_URL", None)
    home.config_file.write_text('[schedule]\nheartbeat = "$NO_SUCH_URL"\n', encoding="utf-8")
    (home.root / "delivery.toml").write_text(
        '[channels.duty]\nkind = "wecom"\nurl = "$NO_SUCH_URL"\n', encoding="utf-8"
    )
    home = Home.open(home.root)
    told = ["The heartbeat is not sent: The variable NO_SUCH_URL", "duty cannot send: The variable NO_SUCH_U"]
    for found in (watchman.beginning(home), status(home, NOW).troubles):
        said = [one for one in found if "NO_SUCH_URL" in one]
        assert [one[: len(start)] for one, start in zip(said, told, strict=True)] == told
    ok, sentence = examined(home)["secrets of channels"]
    assert not ok and all(start in sentence for start in told)


def test_where_a_service_runs_its_environment_counts(home: Home, environ: MutableMapping[str, str]) -> None:
    home.config_file.write_text('[schedule]\nheartbeat = "$A_URL"\n', encoding="utf-8")
    home, state = Home.open(home.root), State.open(home)
    Lease(state, "host:1:x", lambda: 0.0).take(NOW)
    environ["A_URL"] = "http://127.0.0.1:9/"
    watchman.round(home, state, NOW)
    del environ["A_URL"]
    assert not any("A_URL" in one for one in status(home, NOW).troubles)
    watchman.round(home, state, NOW)
    assert any("A_URL" in one for one in status(home, NOW).troubles)
    environ["A_URL"] = "http://127.0.0.1:9/"
    watchman.round(home, state, NOW)
    assert not any("A_URL" in one for one in status(home, NOW).troubles)


@contextmanager
def as_another() -> Iterator[None]:
    os.seteuid(OTHER_USER)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
def test_files_of_another_user_are_named_with_their_owner() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        home = new_home(Path(folder))
        with closing(open_store(home)) as store:
            store.put([document(1, NOW)])
        for path in (home.root, *home.root.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        assert integrity.check_own(home)
        index = next(path for path in (home.var / "index").rglob("meta.json"))
        index.chmod(0o600)
        home.quarantine.mkdir(mode=0o777)
        home.quarantine.chmod(0o777)
        (home.quarantine / "index.jsonl").touch(0o600)
        remedy = rf"read or write 2 files .*{index} belongs to root.* chown -R \S+ {home.root}"
        with as_another():
            with pytest.raises(Failed, match=remedy):
                integrity.check_own(home)
            assert any(f"{index} belongs to root" in one for one in status(home, NOW).troubles)
            checks = examined(home)
            assert not checks["files of the home"][0] and checks["configuration"][0]
            ok, found = checks["quarantine"]
            assert not ok and found.endswith("index.jsonl belongs to root.")
            told = pytest.raises(StoreError, match=rf"{index} belongs to root\. chown -R")
            with told, closing(open_store(home)) as store:
                store.count(Filter())


def test_the_screen_of_status_fits_a_terminal_and_begins_with_the_troubles(home: Home) -> None:
    done = fengping(home, "status")
    assert done.returncode == 1
    assert done.stderr.startswith("No source is enabled")
    assert "not judged" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_log_of_the_schedule_goes_on_in_a_new_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOG_BYTES", 300)
    monkeypatch.setattr(running, "LOG_FILES", 2)
    children = Children((sys.executable, "-c", "print('x' * 200)"))
    job = Job("some", Every(5), "keep", lambda due: ("work",), timedelta(minutes=5))
    for _ in range(5):
        assert children.run(home, job, NOW, NOW).status == "ok"
    files = sorted((home.var / "log").iterdir())
    assert [path.name for path in files] == ["schedule.log", "schedule.log.1", "schedule.log.2"]
    assert all(path.read_text().startswith("2020-11-12T08:00:00Z work\n") for path in files)
