"""Reports of the schedule by outlines of the home: their commands, recipients, and faults."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests.commands import fengping

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.scheduler.faults import faults
from fengping.scheduler.in_force import InForce
from fengping.scheduler.jobs import jobs_of
from fengping.scheduler.status import status
from fengping.services.channels import configured, users

FRIDAY = datetime(2020, 11, 13, 1, tzinfo=UTC)
DELIVERY = '[channels.desk]\nkind = "file"\n[recipients]\noffice = ["desk"]\nlead = ["desk"]\n'
OUTLINE = 'like = "custom"\ndays = 14\nrecipients = ["office"]\n'


def planned(home: Home, outline: str | None = OUTLINE, to: str = "", kind: str = "mine.toml") -> Home:
    home.config_file.write_text(
        f'[schedule]\nweekly_report = ""\n[[schedule.reports]]\nkind = "{kind}"\nat = "08:00"\n{to}\n',
        "utf-8",
    )
    (home.root / "delivery.toml").write_text(DELIVERY, "utf-8")
    if outline is not None:
        (home.root / "mine.toml").write_text(outline, "utf-8")
    return Home.open(home.root)


def test_an_outline_is_written_with_its_days_to_its_recipients(home: Home) -> None:
    ready = planned(home)
    command = jobs_of(ready)["report-mine"].command(FRIDAY)
    days = ("--from", "2020-10-30", "--to", "2020-11-12")
    assert command == ("report", str(home.root / "mine.toml"), *days, "--send", "office", "--json")
    assert configured(ready)["schedule.reports mine.toml"] == ("office",)
    assert [*users(ready, "office")] == ["The key schedule.reports mine.toml of fengping.toml"]
    other = jobs_of(planned(home, to='to = ["lead"]'))["report-mine"].command(FRIDAY)
    assert other[-3:] == ("--send", "lead", "--json")


def test_all_who_get_reports_of_one_kind_are_counted_as_its_readers(home: Home) -> None:
    twice = 'to = ["lead"]\n[[schedule.reports]]\nkind = "mine.toml"\nat = "18:00"'
    ready = planned(home, to=twice)
    assert configured(ready)["schedule.reports mine.toml"] == ("lead", "office")
    assert {"report-mine", "report-mine-2"} <= jobs_of(ready).keys()


def test_an_outline_like_an_events_has_the_days_of_the_event(home: Home) -> None:
    ready = planned(home, 'like = "event"\nfocus = "abc"\nname = "dossier"\n')
    assert jobs_of(ready)["report-dossier"].command(FRIDAY) == (
        "report", str(home.root / "mine.toml"), "--json"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outline", "kind", "said"),
    [
        (None, "mine.toml", "There is no outline mine.toml in the home."),
        ('like = "host"\ndays = 7\n', "mine.toml", "schedule.reports: mine.toml is about no host."),
        ('title = "x"\n', "mine.toml", "schedule.reports: mine.toml has no days."),
        (OUTLINE, "custom", "schedule.reports: custom has no days."),
        (OUTLINE, "event", "schedule.reports: event is about no event."),
    ],
)
def test_what_cannot_be_written_by_itself_is_told(
    home: Home, outline: str | None, kind: str, said: str
) -> None:
    with pytest.raises(FengpingError) as refused:
        jobs_of(planned(home, outline, kind=kind))
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", ["../mine.toml", "/tmp/mine.toml"])
def test_an_outline_outside_of_the_home_is_refused(home: Home, kind: str) -> None:
    with pytest.raises(FengpingError, match="does not lie in the home: write its path from there"):
        planned(home, kind=kind)


@pytest.mark.parametrize(
    ("outline", "key", "said"),
    [
        ('likes = "weekly"\n', "mine.toml", "Did you mean 'like'?"),
        ('days = 3\ncuts = ["platfrom"]\n', "mine.toml", "Did you mean 'platform'?"),
        (None, "", "There is no outline mine.toml in the home."),
        ('days = 3\nrecipients = ["offce"]\n', "", "offce"),
    ],
)
def test_doctor_and_status_name_an_outline_that_is_missing_or_faulty(
    home: Home, outline: str | None, key: str, said: str
) -> None:
    ready = planned(home, outline)
    assert list(faults(home.root)) == [key] and said in faults(home.root)[key]
    done = fengping(home, "doctor", "--json")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1 and not checks["files"]["ok"] and said in checks["files"]["found"]
    told = status(ready, FRIDAY).troubles
    assert any(said in trouble and trouble.startswith(f"{key or 'What the files'}") for trouble in told)


def test_a_schedule_goes_on_with_the_outline_that_was_good(home: Home) -> None:
    ready = planned(home, 'days = 14\nbackground = "cited.toml"\n')
    (home.root / "cited.toml").write_text('[[figure]]\ntext = "一"\nsource = "二"\n', "utf-8")
    service = InForce(ready)
    service.take()
    (home.root / "mine.toml").write_text("days = 0\n", "utf-8")
    held = service.take()
    assert "mine.toml" in service.faults
    assert jobs_of(held)["report-mine"].command(FRIDAY)[3] == "2020-10-30"
    (home.root / "mine.toml").unlink()
    assert jobs_of(service.take())["report-mine"].command(FRIDAY)[3] == "2020-10-30"
    assert "There is no outline mine.toml" in service.faults[""]
    (home.root / "mine.toml").write_text("days = 7\n", "utf-8")
    assert jobs_of(service.take())["report-mine"].command(FRIDAY)[3] == "2020-11-06"
    assert not service.faults
