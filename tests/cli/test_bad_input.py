"""Bad input as a user meets it: one sentence with the remedy, the right exit code, nothing lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from tests.commands import fengping
from tests.elasticsearch_node.launcher import running
from tests.servers import needed
from tests.site.homes import CONFIG, list_source
from tests.site.server import Reply, serve

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument, document_id

pytestmark = pytest.mark.slow

SEEN = datetime(2020, 11, 12, tzinfo=UTC)
WINDOW = ("--from", "2020-11-01", "--to", "2020-11-15")


def refused(done: subprocess.CompletedProcess[str], *parts: str, code: int = 2) -> None:
    """The command ended with *code* and said one sentence that has all *parts*; no traceback."""
    assert done.returncode == code, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("fengping: ")]
    assert len(said) == 1, done.stderr
    for part in parts:
        assert part in said[0]
    assert "Traceback" not in done.stderr


def write_journal(home: Home, count: int, begin: int = 0) -> None:
    with open_journal(home).writer() as journal:
        for number in range(begin, begin + count):
            at = datetime(2020, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
            journal.append(
                RawDocument(
                    id=document_id("test", str(number)), source="test", text=f"直播间样例{number}",
                    fetched_at=SEEN, url=f"https://example.org/{number}", published_at=at,
                )
            )  # fmt: skip


def total(home: Home) -> int:
    done = fengping(home, "search", "直播间样例", "--limit", "1", "--json")
    assert done.returncode == 0, done.stderr
    found: int = json.loads(done.stdout)["total"]
    return found


def source_of_unknown_kind(home: Home) -> tuple[str, ...]:
    home.sources.mkdir()
    (home.sources / "sample.toml").write_text('kind = "lisst"\nurls = ["https://news.example/"]', "utf-8")
    return ("crawl", "sample")


def broken_toml(home: Home) -> tuple[str, ...]:
    home.config_file.write_text("store = 'tantivy:var/index\n", "utf-8")
    return ("index",)


def unknown_key(home: Home) -> tuple[str, ...]:
    home.config_file.write_text("[crawl]\ndelai = 3\n", "utf-8")
    return ("search", "直播")


def unknown_key_of_a_rule(home: Home) -> tuple[str, ...]:
    home.alerts.mkdir()
    (home.alerts / "rule.toml").write_text('name = "x"\nkind = "spike"\nspike_heigth = 2\n', "utf-8")
    return ("alerts", "test", *WINDOW)


def table_without_the_column(home: Home) -> tuple[str, ...]:
    (home.root / "posts.csv").write_text("内容,时间\n样例,2020-11-11\n", "utf-8")
    return ("import", str(home.root / "posts.csv"), "--source", "x", "--map", "text=正文")


def store_of_a_newer_schema(home: Home) -> tuple[str, ...]:
    write_journal(home, 3)
    assert fengping(home, "index").returncode == 0
    file = home.var / "index" / "store.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"schema": 99}), "utf-8")
    return ("search", "直播")


def journal_of_a_newer_version(home: Home) -> tuple[str, ...]:
    home.journal.mkdir(parents=True)
    (home.journal / "00000002.jsonl").write_text('{"journal":99}\n{"id":"x"}\n', "utf-8")
    return ("index",)


def no_such_day(home: Home) -> tuple[str, ...]:
    return ("search", "直播", "--since", "2020-02-30")


def day_out_of_range(home: Home) -> tuple[str, ...]:
    return ("report", "double11", "--from", "0020-10-20", "--to", "2020-11-15")


def days_reversed(home: Home) -> tuple[str, ...]:
    return ("alerts", "test", "--from", "2020-11-15", "--to", "2020-11-01")


CASES: list[tuple[Callable[[Home], tuple[str, ...]], tuple[str, ...]]] = [
    (broken_toml, ("fengping.toml", "not valid TOML")),
    (unknown_key, ("delai", "Did you mean 'delay'?")),
    (unknown_key_of_a_rule, ("rule.toml", "Did you mean 'spike_height'?")),
    (table_without_the_column, ("no column '正文'", "内容, 时间", "--map text=COLUMN")),
    (store_of_a_newer_schema, ("newer fengping", "schema 99", "pgrade")),
    (journal_of_a_newer_version, ("newer fengping", "journal 99", "pgrade")),
    (no_such_day, ("'2020-02-30' is not a date", "Write 2020-11-11")),
    (day_out_of_range, ("is not a date", "Write 2020-11-11")),
    (days_reversed, ("Put the earlier day first",)),
]


@pytest.mark.parametrize(("prepare", "parts"), CASES)
def test_one_sentence_with_the_remedy(
    home: Home, prepare: Callable[[Home], tuple[str, ...]], parts: tuple[str, ...]
) -> None:
    refused(fengping(home, *prepare(home)), *parts)


def test_no_home(tmp_path: Path) -> None:
    refused(fengping(Home(tmp_path), "search", "直播"), "not a fengping home", "init")


def test_a_state_of_a_newer_schema(home: Home) -> None:
    assert fengping(home, "alerts", "list").returncode == 0
    with sqlite3.connect(home.var / "state.db") as database:
        database.execute("update meta set value = '99' where key = 'schema'")
    refused(fengping(home, "alerts", "list"), "newer fengping", "schema 99", "pgrade")


def test_a_source_of_unknown_kind_fails_by_itself(home: Home) -> None:
    done = fengping(home, *source_of_unknown_kind(home))
    assert done.returncode in {1, 2}
    assert "lisst" in done.stdout + done.stderr
    assert "'list'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_crawl_that_dies_before_it_can_say_why(home: Home) -> None:
    home.config_file.write_text(CONFIG, "utf-8")
    home.sources.mkdir()
    (home.sources / "sample.toml").write_text(list_source("http://127.0.0.1:9/list.html"), "utf-8")
    home.var.mkdir(exist_ok=True)
    (home.var / "log").write_text("a file where a folder belongs", "utf-8")
    done = fengping(home, "crawl", COLUMNS="200")
    assert done.returncode == 1
    assert "its process ended with code" in done.stdout + done.stderr


def test_a_selector_that_matches_nothing_is_told(home: Home) -> None:
    home.config_file.write_text(CONFIG, "utf-8")
    home.sources.mkdir()
    with serve() as site:
        site.pages["/list.html"] = Reply("<ol><li><a href='/a.html'>样例</a></li></ol>")
        text = list_source(site.url("/list.html"), top="[expect]\nmin_items = 1\n")
        (home.sources / "sample.toml").write_text(text, "utf-8")
        done = fengping(home, "crawl", COLUMNS="200")
    assert done.returncode == 1
    assert "ul.news > li" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_corrupt_line_is_put_aside_and_the_others_are_indexed(home: Home) -> None:
    write_journal(home, 5)
    plain = home.journal / "00000002.jsonl"
    plain.write_bytes(b'{"journal":1}\n{"id": 7, "text\n' + b"\xff\xfe\n")
    done = fengping(home, "index")
    assert done.returncode == 0
    assert "2 lines stand in" in done.stderr.replace("\n", " ")
    assert len((home.quarantine / "index.jsonl").read_text("utf-8").splitlines()) == 2
    assert total(home) == 5
    assert "Traceback" not in done.stderr


def test_a_missing_browser(home: Home) -> None:
    write_journal(home, 3)
    assert fengping(home, "index").returncode == 0
    out = home.root / "out"
    command = ("report", "double11", *WINDOW, "--format", "pdf,md", "--out", str(out))
    done = fengping(home, *command, FENGPING_CHROMIUM="/nowhere/chromium")
    assert done.returncode == 2
    assert "FENGPING_CHROMIUM names /nowhere/chromium, which does not exist." in done.stderr.replace(
        "\n", " "
    )
    assert "unset" in done.stderr
    assert "Traceback" not in done.stderr
    assert [file.suffix for file in out.iterdir() if file.is_file()] == [".md"]


def test_a_store_that_is_not_there(home: Home) -> None:
    write_journal(home, 3)
    nowhere = "elasticsearch+http://127.0.0.1:1/nothing"
    refused(fengping(home, "index", FENGPING_STORE=nowhere), "127.0.0.1:1", code=1)
    assert fengping(home, "index").returncode == 0
    assert total(home) == 3


@pytest.mark.long
def test_a_node_killed_in_the_middle_of_indexing_loses_and_doubles_nothing(
    home: Home, tmp_path: Path
) -> None:
    count = 4000
    with needed(), running(tmp_path) as cluster:
        url = cluster.urls[0]
        home.config_file.write_text(f'store = "elasticsearch+{url}/kill"\n[analysis]\nbatch = 20\n', "utf-8")
        write_journal(home, count)
        indexing = subprocess.Popen(
            [sys.executable, "-m", "fengping", "--home", str(home.root), "index"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while stored(url) < 1000 and indexing.poll() is None:
            time.sleep(0.02)
        cluster.kill(0)
        said = indexing.communicate()[1]
        refused(subprocess.CompletedProcess([], indexing.returncode, "", said), url[7:], code=1)
        # The same node with the same data comes back.
        cluster.start(0)
        wait_for(url)
        before = stored(url)
        assert 0 < before < count
        again = fengping(home, "index", "--json")
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["lines"] < count
        assert total(home) == stored(url) == count


def stored(url: str) -> int:
    """Documents in the node; 0 while there is no index."""
    answer = httpx2.get(f"{url}/kill*/_count", timeout=10)
    return int(answer.json().get("count", 0)) if answer.is_success else 0


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            if httpx2.get(f"{url}/_cluster/health?wait_for_status=yellow&timeout=5s").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not come back")
