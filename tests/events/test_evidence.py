"""Evidence on disk: unaltered or said so, looked at again, held, exported so that anybody can check it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import resource
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from sqlalchemy import delete
from tests.making import document
from typer.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator

from fengping import signing
from fengping.cli.app import app
from fengping.config import CrawlConfig
from fengping.durable import append_line
from fengping.errors import ConfigError, Damaged, UsageError
from fengping.events import tables
from fengping.events.evidence import checking, keeping, packing, stamping
from fengping.events.evidence.anchors import anchor, anchors
from fengping.events.evidence.archive import Archive, Piece
from fengping.events.evidence.capture import LARGEST, Refused, Response, fetcher, text_of, warc
from fengping.events.evidence.comparing import compare
from fengping.home import Home
from fengping.indexer import open_store
from fengping.scheduler.jobs import jobs_of
from fengping.services import erase, evidence
from fengping.services.home import doctor
from fengping.spiders.framework import FilteringProxy
from fengping.state import State, write_meta
from fengping.web.accounts import book

NOW = datetime(2024, 9, 1, tzinfo=UTC)
TEXT = "<p>被芯是化纤</p>"
PAGE = Response(200, "OK", (("Date", "Sun, 01 Sep 2024 00:00:00 GMT"),), TEXT.encode(), TEXT)
GONE = Response(404, "Not Found", (), b"", "")


def beside(home: Home) -> Home:
    """The home, which may ask this machine too."""
    home.config_file.write_text("[crawl]\nallow_private = true\n", encoding="utf-8")
    return Home.open(home.root)


def shoot(url: str) -> bytes:
    return b"\x89PNG" + url.encode()


def kept(home: Home, fetch: object = None, text: str = "") -> list[keeping.Kept]:
    documents = [document(n, NOW, text) for n in (1, 2)]
    return keeping.keep(home, documents, NOW, fetch or (lambda url: PAGE), shoot)  # type: ignore[arg-type]


def test_text_response_and_picture_are_kept_once(home: Home) -> None:
    assert [one.kinds for one in kept(home)] == [("text", "response", "about", "picture")] * 2
    assert kept(home) == []
    archive = keeping.archive(home)
    assert evidence.verify(home).faults == ()
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


def lines_of(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in keeping.archive(home).manifest.read_bytes().splitlines()]


def rewrite(home: Home, lines: list[dict[str, Any]], *, chained: bool = True) -> None:
    """Writes the manifest anew as somebody would who has not the key: *chained* with hashes that fit."""
    before, path = "0" * 64, keeping.archive(home).manifest
    for number, line in enumerate(lines, 1) if chained else ():
        plain = {name: value for name, value in line.items() if name != "signature"}
        plain |= {"number": number, "before": before, "own": ""}
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(text.encode()).hexdigest()
        line |= plain | {"own": before}
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def other_picture(home: Home) -> None:
    archive, lines = keeping.archive(home), lines_of(home)
    [line, *_] = [line for line in lines if line["kind"] == "picture"]
    archive.object(line["sha256"]).unlink()
    line["sha256"] = hashlib.sha256(b"other").hexdigest()
    archive.object(line["sha256"]).parent.mkdir(exist_ok=True)
    archive.object(line["sha256"]).write_bytes(b"other")
    rewrite(home, lines)


def erased_picture(home: Home) -> None:
    archive, lines = keeping.archive(home), lines_of(home)
    [line, *_] = [line for line in lines if line["kind"] == "picture"]
    archive.object(line["sha256"]).unlink()
    erased = line | {"number": 9, "kind": "erased", "before": lines[-1]["own"], "size": 0, "signature": ""}
    rewrite(home, [*lines, erased])


FORGERIES: dict[str, tuple[Callable[[Home], object], str]] = {
    "archive removed": (lambda home: shutil.rmtree(home.var / "evidence"), "The archive is gone: "),
    "manifest removed": (lambda home: keeping.archive(home).manifest.unlink(), "The archive is gone: "),
    "last lines cut": (
        lambda home: rewrite(home, lines_of(home)[:-2], chained=False),
        "last ones are missing",
    ),
    "first line cut": (lambda home: rewrite(home, lines_of(home)[1:]), "The manifest had 8 lines"),
    "line cut": (
        lambda home: rewrite(home, lines_of(home)[:1] + lines_of(home)[2:], chained=False),
        "Line 2",
    ),
    "object replaced, chain anew": (other_picture, "Lines 4 to 8 of the manifest are not signed"),
    "dates changed": (
        lambda home: rewrite(home, [line | {"at": "2024-08-01T00:00:00+00:00"} for line in lines_of(home)]),
        "Lines 1 to 8 of the manifest are not signed",
    ),
    "unsigned erased line": (erased_picture, "Line 9 of the manifest is not signed"),
    "signatures taken off": (
        lambda home: rewrite(home, [line | {"signature": ""} for line in lines_of(home)]),
        "Lines 1 to 8 of the manifest are not signed",
    ),
    "object altered": (
        lambda home: keeping.archive(home).object(lines_of(home)[3]["sha256"]).write_bytes(b"other"),
        "(line 4) was altered",
    ),
    "object removed": (
        lambda home: keeping.archive(home).object(lines_of(home)[3]["sha256"]).unlink(),
        "(line 4) is missing",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_gone_or_forged_does_not_verify(home: Home, name: str) -> None:
    kept(home)
    assert verified(home).exit_code == 0
    forge, said = FORGERIES[name]
    forge(home)
    found = verified(home)
    assert found.exit_code == 1 and said in found.output
    # What is kept later hides nothing.
    keeping.archive(home).add("", "look", None, NOW, "unknown")
    assert verified(home).exit_code == 1


def verified(home: Home) -> Result:
    return run(home, "verify")


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home.root), "evidence", *arguments], env={"COLUMNS": "999"})


def test_a_home_without_an_archive_verifies_until_something_is_on_hold_there(home: Home) -> None:
    assert "Nothing is kept" in verified(home).output
    kept(home)
    shutil.rmtree(home.var / "evidence")
    with State.open(home).begin() as connection:
        connection.execute(delete(tables.anchors))
    found = verified(home)
    assert found.exit_code == 1 and "Of 2 documents on hold nothing is in the archive" in found.output


def test_a_crash_between_line_and_anchor_is_no_forgery(home: Home) -> None:
    kept(home)
    known = anchors(home)
    keeping.archive(home).add("", "look", None, NOW, "unknown")
    anchor(home, known[0])
    with keeping.archive(home).manifest.open("ab") as file:
        file.write(b'{"number":10,"at"')
    assert verified(home).exit_code == 0
    assert keeping.archive(home).add("", "look", None, NOW, "unknown").number == 10
    assert verified(home).exit_code == 0 and anchors(home)[0].length == 10


def test_an_archive_without_signatures_is_adopted_once_and_its_lines_are_covered(home: Home) -> None:
    kept(home)
    rewrite(home, [{k: v for k, v in line.items() if k != "signature"} for line in lines_of(home)])
    with State.open(home).begin() as connection:
        connection.execute(delete(tables.anchors))
    assert "the next one signs them" in verified(home).output
    for _ in range(2):
        keeping.archive(home).add("", "look", None, NOW, "unknown")
    assert [line["kind"] for line in lines_of(home)[8:]] == ["adopted", "look", "look"]
    found = verified(home)
    assert found.exit_code == 0 and "line 9 covers the lines before it" in found.output
    lines = lines_of(home)
    lines[0]["at"] = "2024-08-01T00:00:00+00:00"
    rewrite(home, lines)
    assert verified(home).exit_code == 1


def test_the_claim_and_the_key_are_said(home: Home) -> None:
    kept(home)
    said = verified(home).output
    assert "unchanged since it was captured here" in said and "nothing of whether it was true" in said
    done = run(home, "key")
    assert re.fullmatch(r"[0-9a-f]{64}\n", done.output)
    assert (home.root / signing.NAME).stat().st_mode & 0o077 == 0


def another_key(home: Home) -> None:
    (home.root / signing.NAME).write_bytes(signing._new())


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (lambda home: (home.root / signing.NAME).unlink(), "signing.pem is missing"),
        (another_key, "holds another key than"),
    ],
)
def test_a_key_that_is_lost_is_named_until_it_is_restored_or_begun_anew(
    home: Home, lose: Callable[[Home], object], said: str, tmp_path: Path
) -> None:
    kept(home)
    before, content = signing.fingerprint(home), (home.root / signing.NAME).read_bytes()
    lose(home)
    for ask in (("key",), ("verify",), ("export", document(1, NOW).id, "--out", str(tmp_path / "e.zip"))):
        found = run(home, *ask)
        assert isinstance(found.exception, ConfigError) and said in str(found.exception)
        assert "fengping evidence key --new" in (found.exception.remedy or "")
    with pytest.raises(ConfigError, match=re.escape(said)):
        keeping.archive(home).add("", "look", None, NOW, "unknown")
    (home.root / signing.NAME).write_bytes(content)
    assert run(home, "verify").exit_code == 0

    lose(home)
    keys = [before, *(run(home, "key", "--new").output.strip() for _ in range(2))]
    assert signing.keys(home) == tuple(reversed(keys)) and len(set(keys)) == 3
    keeping.archive(home).add("", "look", None, NOW, "unknown")
    assert run(home, "verify").exit_code == 0  # lines of both keys
    _, entries = book.written(State.open(home), None)
    assert [(one.act, one.target) for one in entries] == [("new signing key", key) for key in keys[:0:-1]]


def test_a_former_key_that_somebody_put_into_the_state_is_none(home: Home) -> None:
    kept(home)
    own = signing.fingerprint(home)
    with State.open(home).begin() as connection:
        write_meta(connection, signing._BEFORE.format(own[: signing._DIGITS]), f"{'0' * 64} {'0' * 128}")
    with pytest.raises(ConfigError, match="former signing keys"):
        signing.keys(home)


def test_doctor_names_evidence_that_is_gone(home: Home) -> None:
    kept(home)
    assert {one.name: one.ok for one in doctor(home)}["evidence"]
    shutil.rmtree(home.var / "evidence")
    [found] = [one for one in doctor(home) if one.name == "evidence"]
    assert not found.ok and "The archive is gone" in found.found


def test_a_page_is_looked_at_again_after_a_day_a_week_and_a_month(home: Home) -> None:
    kept(home, text="被芯是化纤")
    first = document(1, NOW).id
    changed = Response(200, "OK", (), b"", "<p>已下架</p>")
    seen = []
    for days, answer in ((0, PAGE), (1, PAGE), (2, PAGE), (7, changed), (30, GONE), (60, GONE)):
        found = keeping.look_again(home, NOW + timedelta(days=days), lambda url, a=answer: a)  # type: ignore[misc]
        seen.append(dict(found).get(first))
    assert seen == [None, "unchanged", None, "changed", "gone", None]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("被芯是化纤。商家 不肯退款 & 失联。", ["unchanged", "changed", "changed"]),
        ("商家失踪。", ["unknown", "unknown", "unknown"]),
        ("被芯是化纤。商家失踪。", ["unknown", "unknown", "changed"]),
    ],
    ids=["on the page", "not on the page", "half of it"],
)
def test_the_post_is_compared_and_not_the_counters_round_it(home: Home, text: str, found: list[str]) -> None:
    def page(said: str, read: int) -> Response:
        shown = f"<script>var n = {read}</script><p>被芯是化纤。</p>\n<p>{said}</p><i>阅读 {read}</i>"
        return Response(200, "OK", (("Content-Type", "text/html; charset=gbk"),), shown.encode("gbk"), shown)

    whole, less = "商家不肯退款 &amp; 失联。", "商家已退款。"
    kept(home, lambda url: page(whole, 12), text)
    answers = (
        (1, page(whole, 13)),
        (7, page(less, 13)),
        (30, Response(200, "OK", (), b"", "<p>请登录后查看</p>")),
    )
    seen = []
    for days, answer in answers:
        looked = keeping.look_again(home, NOW + timedelta(days=days), lambda url, a=answer: a)  # type: ignore[misc]
        seen.append(dict(looked)[document(1, NOW).id])
    assert seen == found


def exported(home: Home, folder: Path) -> str:
    """A case packed and unpacked in *folder*; the program that checks it."""
    count = packing.export(keeping.archive(home), [document(1, NOW).id], folder / "case.zip")
    with zipfile.ZipFile(folder / "case.zip") as pack:
        pack.extractall(folder / "case")
    assert count == len(list((folder / "case").glob("*/*"))) == 4
    how = (folder / "case" / "核验方法.txt").read_text(encoding="utf-8")
    return how[how.index("import hashlib") :]


def test_an_export_can_be_checked_without_fengping(home: Home, tmp_path: Path) -> None:
    kept(home)
    program = exported(home, tmp_path)
    with chdir(tmp_path / "case"):
        exec(program, {})
        for path in (tmp_path / "case").glob("*/*"):
            content = path.read_bytes()
            path.write_bytes(b"other")
            with pytest.raises(AssertionError):
                exec(program, {})
            path.write_bytes(content)
    with pytest.raises(UsageError, match="Nothing is kept"):
        packing.export(keeping.archive(home), ["0" * 32], tmp_path / "case.zip")


@pytest.mark.parametrize("signed", [0, 1], ids=["all lines", "all but the first"])
def test_an_export_without_signatures_is_refused_by_its_check(
    home: Home, tmp_path: Path, signed: int
) -> None:
    kept(home)
    program = exported(home, tmp_path)
    lines = lines_of(home)
    bare = [line | {"signature": "", "at": "2024-08-01T00:00:00+00:00"} for line in lines[signed:]]
    rewrite(home, [*lines[:signed], *bare])
    shutil.copy(keeping.archive(home).manifest, tmp_path / "case")
    with chdir(tmp_path / "case"), pytest.raises((AssertionError, InvalidSignature)):
        exec(program, {})


def test_what_is_not_as_it_was_kept_is_not_exported(home: Home, tmp_path: Path) -> None:
    kept(home)
    archive = keeping.archive(home)
    picture = archive.object(lines_of(home)[3]["sha256"])
    for change in (lambda: picture.write_bytes(b"other"), picture.unlink):
        change()
        with pytest.raises(Damaged, match="picture in line 4"):
            packing.export(archive, [document(1, NOW).id], tmp_path / "case.zip")
        assert not (tmp_path / "case.zip").exists()


def test_bytes_kept_again_after_an_erasure_are_missed(home: Home) -> None:
    archive, id = keeping.archive(home), document(1, NOW).id
    archive.add(id, "picture", b"png", NOW)
    assert archive.erase([id], NOW) == 1 and evidence.verify(home).faults == ()
    again = archive.add(id, "picture", b"png", NOW)
    archive.object(again.sha256).unlink()
    assert evidence.verify(home).faults == (f"The picture of {id} (line 1) is missing.",
                                            f"The picture of {id} (line 3) is missing.")  # fmt: skip


def test_an_erasure_that_breaks_off_is_taken_up_again(home: Home) -> None:
    archive, id = keeping.archive(home), document(1, NOW).id
    path = archive.object(archive.add(id, "picture", b"png", NOW).sha256)
    lock = archive.path / "lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(OSError):
        archive.erase([id], NOW)
    lock.rmdir()
    assert evidence.verify(home).faults == ()
    assert archive.erase([id], NOW) == 1 and not path.exists()


def test_bytes_that_two_documents_share_go_with_the_second(home: Home) -> None:
    archive = keeping.archive(home)
    path = archive.object(archive.add("a", "picture", b"png", NOW).sha256)
    archive.add("b", "picture", b"png", NOW)
    for _ in range(2):  # a second time changes nothing
        assert archive.only_in(["a"]) == set() and archive.erase(["a"], NOW) == 0
        assert path.exists() and run(home, "verify").exit_code == 0
    assert len(lines_of(home)) == 3
    assert archive.only_in(["b"]) == {"b"} and archive.erase(["b"], NOW) == 1 and not path.exists()
    assert run(home, "verify").exit_code == 0
    archive.add("a", "picture", b"png", NOW)
    assert archive.erase(["a", "b"], NOW) == 1 and not path.exists()
    assert evidence.verify(home).faults == ()


def test_what_editions_print_names_an_archive_that_the_state_database_forgot(home: Home) -> None:
    kept(home)
    printed = anchors(home)
    shutil.rmtree(home.var / "evidence")
    with State.open(home).begin() as connection:
        connection.execute(delete(tables.anchors))
        connection.execute(delete(tables.holds))
    [said] = checking.verify(home, keeping.archive(home), also=printed).faults
    assert "The archive is gone" in said
    kept(home)
    [said] = checking.verify(home, keeping.archive(home), also=printed).faults
    assert said == "Line 8 of the manifest is not the one that was anchored."


def test_a_line_of_which_only_a_part_can_be_written_is_an_error(tmp_path: Path) -> None:
    path, known = tmp_path / "lines", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, known[1]))
    try:
        with pytest.raises(OSError):
            append_line(path, b"x" * 100 + b"\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, known)


class Growing(Archive):
    """An archive to which a document is added, and put on hold, while its lines are read."""

    def pieces(self, document: str = "") -> Iterator[Piece]:
        yield from super().pieces(document)
        kept(self.home)


def test_what_is_kept_while_it_is_verified_is_no_loss(home: Home) -> None:
    Archive(home).add("", "look", None, NOW, "unknown")
    assert checking.verify(home, Growing(home)).faults == ()


def test_doctor_names_a_line_that_nobody_signed(home: Home) -> None:
    kept(home)
    erased_picture(home)
    lines = lines_of(home)
    rewrite(home, [*lines[:-1], lines[-1] | {"signature": "0" * 128}], chained=False)
    [found] = [one for one in doctor(home) if one.name == "evidence"]
    assert not found.ok and "Line 9 of the manifest is not signed" in found.found


@pytest.mark.parametrize("part", [{"sha256": "../../../salt"}, {"signature": 5}, {"number": "1"}])
def test_a_line_of_other_types_or_with_a_path_is_named(home: Home, part: dict[str, Any]) -> None:
    kept(home)
    first, *rest = lines_of(home)
    rewrite(home, [first | part, *rest], chained=False)
    found = verified(home)
    assert isinstance(found.exception, Damaged) and "Line 1 of" in str(found.exception)
    with pytest.raises(Damaged):
        keeping.archive(home).erase([first["document"]], NOW)


def test_what_is_held_is_not_forgotten_before_it_is_released(home: Home) -> None:
    kept(home)
    raw = document(1, NOW).raw
    wanted, found = erase.Wanted(url_ids=frozenset({raw.id})), erase.Found([raw], 0, [])
    with pytest.raises(UsageError, match="on hold as evidence"):
        erase.forget(home, wanted, found, NOW)
    keeping.release(home, [raw.id])
    assert erase.forget(home, wanted, found, NOW).counts["evidence"] == 4
    archive = keeping.archive(home)
    assert evidence.verify(home).faults == ()
    assert not any(archive.object(p.sha256).exists() for p in archive.pieces(raw.id) if p.kind == "picture")
    with pytest.raises(UsageError, match="not on hold"):
        keeping.release(home, [raw.id])


class Site(BaseHTTPRequestHandler):
    """A page sent packed, and a folder that robots.txt closes."""

    def do_GET(self) -> None:
        robots = self.path == "/robots.txt"
        port = self.server.server_address[1]
        leads = {"/onward": f"http://localhost:{port}/page", "/hidden": "/closed/page", "/round": "/round"}
        if self.path in leads:
            self.send_response(302)
            self.send_header("Location", leads[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        text = TEXT if self.path != "/large" else "x" * (LARGEST + 1)
        body = b"User-agent: *\nDisallow: /closed/\n" if robots else gzip.compress(text.encode())
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
    """The site; homes may ask it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_response_is_kept_as_received_where_robots_allow_it(site: str) -> None:
    with FilteringProxy(lambda host: True) as proxy:
        fetch = fetcher(CrawlConfig(), proxy)
        answer = fetch(f"{site}/page")
        assert gzip.decompress(answer.body).decode() == answer.text == TEXT
        assert answer.date
        with pytest.raises(Refused, match="robots"):
            fetch(f"{site}/closed/page")
        with pytest.raises(Refused, match=r"No answer: .*Connect call failed"):
            fetch("http://127.0.0.1:9/page")
        with pytest.raises(Refused, match="no address on the web"):
            fetch("import:row-7")


def test_a_small_page_that_unpacks_to_a_large_one_is_read_in_part(site: str) -> None:
    with FilteringProxy(lambda host: True) as proxy:
        answer = fetcher(CrawlConfig(), proxy)(f"{site}/large")
    assert len(answer.body) < LARGEST / 100 and len(answer.text) == LARGEST
    assert len(text_of(warc(f"{site}/large", answer, NOW))) == LARGEST


def test_an_address_that_is_not_public_is_not_asked_nor_led_to(site: str) -> None:
    asked: list[str] = []

    def allows(host: str) -> bool:
        asked.append(host)
        return host == "127.0.0.1"

    with FilteringProxy(allows) as proxy:
        fetch = fetcher(CrawlConfig(), proxy)
        for url in (f"{site}/onward", "https://localhost/"):
            with pytest.raises(Refused, match=r"localhost is no public address \(crawl.allow_private\)"):
                fetch(url)
        assert "localhost" in asked
        with pytest.raises(Refused, match="robots"):  # of what it leads to, too
            fetch(f"{site}/hidden")
        with pytest.raises(Refused, match="leads on more than"):
            fetch(f"{site}/round")


def test_a_home_keeps_no_page_of_its_own_network(home: Home, site: str) -> None:
    store = open_store(home)
    one = document(1, NOW)
    store.put([replace(one, raw=replace(one.raw, url=f"{site}/1"))])
    store.close()
    [kept] = evidence.keep(home, [one.id], NOW)
    assert kept.kinds == ("text",) and kept.missing == (
        "127.0.0.1 is no public address (crawl.allow_private).",
    )


def test_what_is_wanted_waits_on_no_hold_and_is_kept_by_a_run(home: Home, site: str) -> None:
    home = beside(home)
    store = open_store(home)
    posts = [replace(d, raw=replace(d.raw, url=f"{site}/{n}")) for n, d in enumerate(
        [document(1, NOW), document(2, NOW)])]  # fmt: skip
    store.put(posts)
    store.close()
    ids = [post.id for post in posts]
    evidence.want(home, [*ids, "0" * 32], NOW, "alarm r 檀木子")
    evidence.want(home, ids, NOW + timedelta(hours=1), "case e1")
    assert keeping.held(home, ids) == [] and evidence.counted(home).waiting == 3
    assert keeping.look_again(home, NOW + timedelta(days=40), lambda url: PAGE) == []
    done = evidence.keep_wanted(home, NOW, pictures=False)
    assert sorted(one.document for one in done) == sorted(ids)
    assert keeping.held(home, ids) == sorted(ids)
    found = evidence.counted(home)
    assert (found.held, found.waiting, found.partly) == (2, 0, 2)
    assert "No picture was asked for (2)" in found.sentence
    assert evidence.keep_wanted(home, NOW, pictures=False) == []


def test_an_address_that_gave_no_answer_is_asked_again_and_not_for_ever(home: Home, site: str) -> None:
    home = beside(home)
    store = open_store(home)
    one, dead = document(1, NOW), document(2, NOW)
    store.put([replace(d, raw=replace(d.raw, url="http://127.0.0.1:9/a")) for d in (one, dead)])
    evidence.want(home, [one.id, dead.id], NOW, "alarm")
    evidence.keep_wanted(home, NOW, pictures=False)
    assert "No answer" in evidence.counted(home).sentence
    assert evidence.keep_wanted(home, NOW + timedelta(minutes=14), pictures=False) == []
    store.put([replace(one, raw=replace(one.raw, url=f"{site}/1"))])  # the network is back
    store.close()
    done = evidence.keep_wanted(home, NOW + timedelta(minutes=15), pictures=False)
    assert {d.document: d.kinds for d in done} == {one.id: ("response", "about"), dead.id: ()}
    tried = [evidence.keep_wanted(home, NOW + timedelta(hours=n), pictures=False) for n in range(1, 80)]
    assert [[d.document for d in again] for again in tried if again] == [[dead.id]] * 3
    kinds = [piece.kind for piece in keeping.archive(home).pieces(one.id)]
    assert kinds == ["text", "missing", "response", "about", "missing"]  # the last is the picture
    keeping.release(home, [dead.id])
    assert evidence.verify(home).faults == ()


def test_an_address_that_refuses_or_has_no_room_is_not_asked_for_ever(home: Home) -> None:
    def silent(url: str) -> Response:
        raise Refused("No answer: timed out.")

    def forbids(url: str) -> Response:
        raise Refused("robots.txt forbids it.")

    kept(home, silent)
    documents = [document(n, NOW) for n in (1, 2)]
    later = NOW + timedelta(hours=1)
    assert keeping.unanswered(home, later) == [one.id for one in documents]
    keeping.keep_again(home, documents[:1], later, forbids, shoot)
    assert keeping.unanswered(home, later) == [documents[1].id]
    (home.root / "fengping.toml").write_text("[evidence]\nlargest_gb = 0.0000001\n", encoding="utf-8")
    full, pieces = Home.open(home.root), [*keeping.archive(home).pieces()]
    assert keeping.keep_again(full, documents[1:], later, silent, shoot) == []
    assert [*keeping.archive(home).pieces()] == pieces


def test_a_full_archive_keeps_texts_alone_and_says_so(home: Home) -> None:
    (home.root / "fengping.toml").write_text("[evidence]\nlargest_gb = 0.0000001\n", encoding="utf-8")
    first, second = kept(Home.open(home.root))
    assert first.kinds == ("text", "response", "about", "picture")
    assert (second.kinds, second.missing) == (("text",), ("The archive is full (evidence.largest_gb).",))


def test_nothing_waits_where_it_is_not_wished_for(home: Home) -> None:
    (home.root / "fengping.toml").write_text("[evidence]\nautomatic = false\n", encoding="utf-8")
    evidence.want(Home.open(home.root), [document(1, NOW).id], NOW, "alarm")
    assert evidence.counted(home).waiting == 0


AUTHORITY = """
[tsa]
default_tsa = own
[own]
dir = .
serial = ./serial
signer_cert = ./cert.pem
signer_key = ./key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
"""


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[str]:
    """A time stamp server of one's own: openssl behind a socket."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "own.cnf").write_text(AUTHORITY)
    (folder / "serial").write_text("01\n")
    asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=own", "-keyout",
             "key.pem", "-out", "cert.pem", "-addext", "extendedKeyUsage=critical,timeStamping"]  # fmt: skip
    subprocess.run(["openssl", *asked], cwd=folder, check=True, capture_output=True)

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "q").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            subprocess.run(
                ["openssl", "ts", "-reply", "-queryfile", "q", "-config", "own.cnf", "-out", "r"],
                cwd=folder, check=True, capture_output=True,
            )  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "r").read_bytes())

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamps)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_third_party_stamps_the_manifest_and_a_stamp_of_something_else_is_found(
    home: Home, authority: str, tmp_path: Path
) -> None:
    archive, ask = keeping.archive(home), stamping.asker(authority)
    assert stamping.stamp(archive, NOW, ask) is None
    kept(home)
    last = archive.last()
    stamp = stamping.stamp(archive, NOW, ask)
    assert last and stamp and stamp.note == last.own
    assert stamping.stamp(archive, NOW, ask) is None
    assert evidence.verify(home).faults == ()
    answer = archive.object(stamp.sha256).read_bytes()
    assert stamping.piece_time(answer, last.own).tzinfo is not None
    (tmp_path / "own").write_text(last.own)
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-in", str(archive.object(stamp.sha256)), "-data", "own", "-CAfile",
         "authority/cert.pem"], cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    packing.export(archive, [document(1, NOW).id], tmp_path / "case.zip")
    with zipfile.ZipFile(tmp_path / "case.zip") as pack:
        stamps = [name for name in pack.namelist() if name.endswith(".tsr")]
    assert stamps == [f"stamps/{stamp.number:06d}.tsr"]
    archive.add("", stamping.KIND, answer, NOW, next(archive.pieces()).own)
    assert any("not of the line it names" in fault for fault in evidence.verify(home).faults)


def test_the_schedule_has_the_end_of_the_manifest_stamped(home: Home, authority: str) -> None:
    assert "stamp" not in jobs_of(home)
    home.config_file.write_text(f'[evidence]\ntimestamp = "{authority}"\n', encoding="utf-8")
    home = Home.open(home.root)
    kept(home)
    command = jobs_of(home)["stamp"].command(NOW)[:2]
    done = [CliRunner().invoke(app, ["--home", str(home.root), *command]) for _ in range(2)]
    assert [one.exit_code for one in done] == [0, 0]
    assert "Line 8 of the manifest is stamped" in done[0].output and "Nothing came" in done[1].output
    assert verified(home).exit_code == 0


def test_without_an_answer_there_is_no_stamp(home: Home, site: str) -> None:
    kept(home)
    for url, said in (("http://127.0.0.1:9", "does not answer"), (f"{site}/x", "answers 501")):
        with pytest.raises(stamping.NotStamped, match=said):
            stamping.stamp(keeping.archive(home), NOW, stamping.asker(url))


def test_a_page_of_tags_that_never_end_is_compared_at_once() -> None:
    """A search from each tag to the end of the page would take hours."""
    page = "<p>被芯是化纤。</p>" + "<script>" * 200_000 + "<" * 200_000
    assert compare("被芯是化纤。", "", page, page) == "unchanged"
