"""Evidence on disk: unaltered or said so, looked at again, held, exported so that anybody can check it."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.making import document
from warcio.archiveiterator import ArchiveIterator

from fengping.config import CrawlConfig
from fengping.errors import UsageError
from fengping.events.evidence import keeping, packing
from fengping.events.evidence.capture import Refused, Response, fetcher
from fengping.home import Home
from fengping.services import erase

NOW = datetime(2024, 9, 1, tzinfo=UTC)
TEXT = "<p>被芯是化纤</p>"
PAGE = Response(200, "OK", (("Date", "Sun, 01 Sep 2024 00:00:00 GMT"),), TEXT.encode(), TEXT)
GONE = Response(404, "Not Found", (), b"", "")


def shoot(url: str) -> bytes:
    return b"\x89PNG" + url.encode()


def kept(home: Home, fetch: object = None) -> list[keeping.Kept]:
    documents = [document(n, NOW) for n in (1, 2)]
    return keeping.keep(home, documents, NOW, fetch or (lambda url: PAGE), shoot)  # type: ignore[arg-type]


def test_text_response_and_picture_are_kept_once(home: Home) -> None:
    assert [one.kinds for one in kept(home)] == [("text", "response", "about", "picture")] * 2
    assert kept(home) == []
    archive = keeping.archive(home)
    assert archive.faults() == []
    [response] = [p for p in archive.pieces(document(1, NOW).id) if p.kind == "response"]
    with archive.object(response.sha256).open("rb") as file:
        [record] = [(r.rec_headers["WARC-Target-URI"], r.raw_stream.read()) for r in ArchiveIterator(file)]
    assert record == ("https://example.org/1", PAGE.body)


def test_what_cannot_be_kept_is_said(home: Home) -> None:
    def refuse(url: str) -> Response:
        raise Refused("robots.txt forbids it.")

    assert [one.missing for one in kept(home, refuse)] == [("robots.txt forbids it.",)] * 2
    notes = [piece.note for piece in keeping.archive(home).pieces() if piece.kind == "missing"]
    assert notes == ["robots.txt forbids it."] * 2


def test_every_alteration_is_found(home: Home) -> None:
    kept(home)
    archive = keeping.archive(home)
    piece = next(p for p in archive.pieces() if p.kind == "picture")
    archive.object(piece.sha256).write_bytes(b"other")
    assert "was altered" in archive.faults()[0]
    archive.object(piece.sha256).unlink()
    assert "is missing" in archive.faults()[0]
    lines = archive.manifest.read_bytes().splitlines(keepends=True)
    archive.manifest.write_bytes(b"".join(lines[:1] + lines[2:]))
    assert any("manifest was altered" in fault for fault in archive.faults())


def test_a_page_is_looked_at_again_after_a_day_a_week_and_a_month(home: Home) -> None:
    kept(home)
    first = document(1, NOW).id
    changed = Response(200, "OK", (), b"", "<p>已下架</p>")
    seen = []
    for days, answer in ((0, PAGE), (1, PAGE), (2, PAGE), (7, changed), (30, GONE), (60, GONE)):
        found = keeping.look_again(home, NOW + timedelta(days=days), lambda url, a=answer: a)  # type: ignore[misc]
        seen.append(dict(found).get(first))
    assert seen == [None, "unchanged", None, "changed", "gone", None]


def test_an_export_can_be_checked_without_fengping(home: Home, tmp_path: Path) -> None:
    kept(home)
    archive, target = keeping.archive(home), tmp_path / "case.zip"
    assert packing.export(archive, [document(1, NOW).id], target) == 4
    with zipfile.ZipFile(target) as pack:
        lines = [json.loads(line) for line in pack.read("manifest.jsonl").splitlines()]
        before = "0" * 64
        for row in lines:
            assert row["before"] == before
            text = json.dumps(row | {"own": ""}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            before = hashlib.sha256(text.encode()).hexdigest()
            assert before == row["own"]
        named = {row["sha256"] for row in lines}
        files = [name for name in pack.namelist() if name.count("/")]
        assert len(files) == 4
        assert all(hashlib.sha256(pack.read(name)).hexdigest() in named for name in files)
    with pytest.raises(UsageError, match="Nothing is kept"):
        packing.export(archive, ["0" * 32], target)


def test_what_is_held_is_not_forgotten_before_it_is_released(home: Home) -> None:
    kept(home)
    raw = document(1, NOW).raw
    wanted, found = erase.Wanted(url_ids=frozenset({raw.id})), erase.Found([raw], 0, [])
    with pytest.raises(UsageError, match="on hold as evidence"):
        erase.forget(home, wanted, found, NOW)
    keeping.release(home, [raw.id])
    assert erase.forget(home, wanted, found, NOW).counts["evidence"] == 4
    archive = keeping.archive(home)
    assert archive.faults() == []
    assert not any(archive.object(p.sha256).exists() for p in archive.pieces(raw.id) if p.kind == "picture")
    with pytest.raises(UsageError, match="not on hold"):
        keeping.release(home, [raw.id])


class Site(BaseHTTPRequestHandler):
    """A page sent packed, and a folder that robots.txt closes."""

    def do_GET(self) -> None:
        robots = self.path == "/robots.txt"
        body = b"User-agent: *\nDisallow: /closed/\n" if robots else gzip.compress(TEXT.encode())
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if robots else "text/html; charset=utf-8")
        if not robots:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_response_is_kept_as_received_where_robots_allow_it(site: str) -> None:
    fetch = fetcher(CrawlConfig())
    answer = fetch(f"{site}/page")
    assert gzip.decompress(answer.body).decode() == answer.text == TEXT
    assert answer.date
    with pytest.raises(Refused, match="robots"):
        fetch(f"{site}/closed/page")
    with pytest.raises(Refused, match="No answer"):
        fetch("http://127.0.0.1:9/page")
    with pytest.raises(Refused, match="no address on the web"):
        fetch("import:row-7")
