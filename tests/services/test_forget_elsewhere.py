"""Documents forgotten on one machine of a deployment leave the files of the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.scheduler.test_roles import first, joined, url, wait_for

from fengping.erasure import noted
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument, document_id
from fengping.scheduler import taking
from fengping.services.erase import elsewhere
from fengping.state import State

__all__ = ["first", "url"]
pytestmark = [pytest.mark.slow, pytest.mark.long]

PAGE, OTHER = "https://posts.example/p/1", "https://posts.example/p/12"


def post(page: str) -> RawDocument:
    return RawDocument(document_id(page), "news", "赠品没有寄到", datetime.now(UTC), url=page)


def quoted_in(home: Home) -> list[Path]:
    """Files of a machine that led once, which quote the page or bear its id."""
    reports, log = home.var / "reports", home.var / "log" / "crawl-news.log"
    files = {
        reports / "week-1.html": f'<a href="{PAGE}">看</a>',
        reports / "week-1.md": "没有链接的一份",
        reports / "week-2.json": f'{{"cases":["{document_id(PAGE)}"]}}',
        reports / "week-3.html": f'<a href="{OTHER}">看</a>',
        home.quarantine / "index.jsonl": f'{{"data":"{document_id(PAGE)}"}}\n{{"data":"{OTHER}"}}\n',
        log: f"fetched {PAGE}?utm_source=x, 200\nfetched {OTHER}, 200\n",
        home.var / "responses" / "1.html": "一页",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def check_gone(files: list[Path]) -> None:
    one, its_text, two, three, quarantine, log, response = files
    assert not any(path.exists() for path in (one, its_text, two, response))
    assert OTHER in three.read_text(encoding="utf-8")
    assert quarantine.read_text(encoding="utf-8") == f'{{"data":"{OTHER}"}}\n'
    assert log.read_text(encoding="utf-8").split("\n")[0].isspace()
    assert OTHER in log.read_text(encoding="utf-8")


def test_each_machine_erases_its_own_files(first: Home, url: str) -> None:
    second, third, fourth = (joined(first, url, name) for name in ("second", "third", "fourth"))
    with open_journal(first).writer() as writer:
        writer.append(post(PAGE), post(OTHER))
    left = {home.root: quoted_in(home) for home in (second, third, fourth)}
    assert (
        fengping(second, "forget", "--again").stderr.count("Nothing that was forgotten on another machine")
        == 1
    )
    assert fengping(first, "forget", "--url", PAGE, "--yes").returncode == 0
    with State.open(first).begin() as connection:
        kept = connection.execute(noted.forgotten.select()).mappings().all()
    assert [{**row, "at": ""} for row in kept] == [
        {"number": 1, "document_id": document_id(PAGE), "at": "", "keep_printed": False}
    ]
    # The same command as on the first one, the command for the others, and their own round.
    done = fengping(second, "forget", "--url", PAGE, "--yes")
    assert done.returncode == 0 and f"Deleted {second.var / 'reports' / 'week-1.html'}" in done.stderr
    check_gone(left[second.root])
    assert fengping(third, "forget", "--again").returncode == 0
    check_gone(left[third.root])
    rounds = taking.Taking(fourth)
    rounds.round()
    wait_for(lambda: not elsewhere.waiting(fourth))
    check_gone(left[fourth.root])
    assert fengping(second, "forget", "--url", PAGE, "--yes").returncode == 1


def test_printed_reports_stay_where_they_were_to_be_kept(first: Home, url: str) -> None:
    second = joined(first, url)
    with open_journal(first).writer() as writer:
        writer.append(post(PAGE))
    report, *_ = quoted_in(second)
    assert fengping(first, "forget", "--url", PAGE, "--keep-printed", "--yes").returncode == 0
    done = fengping(second, "forget", "--again")
    assert report.exists() and f"Look at {report}" in done.stderr.replace("\n", "")


def test_nothing_waits_on_a_home_of_one_machine(home: Home) -> None:
    elsewhere.note(home, [document_id(PAGE)], datetime.now(UTC), keep_printed=False)
    assert not elsewhere.waiting(home)
