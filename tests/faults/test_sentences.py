"""A sentence where there was a traceback; nothing that a terminal obeys; no password anywhere."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.commands import fengping
from tests.making import document

from fengping.clock import parse_moment
from fengping.errors import ConfigError, StoreDown, StoreError, UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store, open_store_url
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search import ElasticStore
from fengping.indexer.search.backends.elasticsearch import client as elastic_client
from fengping.models import RawDocument, document_id
from fengping.visible import masked, visible

NOW = datetime(2020, 11, 12, tzinfo=UTC)
EVIL = "好\x1b[2J评\u202e论\x07\x9b31m\x7f"


def write(home: Home, *texts: str) -> None:
    with open_journal(home).writer() as writer:
        for text in texts:
            url = f"https://sample.example/{document_id(text)}"
            writer.append(RawDocument(document_id(text), "sample", text, NOW, url=url, published_at=NOW))


def index(home: Home) -> None:
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=NOW)


def obeyed(text: str) -> bool:
    return any(mark in text for mark in ("\x1b", "\u202e", "\x07", "\x9b", "\x7f"))


class TestEscapes:
    def test_are_spelled(self) -> None:
        assert visible(EVIL) == "好␛[2J评<U+202E>论␇<U+009B>31m␡"
        assert visible("行\n\t表") == "行\n\t表"

    @pytest.mark.parametrize(
        "arguments",
        [("search", "好"), ("history", document_id(EVIL), "--text"), ("export",)],
        ids=lambda found: found[0],
    )
    def test_reach_no_reader(self, home: Home, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        write(home, EVIL)
        index(home)
        out = tmp_path / "out.csv"
        done = fengping(home, *arguments, *(["--out", str(out)] if arguments[0] == "export" else []))
        said = done.stdout + done.stderr + (out.read_text("utf-8-sig") if out.exists() else "")
        assert done.returncode == 0, said
        assert "␛[2J" in said
        assert not obeyed(said)

    def test_an_error_repeats_none(self, home: Home) -> None:
        done = fengping(home, "search", "(\x1b[2J")
        assert not obeyed(done.stderr)


class TestSecrets:
    @pytest.mark.parametrize(
        "url",
        ["elasticsearch+http://u:geheim@host/x", "elasticsearch+http//u:geheim@host", "elastic://u:ge@heim@h",
         "http:/u:geheim@host:9200/x", "tantivi:u:geheim@x"],
    )  # fmt: skip
    def test_a_malformed_store_is_told_without_its_password(self, url: str) -> None:
        with pytest.raises(ConfigError) as caught:
            open_store_url(url).count(Filter())
        assert "geheim" not in str(caught.value)
        assert "heim@h" not in str(caught.value)

    def test_nor_does_doctor(self, home: Home) -> None:
        done = fengping(
            home, "doctor", "--json", FENGPING_STORE="elastic://u:geheim@h", FENGPING_STATE="x://u:geheim@h/"
        )
        assert done.returncode == 1
        assert "geheim" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr

    def test_masking(self) -> None:
        assert masked("redis://u:p/a@ss@host:1/0") == "redis:***@host:1/0"
        assert masked("tantivy:var/index") == "tantivy:var/index"
        asked = "postgresql://db/x?user=u&password=gehe@im&sslmode=require&sslpassword=auch"
        assert masked(asked) == "postgresql://db/x?user=u&password=***&sslmode=require&sslpassword=***"


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from fengping.cli import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize(
    ("command", "size"),
    [
        ("index", 500),
        pytest.param("index", 200_000, marks=pytest.mark.long),
        pytest.param("reindex", 20_000, marks=pytest.mark.long),
    ],
)
def test_a_file_that_may_not_grow_is_a_sentence_and_loses_nothing(
    home: Home, command: str, size: int
) -> None:
    """A limit of the size of files stands for a full disk: writes fail in the middle, with an errno."""
    write(home, *(f"第{number}件商品发货太慢" * 20 for number in range(300)))
    if command == "reindex":
        index(home)
    run = [sys.executable, "-c", LIMITED, str(size), "--home", str(home.root), command]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    if done.returncode:
        assert done.stderr.strip().splitlines()[-1].startswith("fengping: ")
    index(home)
    with closing(open_store(home)) as store:
        assert store.count(Filter()) == 300


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59+14:00"])
@pytest.mark.parametrize("end", [True, False])
def test_days_at_the_ends_of_the_calendar(at: str, end: bool) -> None:
    with pytest.raises(UsageError, match="not a date"):
        parse_moment(at, end=end)


def test_such_a_day_given_as_an_option(home: Home) -> None:
    done = fengping(home, "search", "好", "--since", "9999-12-31")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_bad_line_in_the_quarantine_stops_nothing(home: Home) -> None:
    write(home, "一条投诉")
    home.quarantine.mkdir(parents=True)
    (home.quarantine / "index.jsonl").write_bytes(b'no json\n{"file": 3}\n[]\n{"torn": ')
    index(home)
    with closing(open_store(home)) as store:
        assert store.count(Filter()) == 1


def test_doctor_sees_a_bad_registry(home: Home) -> None:
    home.hosts.write_text("[[host]\n", encoding="utf-8")
    done = fengping(home, "doctor", "--json")
    rows = {row["check"]: row["ok"] for row in json.loads(done.stdout)}
    assert (done.returncode, rows["host registry"]) == (1, False)


class Answers(http.server.BaseHTTPRequestHandler):
    body, kind, status = b"", "text/html", 200

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        if self.kind != "text/html":
            self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def impostor() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"elasticsearch+http://127.0.0.1:{server.server_port}/x"
    server.shutdown()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/html", b"<html>It works!</html>", 200),
        ("text/html", b"{}", 200),
        ("application/vnd.elasticsearch+json;compatible-with=9", b"{}", 200),
        ("application/vnd.elasticsearch+json;compatible-with=9", b"not json", 200),
        ("application/vnd.elasticsearch+json;compatible-with=9", b"[1]", 200),
    ],
)
def test_answers_of_something_else_are_a_sentence(
    impostor: str, kind: str, body: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_client, "PAUSE", 0)
    Answers.kind, Answers.body, Answers.status = kind, body, status
    store = ElasticStore(impostor)
    for act in (
        lambda: store.count(Filter()), lambda: store.put([document(1, NOW)]), lambda: store.get(["a"]),
        lambda: list(store.scan(Filter())), store.facts, store.begin_rebuild,
    ):  # fmt: skip
        with pytest.raises((StoreError, StoreDown)) as caught:
            act()
        assert "None" not in str(caught.value)


def test_a_full_disk_of_the_cluster_is_no_missing_key(impostor: str) -> None:
    reason = "index [x] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]; disk usage exceeded"
    error = {"error": {"type": "cluster_block_exception", "reason": reason}, "status": 403}
    Answers.kind, Answers.status = "application/vnd.elasticsearch+json;compatible-with=9", 403
    Answers.body = json.dumps(error).encode()
    with pytest.raises(StoreDown, match=r"disk of Elasticsearch .* is full"):
        ElasticStore(impostor, "x-000001").put([document(1, NOW)])


def test_a_cluster_of_an_older_version(impostor: str) -> None:
    cause = {
        "type": "status_exception",
        "reason": "Accept version must be either version 8 or 7, but found 9.",
    }
    error = {"type": "media_type_header_exception", "reason": "Invalid media-type value on headers [Accept]"}
    Answers.kind, Answers.status = "application/json", 400
    Answers.body = json.dumps({"error": error | {"root_cause": [error], "caused_by": cause}}).encode()
    with pytest.raises(StoreError, match=r"no Elasticsearch of version 9: .*Upgrade it.*nothing is lost"):
        ElasticStore(impostor, "x-000001").put([document(1, NOW)])


def test_readers_see_no_swap(home: Home) -> None:
    with closing(open_store(home)) as store:
        store.put([document(number, NOW) for number in range(20)])
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        with closing(open_store(home)) as reader:
            while not stop.is_set():
                try:
                    if reader.count(Filter()) != 20 or len(list(reader.scan(Filter()))) != 20:
                        wrong.append("another count")
                except StoreError as error:
                    wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    for _ in range(15):
        with closing(open_store(home)) as store:
            fresh = store.begin_rebuild()
            fresh.put([document(number, NOW) for number in range(20)])
            store.finish_rebuild(fresh)
    stop.set()
    for one in readers:
        one.join()
    assert wrong == []
