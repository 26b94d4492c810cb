"""Backups: a home made again from one is the same home; a damaged one is refused whole."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.commands import fengping
from tests.making import document

from fengping.errors import Damaged, HomeBusy, UsageError
from fengping.home import Home
from fengping.indexer import Filter, import_lock, open_journal, open_store
from fengping.scheduler import by_hand
from fengping.scheduler.lease import Lease
from fengping.scheduler.status import status
from fengping.services import backup, indexing
from fengping.services.home import doctor, make_home
from fengping.state import State

NOW = datetime(2020, 11, 12, tzinfo=UTC)


def texts(home: Home) -> list[str]:
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    return sorted(line.document.text for line in lines if line.document)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Home]:
    root = tmp_path / "full"
    make_home(Home(root))
    home = Home.open(root)
    with open_journal(home).writer() as journal:
        for number in range(7):
            journal.append(document(number, None).raw)
    indexing.index(home, NOW)
    assert home.salt  # made when it is first asked for
    (home.root / "delivery.toml").write_text('[channels.x]\nkind = "file"\npath = "y"\n', encoding="utf-8")
    yield home


def test_a_restored_home_is_the_same(full: Home, tmp_path: Path) -> None:
    made = backup.make(full, tmp_path / "safe", NOW)
    assert made.path.name == "fengping-20201112-080000.tar.zst"
    root = tmp_path / "again"
    backup.restore(made.path, root, NOW)
    again = Home.open(root)
    assert (again.identity, again.salt) == (full.identity, full.salt)
    assert texts(again) == texts(full)
    with closing(open_store(again)) as store:
        assert store.count(Filter()) == 7
    for name in ("fengping.toml", "delivery.toml", "alerts/host-negatives.toml", "hosts.toml"):
        assert (root / name).read_bytes() == (full.root / name).read_bytes()
    assert State.open(again).schema() == State.open(full).schema()
    # It goes on where it stood: nothing old is indexed twice, what is new is.
    with open_journal(again).writer() as journal:
        journal.append(document(99, None).raw)
    assert indexing.index(again, NOW).lines == 1


def test_a_home_whose_parts_stand_on_servers_is_not_indexed_there(full: Home, tmp_path: Path) -> None:
    full.config_file.write_text('store = "elasticsearch+http://127.0.0.1:9/fengping"\n', encoding="utf-8")
    made = backup.make(Home.open(full.root), tmp_path / "safe", NOW)
    restored = backup.restore(made.path, tmp_path / "again", NOW)
    assert (restored.is_indexed, restored.engines) == (False, ("store",))


def test_a_restored_home_waits_for_no_process_of_the_old_machine(full: Home, tmp_path: Path) -> None:
    old = Lease(State.open(full), "old-machine:4711:abcdef", time.monotonic)
    assert old.take(NOW) is None and status(full, NOW).holder == "old-machine:4711"
    made = backup.make(full, tmp_path / "safe", NOW)
    backup.restore(made.path, tmp_path / "again", NOW)
    again = Home.open(tmp_path / "again")
    assert status(again, NOW).holder == "" and not by_hand.is_scheduled(again, NOW)
    new = Lease(State.open(again), "new-machine:12:fedcba", time.monotonic)
    assert new.take(NOW) is None  # at once, and the old home keeps its own
    assert status(again, NOW).holder == "new-machine:12" and old.renew(NOW)


def test_by_the_commands_and_while_a_segment_grows(full: Home, tmp_path: Path) -> None:
    with open_journal(full).writer() as journal:
        journal.append(document(50, None).raw)
        done = fengping(full, "backup", str(tmp_path / "safe"), "--json")
    assert done.returncode == 0, done.stderr
    path = json.loads(done.stdout)["path"]
    target = Home(tmp_path / "again")
    assert fengping(full, "restore", path, "--check").returncode == 0
    done = fengping(target, "restore", path)
    assert done.returncode == 0, done.stderr
    assert len(texts(Home.open(target.root))) == 8
    assert "is not empty. Restore into" in fengping(target, "restore", path).stderr


def test_a_segment_that_is_closed_meanwhile_is_in_it(full: Home, tmp_path: Path) -> None:
    growing = open_journal(full).writer()
    growing.append(document(50, None).raw, document(51, None).raw)
    real, seen = backup._add, []

    def add(tar: Any, path: Path, name: str, contents: Any) -> None:
        if name.startswith("var/journal") and not seen:
            growing.close()
            with open_journal(full).writer() as later:
                later.append(document(52, None).raw)
        seen.append(name)
        real(tar, path, name, contents)

    with mock.patch.object(backup, "_add", add):
        made = backup.make(full, tmp_path / "safe", NOW)
    backup.restore(made.path, tmp_path / "again", NOW)
    again = Home.open(tmp_path / "again")
    assert set(texts(again)) >= {document(50, None).raw.text, document(51, None).raw.text}
    assert not [one for one in doctor(again) if one.name == "journal" and not one.ok]


@pytest.mark.parametrize("place", ["../kept/state.db", "{}/kept/state.db"])
def test_a_state_that_stands_elsewhere_comes_into_the_new_home(
    full: Home, tmp_path: Path, place: str
) -> None:
    (tmp_path / "kept").mkdir()
    home = Home.open(full.root)
    full.config_file.write_text(f'state = "sqlite:{place.format(tmp_path)}"\n', encoding="utf-8")
    home = Home.open(full.root)
    lease = Lease(State.open(home, anew=True), "old:1:a", time.monotonic)
    assert lease.take(NOW) is None
    made = backup.make(home, tmp_path / "safe", NOW)
    assert backup.verify(made.path) == made.files
    backup.restore(made.path, tmp_path / "deep" / "again", NOW)
    again = Home.open(tmp_path / "deep" / "again")
    assert Path(State.open(again).engine.url.database or "") == again.var / "state.db"
    assert lease.renew(NOW) and status(home, NOW).holder == "old:1" and status(again, NOW).holder == ""


def test_a_folder_that_is_a_link_is_said_not_to_be_in_it(full: Home, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (full.var / "evidence").symlink_to(tmp_path / "disk")
    assert f"{full.var / 'evidence'} is a link" in backup.make(full, tmp_path / "safe", NOW).remark


def test_the_last_ones_are_kept(full: Home, tmp_path: Path) -> None:
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe" / "other.txt").write_text("")
    for day in range(5):
        backup.make(full, tmp_path / "safe", NOW + timedelta(days=day), keep=2)
    names = sorted(path.name for path in (tmp_path / "safe").iterdir())
    assert names == ["fengping-20201115-080000.tar.zst", "fengping-20201116-080000.tar.zst", "other.txt"]


def test_of_a_folder_the_newest_is_taken(full: Home, tmp_path: Path) -> None:
    for hour in (8, 9):
        made = backup.make(full, tmp_path / "safe", NOW.replace(hour=hour))
    done = fengping(full, "restore", "--check", str(tmp_path / "safe"))
    assert done.returncode == 0 and made.path.name in done.stderr
    empty = fengping(full, "restore", "--check", str(tmp_path))
    assert empty.returncode == 2 and "holds no backup" in empty.stderr


def test_a_damaged_one_leaves_nothing_behind(full: Home, tmp_path: Path) -> None:
    path = backup.make(full, tmp_path / "safe", NOW).path
    whole = path.read_bytes()
    for bad in (whole[: len(whole) // 2], whole[:900] + b"\0\0\0" + whole[903:], b"", b"PK"):
        path.write_bytes(bad)
        with pytest.raises(Damaged, match="Take an earlier one"):
            backup.restore(path, tmp_path / "again", NOW)
        assert not (tmp_path / "again").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".again")] == []
    with pytest.raises(UsageError, match="is not there"):
        backup.verify(tmp_path / "none")


def test_a_folder_within_the_home_holds_no_earlier_backup(full: Home) -> None:
    first = backup.make(full, Path("backups"), NOW)
    second = backup.make(full, Path("backups"), NOW + timedelta(days=1))
    assert second.files == first.files
    with pytest.raises(UsageError, match="part of the home's own data"):
        backup.make(full, Path("var/backups"), NOW)


def test_it_waits_for_no_import_and_says_so(full: Home, tmp_path: Path) -> None:
    with import_lock(full), pytest.raises(HomeBusy, match="imports into this home"):
        backup.make(full, tmp_path / "safe", NOW)
    assert list((tmp_path / "safe").iterdir()) == []
