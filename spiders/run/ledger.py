"""The book-keeping of one run: every URL met is opened once and closed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fengping.spiders.run.statuses import READ, UNSETTLED, Flag, Status

MAX_SIGNALS = 100


@dataclass
class Ledger:
    """URLs of a run with their ends, flags, and one sentence for each thing an operator should know."""

    ends: dict[str, Status | None] = field(default_factory=dict)
    flags: Counter[Flag] = field(default_factory=Counter)
    signals: list[str] = field(default_factory=list)
    on_close: Callable[[str], None] = lambda url: None
    """Told of every URL that ended."""
    lists: dict[str, bool] = field(default_factory=dict)
    """List pages among the URLs; ``True`` for one that need not be there: a number behind the last."""
    kept: set[str] = field(default_factory=set)
    """Those of documents that an earlier run kept: their schedule makes a visit again that failed."""
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

    def open_list(self, url: str, *, may_end: bool) -> bool:
        """:meth:`open` for the page of a list. *may_end*: the list may have ended before it."""
        if not self.open(url):
            return False
        self.lists[url] = may_end
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

    def take_over(self, url: str, may_end: bool | None = None) -> None:
        """Notes a URL that another machine, or this one before, handed over; *may_end* of a list page, as
        of :meth:`open_list`."""
        self.ends[url] = None
        if may_end is not None:
            self.lists[url] = may_end

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
    def list_ends(self) -> Counter[Status]:
        """Ends of the list pages alone; a number behind a list's last page is none of them."""
        ends = ((self.ends.get(url), may_end) for url, may_end in self.lists.items())
        return Counter(end for end, may_end in ends if end and not (may_end and end is Status.GONE))

    @property
    def lost_lists(self) -> Counter[Status]:
        """Ends of the list pages of which nothing, or not all, could be read."""
        return Counter({end: n for end, n in self.list_ends.items() if end not in READ})

    @property
    def settled(self) -> bool:
        """True if no URL met is left for another run."""
        readable = Status.PARSE_ERROR not in self.lost_lists
        ends = self.ends.items()
        return readable and all(
            end is not None and (end not in UNSETTLED or url in self.kept) for url, end in ends
        )
