"""The book-keeping of one run: every URL met is opened once and closed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fengping.spiders.run.statuses import UNSETTLED, Flag, Status

MAX_SIGNALS = 100


@dataclass
class Ledger:
    """URLs of a run with their ends, flags, and one sentence for each thing an operator should know."""

    ends: dict[str, Status | None] = field(default_factory=dict)
    flags: Counter[Flag] = field(default_factory=Counter)
    signals: list[str] = field(default_factory=list)
    on_close: Callable[[str], None] = lambda url: None
    """Told of every URL that ended."""
    _keys: dict[str, str] = field(default_factory=dict)

    def open(self, url: str, key: str = "") -> bool:
        """Notes a URL; whether it is to be dealt with now.

        *key* is the identity of what it leads to: a second URL with the same key ends at once as a
        duplicate. A URL that was met before in this run is not counted again.
        """
        if url in self.ends:
            return False
        self.ends[url] = None
        if key and self._keys.setdefault(key, url) != url:
            self.close(url, Status.DUPLICATE)
            return False
        return True

    def claim(self, key: str, url: str) -> bool:
        """True if *url* is the first of this run that leads to *key* (asked once its page is read)."""
        return self._keys.setdefault(key, url) == url

    def close(self, url: str, status: Status) -> None:
        """The end of a URL. Closing twice, or what was never met, is a fault of the caller."""
        if self.ends.get(url, status) is not None:
            raise ValueError(f"{url} is not open")
        self.ends[url] = status
        self.on_close(url)

    def hand_over(self, url: str) -> None:
        """Takes an open URL out of this run: another machine may take it up, and counts it then."""
        if self.is_open(url):
            del self.ends[url]

    def take_over(self, url: str) -> None:
        """Notes a URL that another machine, or this one before, handed over."""
        self.ends[url] = None

    def is_open(self, url: str) -> bool:
        return url in self.ends and self.ends[url] is None

    def flag(self, flag: Flag, count: int = 1) -> None:
        self.flags[flag] += count

    def signal(self, sentence: str) -> None:
        """One sentence for the operator, told once a run."""
        if sentence not in self.signals and len(self.signals) < MAX_SIGNALS:
            self.signals.append(sentence)

    def finish(self) -> None:
        """Closes what the run did not come to."""
        for url, end in self.ends.items():
            if end is None:
                self.ends[url] = Status.UNFINISHED

    @property
    def counts(self) -> Counter[Status]:
        return Counter(end for end in self.ends.values() if end is not None)

    @property
    def settled(self) -> bool:
        """True if no URL met is left for another run."""
        return all(end is not None and end not in UNSETTLED for end in self.ends.values())
