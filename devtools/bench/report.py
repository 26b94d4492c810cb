"""A report by stage: facts, chapters and each format; beside the facts, orjson reading the same records.

Its posts tell of events in the share that collected ones do, which are found as the product finds them. Of a
home that exists (``--home``): each group of facts by itself as well, with the processor time it takes. Of a
long report (``--pages``): its PDF alone, with the most memory that a process of Chromium takes.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import orjson
import psutil
from pypdf import PdfReader

from devtools.bench import Options, Row
from devtools.bench.search import BATCH, HOSTS, posts
from fengping import events
from fengping.clock import parse_moment
from fengping.errors import NotInstalled
from fengping.home import Home
from fengping.indexer import Filter, Store, open_store, open_store_url
from fengping.models import Document, Polarity
from fengping.reports import Report, build, find_kind, window_of
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.question import Question
from fengping.reports.output import WRITERS
from fengping.services.counting import count_negatives

SIZE = 100_000
NOW = parse_moment("2020-12-01T09:00")
FIRST, LAST = "2020-10-20", "2020-11-15"
REPEATED = 8
"""Times that a long report has all chapters."""
LONGEST = 12
"""Groups of facts that are named by themselves."""


def run(options: Options) -> list[Row]:
    """Seconds a stage over a double11 report; PDF only where Chromium is found."""
    if options.home is not None:
        return list(_of_home(options.home))
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        url = f"{options.store.rstrip('/')}-bench" if options.store else f"tantivy:{Path(folder) / 'index'}"
        return _measure(url, size, Path(folder), long=options.pages)


def _of_home(root: Path) -> Iterator[Row]:
    """Rows of the facts of a home's double11 report, the groups that take longest first.

    A group is asked with all that it rests on, unless one declared before it has asked for that.
    """
    home = Home.open(root)
    kind = find_kind("double11")
    window = window_of(kind, FIRST, LAST, NOW)
    with closing(open_store(home)) as store:
        size = store.count(Filter())
        question = Question(window, before=tuple(kind.before(window)))
        facts = Facts(store, question, home, estimate=partial(_estimate, home, store))
        spent: dict[str, _Spent] = {}
        for name, value in vars(Facts).items():
            if isinstance(value, cached_property):
                begun = _Spent.so_far()
                getattr(facts, name)
                spent[name.strip("_")] = _Spent.so_far().less(begun)
        scanned = _scan_of(store, size)
    yield Row(f"orjson reads the same records ({min(size, SAMPLE)} read)", scanned, "s", size)
    longest = sorted(spent, key=lambda name: -spent[name].seconds)[:LONGEST]
    for name in longest:
        yield from _rows(f"facts: {name}", spent[name], size)
    yield from _rows("facts: all others", _Spent.sum(spent[n] for n in spent.keys() - set(longest)), size)
    whole = _Spent.sum(spent.values())
    yield from _rows("facts", whole, size, whole.seconds / scanned)
    begun = _Spent.so_far()
    with closing(open_store(home)) as store:
        report = build(store, kind, window, home=home, estimate=partial(_estimate, home, store))
    taken = _Spent.so_far().less(begun)
    what = "facts and chapters, the longest beside the others"
    yield from _rows(what, taken, size, taken.seconds / scanned)
    with tempfile.TemporaryDirectory() as folder:
        yield from _formats(report, Path(folder), size)


SAMPLE = 200_000
"""Records of a home that are read again as JSON; the time of all is reckoned from theirs."""


def _scan_of(store: Store, size: int) -> float:
    """Seconds that orjson takes for all records of *store*, each made and forgotten as it comes."""
    spent, read = 0.0, 0
    found = store.scan(Filter())
    while batch := [orjson.dumps(d.to_record()) for d in islice(found, min(BATCH, SAMPLE - read))]:
        spent += _seconds(partial(_read, batch))
        read += len(batch)
    return spent * size / read if read else 0.0


def _read(lines: Iterable[bytes]) -> None:
    for line in lines:
        orjson.loads(line)


def _formats(report: Report, folder: Path, size: int, names: Iterable[str] = WRITERS) -> Iterator[Row]:
    for name in names:
        path, write = folder / f"report.{name}", WRITERS[name]
        try:
            with _processes() as peaks:
                yield Row(name, _seconds(partial(write, report, path)), "s", size)
        except NotInstalled as error:
            yield Row(f"{name}: {error}", 0.0, "s", size)
        if peaks:
            yield Row("  peak of the largest process of Chromium", max(peaks.values()), "MiB", size)
            yield Row("  its pages", len(PdfReader(path).pages), "", size)


@contextmanager
def _processes() -> Iterator[dict[int, float]]:
    """Most memory that each process of Chromium below this one held within, in MiB by its id."""
    peaks: dict[int, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    if "chrom" in child.name():
                        held = child.memory_info().rss / 2**20
                        peaks[child.pid] = max(peaks.get(child.pid, 0.0), held)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def _estimate(home: Home, store: Store, where: Filter) -> None:
    count_negatives(home, where, store=store)


class _Spent(NamedTuple):
    """Time on the clock and on the processors."""

    seconds: float
    processor: float

    @classmethod
    def so_far(cls) -> _Spent:
        return cls(time.perf_counter(), time.process_time())

    @classmethod
    def sum(cls, parts: Iterable[_Spent]) -> _Spent:
        return cls(*(sum(values) for values in zip(cls(0, 0), *parts, strict=True)))

    def less(self, other: _Spent) -> _Spent:
        return _Spent(self.seconds - other.seconds, self.processor - other.processor)


def _rows(what: str, spent: _Spent, size: int, ratio: float | None = None) -> Iterator[Row]:
    yield Row(what, spent.seconds * 1e3, "ms", size, ratio, "orjson" if ratio is not None else "")
    yield Row("  processor time", spent.processor * 1e3, "ms", size)


def _measure(url: str, size: int, folder: Path, *, long: bool) -> list[Row]:
    records = folder / "records.jsonl"
    with closing(open_store_url(url)) as store:
        made = map(_judged, map(_of_affair, count(), posts(size)))
        with records.open("wb") as file:
            while batch := list(islice(made, BATCH)):
                store.put(batch)
                file.writelines(orjson.dumps(document.to_record()) + b"\n" for document in batch)
        (folder / "fengping.toml").touch()
        home = Home.open(folder)
        found = _seconds(lambda: events.update(home, store))
        known = len(store.terms(Filter(), "event", limit=size))
        scanned = _seconds(lambda: _scan(records))
        kind = find_kind("double11")
        window = window_of(kind, FIRST, LAST, NOW)
        began = time.perf_counter()
        report = build(store, kind, window, home=home)
        seconds = time.perf_counter() - began
        bounds = _seconds(lambda: count_negatives(home, Filter(), store=store))
        if url.startswith("elasticsearch"):
            store.delete([document.id for document in posts(size)])
    if long:
        return list(_formats(replace(report, blocks=report.blocks * REPEATED), folder, size, ["pdf"]))
    return [
        Row(f"its {known} events found", found, "s", size),
        Row("orjson reads the same records", scanned, "s", size),
        Row("facts and chapters", seconds, "s", size, seconds / scanned, "orjson"),
        Row("interval of the negatives", bounds, "s", size, bounds / scanned, "orjson"),
        *_formats(report, folder, size),
    ]


def _scan(records: Path) -> None:
    with records.open("rb") as file:
        _read(file)


BLOCK = 140
SIZES = (2, 2, 2, 2, 2, 3, 3, 5, 8, 15)
"""Posts of each affair in a block of posts: seven events to a hundred posts, a third of all posts of one."""
AFFAIRS = tuple(number for number, size in enumerate(SIZES) for _ in range(size))
ACCOUNTS = 5_000


def _of_affair(number: int, document: Document) -> Document:
    """The post, or one that tells of an affair as others beside it do; each of an account."""
    raw = replace(document.raw, author_id=f"a{number * 7 % ACCOUNTS}")
    place = number * 37 % BLOCK
    if place >= len(AFFAIRS):
        return replace(document, raw=raw)
    chance = random.Random(number // BLOCK * len(SIZES) + AFFAIRS[place])
    words = ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(n)) for n in (4, 8, 12)]
    host, amount = chance.choice(HOSTS), chance.randrange(1_000, 100_000)
    title = f"{host}直播间{words[0]}被曝{words[1]}"
    text = f"有消费者在{host}直播间购买的{words[0]}{words[1]}，{words[2]}，共{amount}元。{raw.text[:40]}"
    judgement = replace(document.judgement, polarity=Polarity.NEG, hosts=(host,), issues=("C02",))
    return replace(document, raw=replace(raw, title=title, text=text), judgement=judgement)


def _judged(document: Document) -> Document:
    judged = document.judgement
    return document.with_judgement(consumer=True, negative_hosts=judged.hosts if judged.issues else ())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
