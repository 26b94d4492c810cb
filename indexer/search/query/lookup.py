"""Names in a query that stand outside of it: today, hosts and classes, word lists, saved queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator

from fengping.analysis import HostRegistry
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer.search.query.values import Values
from fengping.indexer.search.text.folding import variants
from fengping.toml import Strict, load_toml

WORDS_FILE = "words.toml"


class WordsFile(Strict):
    """``words.toml`` of a home: lists of words by name."""

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("words")
    @classmethod
    def _something_to_find(cls, lists: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, words in lists.items():
            if not words:
                raise ValueError(f"the list {name!r} has no words")
            for word in words:
                if not variants(word):
                    raise ValueError(f"in the list {name!r}, {word!r} holds nothing to look for")
        return lists


class Lookup:
    """Names that a query uses, looked up when first met.

    With *home* its hosts, word lists and saved queries are known; *now* is what relative dates count from;
    *stored* says whether documents hold a value of a field that no registry knows (any more).
    """

    def __init__(
        self,
        home: Home | None = None,
        now: datetime | None = None,
        *,
        registry: HostRegistry | None = None,
        words: Mapping[str, Sequence[str]] | None = None,
        queries: Mapping[str, str] | None = None,
        stored: Callable[[str, str], bool] | None = None,
    ) -> None:
        self.now = now
        self._home = home
        self._words = words
        self._queries = queries
        self._stored = stored
        own = (home.hosts,) if home is not None and home.hosts.exists() else ()
        self._values = Values(own, registry)

    def with_queries(self, queries: Mapping[str, str]) -> Lookup:
        """The same names with other saved queries."""
        other = copy(self)
        other._queries = queries
        return other

    def value(self, field: str, name: str) -> str:
        """The store's value for *name* in *field*; raises :class:`UsageError` with the nearest known."""
        try:
            return self._values.resolve(field, name)
        except UsageError:
            if self._stored is not None and self._stored(field, name):
                return name
            raise

    def knows(self, field: str, name: str) -> bool:
        """True if *name* is a value of *field*."""
        try:
            return bool(self.value(field, name))
        except UsageError:
            return False

    def words(self, name: str) -> Sequence[str]:
        """The words of a list; raises :class:`UsageError` where there is none of that name."""
        if name not in self._lists:
            known = did_you_mean(name, self._lists) if self._lists else f"Write it into {WORDS_FILE}."
            raise UsageError(f"Unknown word list {name!r}.", remedy=known)
        return self._lists[name]

    def query(self, name: str) -> str:
        """The text of a saved query; raises :class:`UsageError` where there is none of that name."""
        if name not in self._saved:
            known = did_you_mean(name, self._saved) if self._saved else "See: fengping query save --help."
            raise UsageError(f"Unknown saved query {name!r}.", remedy=known)
        return self._saved[name]

    @cached_property
    def _lists(self) -> Mapping[str, Sequence[str]]:
        if self._words is not None:
            return self._words
        path = self._home.files / WORDS_FILE if self._home else Path(WORDS_FILE)
        return load_toml(WordsFile, path).words if self._home and path.exists() else {}

    @cached_property
    def _saved(self) -> Mapping[str, str]:
        if self._queries is not None:
            return self._queries
        if self._home is None:
            return {}
        from fengping.indexer.search.query.saved import SavedQueries  # with it comes the database

        return {one.name: one.text for one in SavedQueries(self._home).all()}
