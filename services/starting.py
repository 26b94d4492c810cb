"""The first documents of a home, by one act each: sources crawled, a file imported, the sample loaded."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from fengping.durable import write_whole
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.indexer.importing import Input
from fengping.models import Kind
from fengping.progress import Listener, Step
from fengping.services import importing, indexing

LIMIT = timedelta(hours=2)
UPLOADS = "uploads"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def command(home: Home, *words: str, limit: timedelta = LIMIT) -> str:
    """Runs one command on a home as a process of its own and returns what it printed.

    Raises :class:`Failed` with the last line of its complaints, and where it takes longer than *limit*.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, "-m", "fengping", "--home", str(home.root), *words],
            stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        ended = False
        try:
            code = child.wait(limit.total_seconds())
        except subprocess.TimeoutExpired:
            code, ended = -1, True
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        out.seek(0)
        err.seek(0)
        said, complaints = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
    if code:
        lines = [] if ended else complaints.strip().splitlines()
        line = (
            lines[-1] if lines else f"It was ended at its limit of {limit / timedelta(minutes=1):g} minutes."
        )
        raise Failed(f"fengping {words[0]}: {line.removeprefix('fengping: ')}")
    return said


def collect(home: Home, show: Listener) -> None:
    """Crawls every enabled source once and indexes what came."""
    show(Step("start", note="crawl"))
    command(home, "crawl", "--json")
    show(Step("start", note="index"))
    command(home, "index")


def load_sample(home: Home, show: Listener) -> None:
    """Puts the invented posts of the demonstration into a home that holds nothing yet."""
    show(Step("start", note="sample"))
    command(home, "demo", "--here")
    show(Step("start", note="index"))
    command(home, "index")


def keep_upload(home: Home, name: str, content: bytes) -> Path:
    """Puts a file that was sent where imports of this home lie; its name is made harmless.

    It has a folder by its content, so that another file of the same name leaves the one alone that is being
    imported.
    """
    plain = re.sub(r"[^\w.-]+", "-", Path(name.replace("\\", "/")).name).strip("-.")[-80:]
    if not plain or not content:
        raise UsageError("No file was sent.", remedy="Choose a CSV, XLSX, JSON Lines or HTML file.")
    uploads = home.var / UPLOADS
    folder = uploads / hashlib.sha256(content).hexdigest()[:12]
    try:
        uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        path = folder / plain
        write_whole(path, content)  # sent again, it may be read just now
    except OSError as error:
        raise UsageError(f"{plain} cannot be kept: {error.strerror}.", remedy="Make room.") from None
    return path


def take_file(
    home: Home, path: Path, source: str, now: datetime, show: Listener, kind: Kind | None = None
) -> str:
    """Imports a file and indexes it; returns what became of its rows, in a sentence."""
    if not _NAME.fullmatch(source):
        raise UsageError(
            f"{source!r} cannot name a source.", remedy="Use small letters, digits, - and _, as vendor-a."
        )
    show(Step("start", note="import"))
    planned = [importing.plan(Input(path), [])]
    terms = importing.terms_of(home, source, now, kind=kind)
    doubts = [*importing.taken_as(planned), *importing.doubts(home, planned, terms)]
    importer = importing.take_in(home, planned, terms, show=show)
    doubts += importing.fell_together(importer)
    doubts += importing.unchanged(home, importer, planned, terms)
    show(Step("start", note="index"))
    indexing.index(home, now, show=show)
    counts = "、".join(f"{status} {count:,}" for status, count in importer.statuses.items() if count)
    return " ".join([f"#{importer.number} {path.name}: {counts}.", *doubts])
