"""A file of the home that becomes unreadable under a running schedule changes nothing, and is told once."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.making import document
from tests.meanwhile import failing
from tests.scheduler.walking import AtOnce
from tests.site.homes import list_source

from fengping.delivery import Book, Outbox, deliver_due
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.scheduler import in_force, ledger, watchman
from fengping.scheduler.faults import TOGETHER, not_in_force
from fengping.scheduler.in_force import InForce, open_watched
from fengping.scheduler.jobs import Job
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.loop import Loop
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.running import Children
from fengping.state import State

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = 'name = "夜班"\nkind = "frequency"\nnum_events = 5\nchannels = ["desk"]\n'
GOOD = {
    "fengping.toml": '[schedule]\nindex_every_minutes = 5\nnotify = ["desk"]\n[report]\ntitle = "周报"\n',
    "delivery.toml": '[channels.desk]\nkind = "file"\n',
    "hosts.toml": 'version = 1\n\n[[host]]\nname = "鹿十七"\n',
    "words.toml": '[words]\nrow = ["骂人"]\n',
    "alerts/night.toml": RULE,
    "sources/news.toml": list_source("http://127.0.0.1:9/a", ""),
}
BAD = {
    "fengping.toml": (GOOD["fengping.toml"] + "delay 3\n", "fengping.toml is not valid TOML", "at line 6"),
    "delivery.toml": ('[channels.desk]\nkind = "fil"\n', "Did you mean 'file'?", "delivery.toml"),
    "hosts.toml": ('version = 1\n[[host]]\nnam = "x"\n', "the key 'host.0.name' is missing", "hosts.toml"),
    "words.toml": ("[words\n", "at line 1", "words.toml"),
    "alerts/night.toml": (RULE + 'hosts = ["鹿十八"]\n', "names '鹿十八' in hosts", "夜班"),
    "sources/news.toml": ("kind = \n", "at line 1", "news.toml"),
}  # fmt: skip


@pytest.fixture
def good(home: Home) -> Home:
    for name, text in GOOD.items():
        write(home, name, text)
    with open_journal(home).writer() as journal:
        journal.append(document(1, None).raw)
    return Home.open(home.root)


def write(home: Home, name: str, text: str) -> None:
    path = home.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Service:
    """A schedule whose clock is a number; the named jobs are real commands, or what a test puts there."""

    def __init__(self, home: Home, *jobs: str, program: Callable[[Home], Outcome] | None = None) -> None:
        self.home, self.jobs, self.now = home, jobs, NOW
        self._program = program
        self._children = Children()
        self.loop = Loop(home, self._run, AtOnce())
        self.loop.tick(self.now)

    def _run(self, home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        if self._program is not None:
            return self._program(home)
        return self._children.run(home, job, due, at) if job.name in self.jobs else Outcome("ok")

    def on(self, minutes: int) -> None:
        for _ in range(minutes):
            self.now += MINUTE
            self.loop.tick(self.now)
            watchman.round(self.loop.home, State.open(self.home), self.now)

    def told(self) -> list[str]:
        deliver_due(self.loop.home, self.now)
        path = self.home.var / "delivery" / "messages.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        messages = [json.loads(line) for line in lines]
        said = [part.removeprefix("风评 ") for one in messages for part in (one["subject"], *one["lines"])]
        # Sources of this test answer nothing, and are said to; what is meant here names a file.
        return [one for one in said if "没有生效" in one]


def last(home: Home, job: str) -> ledger.Run:
    return ledger.latest(State.open(home), status="ok")[job]


SHORT = "delivery.toml", "alerts/night.toml"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in BAD]
)
def test_a_bad_file_changes_nothing_and_is_told_once_and_once_when_mended(good: Home, name: str) -> None:
    service = Service(good, program=lambda home: Outcome("ok", home.config.report.title))
    service.on(3)
    text, reason, file = BAD[name]
    write(good, name, text)
    service.on(9)
    [told] = service.told()
    said = not_in_force(good.root)[name]
    assert said.startswith(f"{name} is not in force: ") and reason in said and file in said
    assert told == in_chinese(said) and "var/in-force" not in told
    index = last(good, "index")
    assert (index.detail, index.started_at) == ("周报", NOW + 10 * MINUTE)
    write(good, name, GOOD[name])
    service.on(4)
    assert service.told() == [told, f"已恢复：{told}"]


@pytest.mark.long
def test_commands_of_the_schedule_get_what_was_good(good: Home) -> None:
    service = Service(good, "index", "alerts")
    for name in ("fengping.toml", "delivery.toml", "hosts.toml", "alerts/night.toml"):
        write(good, name, "= nothing that can be read")
    service.on(8)
    assert last(good, "index").counts["lines"] == 1
    assert last(good, "alerts").started_at > NOW
    assert len(service.told()) == 4
    assert fengping(good, "alerts", "check").returncode == 2  # by hand it is told


def test_a_child_reads_the_files_that_hold_wherever_it_opens_the_home(good: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from fengping.home import Home\n"
        "from fengping.delivery import Book; from fengping.spiders import Catalogue\n"
        "home = Home.open(Path(sys.argv[2]))\n"
        "print(home.config.report.title, *Book.load(home).channels, *Catalogue.load(home).active())"
    )
    files = InForce(good)
    files.take()
    for name, (text, *_) in BAD.items():
        write(good, name, text)
    home = files.take()
    assert set(files.faults) == set(BAD) - {"alerts/night.toml"} | {""}  # what a rule names is unreadable
    job = Job("x", None, "desk", lambda due: ("x",), timedelta(minutes=1))  # type: ignore[arg-type]
    outcome = Children((sys.executable, "-c", code)).run(home, job, NOW, NOW)
    assert (outcome.status, outcome.tail.split()) == ("ok", ["周报", "stdout", "file", "desk", "news"])


def test_what_files_say_together_is_told_as_well(good: Home) -> None:
    write(good, "alerts/night.toml", RULE.replace('["desk"]', '["file"]'))
    service = Service(good)
    (good.root / "delivery.toml").unlink()
    service.on(3)
    [told] = service.told()
    [said] = not_in_force(good.root).values()
    assert "fengping.toml: schedule.notify: 'desk' is no channel" in said and told == in_chinese(said)
    assert service.loop.home.config.schedule.notify == ("desk",)
    write(good, "fengping.toml", "")
    service.on(3)
    assert service.told() == [told, f"已恢复：{told}"]
    assert service.loop.home.config.schedule.notify == ("stdout", "file")


def test_other_files_go_on_changing_beside_a_bad_one(good: Home) -> None:
    service = Service(good)
    write(good, "sources/new.toml", "kind =")
    write(good, "alerts/second.toml", RULE.replace("夜班", "白班"))
    service.on(2)
    assert {path.name for path in service.loop.home.alerts.iterdir()} == {"night.toml", "second.toml"}
    assert [path.name for path in service.loop.home.sources.iterdir()] == ["news.toml"]
    (good.alerts / "second.toml").unlink()
    service.on(2)
    assert [path.name for path in service.loop.home.alerts.iterdir()] == ["night.toml"]


@pytest.mark.parametrize("name", [name for name in BAD if not name.startswith("sources")])
def test_a_first_start_with_a_bad_file_is_refused_with_its_sentence(good: Home, name: str) -> None:
    text, reason, file = BAD[name]
    write(good, name, text)
    done = fengping(good, "run")
    assert done.returncode == 2 and reason in done.stderr and file in done.stderr
    with pytest.raises(ConfigError, match=re.escape(reason)):
        InForce(Home(good.root)).take()


@pytest.mark.parametrize(
    "name", [name if "alerts" in name else pytest.param(name, marks=pytest.mark.long) for name in BAD]
)
def test_a_later_start_goes_on_with_what_last_held(good: Home, name: str) -> None:
    InForce(good).take()
    text, reason, _ = BAD[name]
    write(good, name, text)
    service = Service(open_watched(good.root), program=lambda home: Outcome("ok", home.config.report.title))
    service.on(6)
    [told] = service.told()
    said = not_in_force(good.root)[name]
    assert said.startswith(f"{name} is not in force: ") and reason in said and told == in_chinese(said)
    assert last(good, "index").detail == "周报"
    assert [path.name for path in service.loop.home.sources.iterdir()] == ["news.toml"]
    write(good, name, GOOD[name])
    service.on(2)
    assert not service.loop.files.faults


def test_a_later_start_goes_on_where_files_contradict_each_other(good: Home) -> None:
    InForce(good).take()
    (good.root / "delivery.toml").unlink()
    write(good, "alerts/night.toml", RULE.replace('["desk"]', '["file"]'))
    files = InForce(Home.open(good.root))
    home = files.take()
    assert list(files.faults) == [TOGETHER] and home.config.schedule.notify == ("desk",)
    assert "desk" in Book.load(home).channels


def test_a_later_start_leaves_out_a_file_that_never_held(good: Home) -> None:
    write(good, "more.toml", 'version = 1\n\n[[host]]\nname = "青禾"\n')
    write(good, "fengping.toml", GOOD["fengping.toml"] + '[analysis]\nhosts = ["more.toml"]\n')
    InForce(Home.open(good.root)).take()
    write(good, "alerts/new.toml", "kind =")
    files = InForce(open_watched(good.root))
    home = files.take()
    assert list(files.faults) == ["alerts/new.toml"]
    assert [path.name for path in home.alerts.iterdir()] == ["night.toml"]
    write(good, "fengping.toml", "= nothing")
    assert InForce(open_watched(good.root)).take().config.analysis.hosts[0].name == "more.toml"


def test_a_change_that_found_no_room_is_taken_up_once_there_is(good: Home) -> None:
    files = InForce(good)
    files.take()
    write(good, "alerts/night.toml", RULE.replace("num_events = 5", "num_events = 2"))

    with failing(in_force, "_written", OSError(28, "No space left on device")):
        files.take()
    assert "No space left" in files.faults[TOGETHER]
    assert "num_events = 2" in (files.take().alerts / "night.toml").read_text(encoding="utf-8")
    assert files.faults == {}


def test_a_copy_that_this_version_cannot_use_is_none(good: Home) -> None:
    copy = InForce(good).take().files
    for folder in (copy, good.root):
        (folder / "fengping.toml").write_text(BAD["fengping.toml"][0], encoding="utf-8")
    with pytest.raises(ConfigError, match="at line 6"):
        InForce(open_watched(good.root)).take()


def test_a_source_that_is_bad_from_the_start_hides_no_others(good: Home) -> None:
    write(good, "sources/odd.toml", "kind =")
    service = Service(good)
    assert set(service.loop.files.faults) == {"sources/odd.toml"}
    service.on(2)
    assert service.told()[0].startswith("sources/odd.toml没有生效：")


def test_status_and_doctor_say_that_the_file_is_not_in_force(good: Home) -> None:
    InForce(good).take()
    write(good, "fengping.toml", BAD["fengping.toml"][0])
    done = fengping(good, "status")
    assert (
        done.returncode == 1
        and "fengping.toml is not in force: " in done.stderr
        and "at line 6" in done.stderr
    )
    done = fengping(good, "doctor", "--json")
    files = json.loads(done.stdout)[0]
    assert (done.returncode, files["check"], files["ok"]) == (1, "files", False)
    assert "at line 6" in files["found"]
    assert [fengping(good, "run", *way).returncode for way in (("--list",), ("--log", "5"))] == [0, 0]
    write(good, "fengping.toml", GOOD["fengping.toml"])
    assert "not in force" not in fengping(good, "status").stderr
    assert json.loads(fengping(good, "doctor", "--json").stdout)[0]["ok"]


def test_a_service_that_takes_over_goes_on_with_what_held(good: Home) -> None:
    files = InForce(good)
    files.take()
    write(good, "fengping.toml", BAD["fengping.toml"][0])
    loop = Loop(files.home, lambda *_: Outcome("ok"), AtOnce(), files=files)
    loop.tick(NOW)
    assert loop.home.config.report.title == "周报" and set(loop.files.faults) == {"fengping.toml"}


def test_a_copy_that_somebody_removed_is_made_again_and_is_the_owner_s_alone(good: Home) -> None:
    files = InForce(good)
    folder = files.take().files
    assert folder.parent.stat().st_mode & 0o077 == 0
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    assert files.take().files == folder and (folder / "fengping.toml").exists()
    assert not list(folder.parent.glob("*.part"))


def test_a_backup_leaves_the_copies_out(good: Home, tmp_path: Path) -> None:
    InForce(good).take()
    done = fengping(good, "backup", str(tmp_path / "kept"))
    assert done.returncode == 0
    [made] = (tmp_path / "kept").glob("*.zst")
    assert fengping(Home(tmp_path / "again"), "restore", str(made)).returncode == 0
    assert (tmp_path / "again" / "fengping.toml").exists()
    assert not (tmp_path / "again" / "var" / "in-force").exists()
    assert Outbox.open(good).count(NOW)["dead"] == 0
