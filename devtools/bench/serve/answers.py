"""Answers of the API, asked one by one and by many at once while the indexer writes."""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice

import httpx2
import orjson

from devtools.bench import Options, Row
from devtools.bench.commands import command_of
from devtools.bench.index import posts
from devtools.bench.search import FACETS, START, WORDS
from devtools.bench.serve.crowd import EVERY, SESSIONS, TIMEOUT, Crowd
from devtools.bench.serve.filled import on_each
from fengping.errors import Failed
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.search import parse
from fengping.models import RawDocument, document_id
from fengping.progress import Remark, emit

WRITTEN = 200_000
"""Posts that the indexer writes, once alone and once beside the sessions; no more than the store held."""
WARM = 2_000
"""Posts that it writes before either: what is built once is built then."""
REPEATS = 40
_API = "/api/v1"
_WINDOW = {"since": "2020-10-20", "until": "2020-11-17"}

QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "search, 20 newest of a word": ("/search", {"q": "{word}"}),
    "search, NEAR/10 of two common words": ("/search", {"q": "NEAR/10({word} {other})"}),
    "trend by day of a word, by polarity": ("/trend", {"q": "{word}", "by": "day", "split": "polarity"}),
    "trend by day of all, by host": ("/trend", {"by": "day", "split": "hosts", **_WINDOW}),
    "crosstab of all, hosts × issues": ("/crosstab", {"rows": "hosts", "columns": "issues", **_WINDOW}),
}


def run(options: Options) -> list[Row]:
    """Each question alone; then the sessions beside the indexer, and its rate beside its rate alone."""
    return on_each(options, _measured)


def _measured(home: Home, size: int) -> list[Row]:
    with _served(home) as url:
        with httpx2.Client(base_url=url, timeout=TIMEOUT) as client:
            rows = [Row(f"{what}, p95", ms, "ms", size) for what, ms in _alone(client)]
        rows.insert(1, Row("search with seven facets, p95", _with_facets(home), "ms", size))
        return rows + _together(home, url, min(WRITTEN, size))


def _alone(client: httpx2.Client) -> Iterator[tuple[str, float]]:
    for what in QUESTIONS:
        chance = random.Random(what)

        def ask(what: str = what, chance: random.Random = chance) -> None:
            path, params = _worded(what, chance)
            client.get(path, params=params).raise_for_status()

        yield what, _p95(ask)


def _with_facets(home: Home) -> float:
    """The list and the counts beside it, as the store gives them to the page."""
    chance = random.Random(5)
    with closing(open_store(home)) as store:

        def ask() -> None:
            where = Filter(text=parse(chance.choice(WORDS)))
            store.search(where)
            store.facets(where, FACETS)

        return _p95(ask)


def _p95(ask: Callable[[], None]) -> float:
    """Milliseconds, after one question that warms up."""
    ask()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(taken, n=20)[-1]


def _worded(what: str, chance: random.Random) -> tuple[str, dict[str, str]]:
    path, params = QUESTIONS[what]
    word, other = chance.sample(WORDS, 2)
    return _API + path, {name: value.format(word=word, other=other) for name, value in params.items()}


def _any(chance: random.Random) -> tuple[str, dict[str, str]]:
    return _worded(chance.choice(list(QUESTIONS)), chance)


def _together(home: Home, url: str, size: int) -> list[Row]:
    made = _documents(WARM + 2 * size)
    _collect(home, islice(made, WARM))
    _index(home)
    _collect(home, islice(made, size))
    alone = _index(home)
    _collect(home, made)
    with Crowd(url, _any) as crowd:
        beside = _index(home)
    asked = len(crowd.seconds)
    for error in sorted(set(crowd.errors)):
        emit(Remark(error))
    p95 = 1000 * statistics.quantiles(crowd.seconds, n=20)[-1] if asked > 1 else 0.0
    who = f"{SESSIONS} sessions, each every {EVERY:.0f} s, while the indexer writes"
    return [
        Row(f"{who}: p95", p95, "ms", asked),
        Row(f"{who}: errors", len(crowd.errors), "", asked),
        Row("indexer alone", alone, "documents/s", size),
        Row("indexer beside the sessions", beside, "documents/s", size, beside / alone, "indexer alone"),
    ]


def _documents(size: int) -> Iterator[RawDocument]:
    for number, (text, at, author) in enumerate(posts(size)):
        id = document_id("written", str(number))
        url = f"https://posts.example/{id}"
        yield RawDocument(id, "written", text, START, author=author, url=url, published_at=at)


def _collect(home: Home, documents: Iterator[RawDocument]) -> None:
    with open_journal(home).writer() as writer:
        while batch := list(islice(documents, 1_000)):
            writer.append(*batch)
        writer.sync()


def _index(home: Home) -> float:
    """Documents a second of one run of the indexer over what waits in the journal, starting included."""
    done = subprocess.run(command_of(home, "index", "--json"), capture_output=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.decode().strip().removeprefix("fengping: "))
    told = orjson.loads(done.stdout)
    return float(told["lines"] / told["elapsed"])


@contextmanager
def _served(home: Home) -> Iterator[str]:
    """Address of ``fengping serve`` over *home*."""
    said = home.root / "serve.log"
    with said.open("wb") as log:
        process = subprocess.Popen(command_of(home, "serve", "--port", "0"), stderr=log)
    try:
        while not (found := re.search(r"http://[0-9.:]+", said.read_text(encoding="utf-8"))):
            if process.poll() is not None:
                raise Failed(f"fengping serve did not start: {said.read_text(encoding='utf-8').strip()}")
            time.sleep(0.05)
        yield found[0]
    finally:
        process.terminate()
        process.wait()
