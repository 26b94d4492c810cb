"""``fengping index`` killed with SIGKILL, again and again: in the end every document once, grouped alike."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from fengping.home import Home
from fengping.indexer import Filter, Store, open_journal, open_store, open_store_url
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Document, RawDocument, document_id

pytestmark = pytest.mark.long

NOW = datetime(2020, 11, 12, tzinfo=UTC)
SIZE = 1_200

# Worker processes although the journal is small, so that they are killed as well.
INDEX = """
import sys
from fengping.cli import main
from fengping.indexer import pipeline
pipeline._SMALL = 0
main(["--home", sys.argv[1], "index", "--json"])
"""


def write_posts(home: Home) -> None:
    """Posts in two files, a seventh of them reposts that are older than what they repost."""
    chance = random.Random(3)
    characters = [chr(0x4E00 + 5 * n) for n in range(3_000)]
    texts: list[str] = []
    for number in range(SIZE):
        if number > 50 and number % 7 == 0:
            texts.append(texts[number - chance.randrange(1, 50)])
        else:
            texts.append("".join(chance.choices(characters, k=60)))
    for part in (range(SIZE // 2), range(SIZE // 2, SIZE)):
        with open_journal(home).writer() as writer:
            writer.append(
                *(
                    RawDocument(
                        document_id(str(n)), "sample", texts[n], NOW, published_at=NOW - timedelta(minutes=n)
                    )
                    for n in part
                )
            )


def make_home(root: Path) -> Home:
    root.mkdir()
    (root / "fengping.toml").write_text("[analysis]\nbatch = 8\nworkers = 2\n", encoding="utf-8")
    home = Home.open(root)
    write_posts(home)
    return home


def start(home: Home) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", INDEX, str(home.root)]
    # A run of the tests that a shell put into the background ignores the signal, and hands that on.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, heard)


def kill(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Kills with SIGKILL; the worker processes that were running."""
    workers: list[psutil.Process] = []
    if process.poll() is None:
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return workers


def documents(store: Store) -> dict[str, Document]:
    found = [replace(document, indexed_at=NOW) for document in store.scan(Filter())]
    assert max(Counter(document.id for document in found).values()) == 1
    return {document.id: document for document in found}


def test_killed_at_any_point_and_run_again_every_document_is_there_once(tmp_path: Path) -> None:
    whole, store = make_home(tmp_path / "whole"), open_store_url("memory:")
    pipeline.index(whole, store, indexed_at=NOW)
    home, chance = make_home(tmp_path / "killed"), random.Random()
    seed = chance.randrange(10**6)
    chance.seed(seed)
    killed = 0
    for _ in range(4):
        process = start(home)
        begun = home.var / "groups" / "documents.bin"
        size = begun.stat().st_size if begun.exists() else -1
        # From the moment that this run gets anywhere, or ends.
        while process.poll() is None and (begun.stat().st_size if begun.exists() else -1) == size:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.4))
        killed += process.poll() is None
        workers = kill(process)
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert alive == [], "workers end with the process that started them"
    assert killed
    last = start(home)
    said, complaints = last.communicate()
    assert last.returncode == 0, complaints.decode()
    assert said.startswith(b'{"lines":')
    with closing(open_store(home)) as reopened:
        assert documents(reopened) == documents(store), f"killed {killed} times, seed {seed}"


@pytest.mark.parametrize(
    "ask",
    [lambda pid: os.kill(pid, signal.SIGTERM), lambda pid: os.killpg(pid, signal.SIGINT)],
    ids=["SIGTERM", "Ctrl-C, which its workers get too"],
)
def test_asked_to_end_it_ends_in_order_and_the_next_run_goes_on(
    ask: Callable[[int], None], tmp_path: Path
) -> None:
    home = make_home(tmp_path / "home")
    process = start(home)
    while not (home.var / "groups").exists():
        time.sleep(0.005)
    ask(process.pid)
    _, complaints = process.communicate()
    assert process.returncode == 1, complaints.decode()
    assert b"Stopped as asked; fengping index goes on from here." in complaints
    assert b"Traceback" not in complaints
    last = start(home)
    last.communicate()
    assert last.returncode == 0
    with closing(open_store(home)) as store:
        assert store.count(Filter()) == SIZE
