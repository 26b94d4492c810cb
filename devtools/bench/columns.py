"""Values beside the embedded index: marking documents with their events, and scans of some fields."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from devtools.bench import Options, Row
from devtools.bench.search import BATCH, posts
from fengping.indexer import Filter, Store, open_store, open_store_url
from fengping.indexer.search import Changes

SIZE = 100_000
_MARKED = 1_000
"""Documents that are marked at once, as an update of events does."""
_EVENT = 5
"""Documents of an event."""
FIVE = ("id", "published_at", "event", "negative_hosts", "source")
_NEGATIVE = Filter(where={"polarity": ("neg",)})


def run(options: Options) -> list[Row]:
    """Processor time of a mark and of a scan, of invented posts; of *home* as it is, only of scans."""
    if options.home:
        from fengping.home import Home

        with closing(open_store(Home.open(options.home))) as store:
            return list(_scans(store))
    size = options.size or SIZE
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store_url(options.store or f"tantivy:{Path(folder) / 'index'}")) as store,
    ):
        made, ids = posts(size), list[str]()
        while batch := list(islice(made, BATCH)):
            store.put(batch, ())
            ids += [one.id for one in batch]
        few: Changes = {id: {"author": "路人"} for id in ids[:: max(1, size // _MARKED)]}
        anew = _spent(lambda: store.update(few)) / len(few)
        third = [*_marks(ids[: size // 3])]
        marked = _spent(lambda: [store.update(part) for part in third]) / max(1, size // 3)
        return [
            Row("a document marked with its event", 1e6 * marked, "µs", size // 3, marked / anew, "anew"),
            Row("a document written anew", 1e6 * anew, "µs", len(few)),
            *_scans(store),
        ]


def _marks(ids: list[str]) -> Iterator[Changes]:
    for at in range(0, len(ids), _MARKED):
        part = ids[at : at + _MARKED]
        yield {id: {"event": f"e{(at + n) // _EVENT:012x}"} for n, id in enumerate(part)}


def _scans(store: Store) -> Iterator[Row]:
    count = store.count(_NEGATIVE)
    for what, names in (("five columns of the negatives", FIVE), ("their texts", (*FIVE, "text"))):
        spent = _spent(partial(_read, store, names))
        yield Row(what, 1e3 * spent, "ms", count)
    yield Row("their events counted", 1e3 * _spent(lambda: store.terms(_NEGATIVE, "event")), "ms", count)
    [*_, (event, _)] = store.terms(_NEGATIVE, "event", limit=10) or [("", 0)]
    one = Filter(where={"event": (event,)})
    yield Row("documents of an event", 1e3 * _spent(lambda: store.search(one)), "ms", store.count(one))


def _read(store: Store, names: Sequence[str]) -> int:
    return sum(1 for _ in store.columns(_NEGATIVE, names))


def _spent(act: Callable[[], object]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin
