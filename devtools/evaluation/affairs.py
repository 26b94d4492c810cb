"""Affairs of hosts as the events of hot lists hold them: together in one event, and apart from each other.

Affairs are the incidents of the alarms' streams and those of the hot titles (``incidents.tsv``,
``hot-affairs.tsv``); a text is a title, however often a list shows it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from devtools.evaluation import data_hash, hot_affairs, proportion
from devtools.evaluation.alarms import STREAMS, read_again, read_stream
from devtools.evaluation.incidents import FIRST, read_incidents
from fengping.analysis.figures import Figure
from fengping.indexer import Filter
from fengping.indexer.search import MemoryStore

TEXTS = 4
"""Texts from which on an affair must be held together."""
TOGETHER = 0.7
"""Share of them that one event must hold."""


def measure(data: Path) -> list[Figure]:
    """Affairs held together, and events that mix affairs, of those that hold two labelled texts."""
    readings, found = read_incidents(), list[dict[str, Counter[str]]]()
    for name, file in STREAMS.items():
        texts: dict[str, set[str]] = defaultdict(set)
        for line in readings.first:
            if line.stream == name:
                texts[line.incident].add(line.title)
        store = read_again(read_stream(data / file, name, readings).store)
        found.append(_events(store, texts))
    affairs = {str(at): set(one.documents) for at, one in enumerate(hot_affairs.read_affairs())}
    found.append(_events(read_again(hot_affairs.judged(data)), affairs))
    files = [*(data / file for file in STREAMS.values()), data / hot_affairs.TITLES]
    digest = data_hash(*files, FIRST, hot_affairs.AFFAIRS)
    large = [one for part in found for one in part.values() if one.total() >= TEXTS]
    most = [max((n for event, n in one.items() if event), default=0) / one.total() for one in large]
    held = sum(share >= TOGETHER for share in most)
    mixed = [kinds for part in found for kinds in _affairs(part)]
    return [
        proportion("events.affairs.together", held, len(large), digest),
        proportion(
            "events.affairs.mixed", sum(kinds > 1 for kinds in mixed), len(mixed), digest, at_most=True
        ),
    ]


def _events(store: MemoryStore, affairs: Mapping[str, set[str]]) -> dict[str, Counter[str]]:
    """Events of the texts of each affair with how many they hold; "" for texts in no event."""
    event_of = {one.group: one.event for one in sorted(store.scan(Filter()), key=lambda one: one.event)}
    return {
        name: Counter(event_of[text] for text in sorted(texts) if text in event_of)
        for name, texts in affairs.items()
    }


def _affairs(found: Mapping[str, Counter[str]]) -> Iterator[int]:
    """Number of affairs of which each event holds a text, of events that hold two texts."""
    held: dict[str, list[int]] = defaultdict(list)
    for counts in found.values():
        for event, texts in counts.items():
            held[event].append(texts)
    yield from (len(one) for event, one in held.items() if event and sum(one) > 1)
