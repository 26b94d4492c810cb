"""Saved pages: WARC archives, folders of HTML, single HTML and MHTML files.

Only their bytes come out of here; reading a title and a text out of them is the extraction's work.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from fengping.indexer.importing.files import Input, Kind
from fengping.indexer.importing.limits import TOO_LARGE, read_page
from fengping.indexer.importing.rows import Refused, Skipped

_ENDINGS = (".html", ".htm", ".shtml", ".xhtml", ".mhtml", ".mht")
# What browsers write at the head of a page they save.
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SavedPage:
    number: int
    """Record of the archive, or place in the folder's order, from 1."""
    name: str
    """Path, or the archive's record."""
    url: str
    """Empty where the file does not tell; the page itself may."""
    html: bytes
    encoding: str | None
    """Charset that the server declared."""
    fetched_at: datetime


def read_pages(source: Input) -> Iterator[SavedPage | Refused | Skipped]:
    """Every page of an archive, a folder (also of folders) or a file, in a stable order."""
    if source.kind is Kind.WARC:
        return _archive_pages(source)
    if source.path.is_dir():
        return _folder_pages(source.path)
    with source.open() as stream:
        data = read_page(stream)
    if data is None:
        return iter([Refused(1, TOO_LARGE, "")])
    return iter([_page(1, source.path, source.path.name, data)])


def count_pages(folder: Path) -> int:
    """Files of a folder that :func:`read_pages` gives."""
    return len(_page_files(folder))


def _archive_pages(source: Input) -> Iterator[SavedPage | Refused | Skipped]:
    number = 0
    with source.open_packed() as stream:
        try:
            for number, record in enumerate(ArchiveIterator(stream), 1):
                headers = record.http_headers
                kind = (headers and headers.get_header("Content-Type")) or ""
                if record.rec_type != "response" or "html" not in kind or headers.get_statuscode() != "200":
                    yield Skipped(number)
                    continue
                data = read_page(record.content_stream())
                if data is None:
                    yield Refused(number, f"record {number}: {TOO_LARGE}", "")
                    continue
                charset = _CHARSET.search(kind)
                yield SavedPage(
                    number,
                    f"{source.path.name}, record {number}",
                    record.rec_headers.get_header("WARC-Target-URI") or "",
                    data,
                    charset[1] if charset else None,
                    _warc_date(record.rec_headers.get_header("WARC-Date") or "", source.path),
                )
        except (ArchiveLoadFailed, EOFError) as error:
            yield Refused(number + 1, f"the archive cannot be read from here on: {error}", "")


def _warc_date(text: str, path: Path) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _changed(path)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _folder_pages(folder: Path) -> Iterator[SavedPage | Refused | Skipped]:
    for number, path in enumerate(_page_files(folder), 1):
        name = path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as stream:
                data = read_page(stream)
        except OSError as error:
            yield Refused(number, f"{name}: {error.strerror}", "")
            continue
        yield Refused(number, f"{name}: {TOO_LARGE}", "") if data is None else _page(number, path, name, data)


def _page_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS and p.is_file())


def _page(number: int, path: Path, name: str, data: bytes) -> SavedPage | Refused:
    if path.suffix.lower() in {".mhtml", ".mht"}:
        return _mhtml_page(number, path, name, data)
    found = _SAVED_FROM.search(data[:4096])
    url = found[1].decode("ascii", "replace") if found else _url_of(name)
    return SavedPage(number, name, url, data, None, _changed(path))


def _mhtml_page(number: int, path: Path, name: str, data: bytes) -> SavedPage | Refused:
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            html = part.get_payload(decode=True)
            assert isinstance(html, bytes)
            url = str(part["Content-Location"] or message["Snapshot-Content-Location"] or "")
            return SavedPage(number, name, url, html, part.get_content_charset(), _changed(path))
    return Refused(number, f"{name}: an MHTML file without a page", "")


def _url_of(name: str) -> str:
    """The address that a mirroring program spelled into a path: ``news.example.cn/2020/a.html``."""
    host, _, rest = name.partition("/")
    return f"https://{host}/{rest}" if rest and _HOST.fullmatch(host) else ""


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
