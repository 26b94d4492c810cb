"""Opening of stores by URL. A driver is imported only when its store is opened."""

from __future__ import annotations

import re
from pathlib import Path

from fengping.errors import ConfigError, did_you_mean
from fengping.home import Home
from fengping.indexer.search.protocol import Store
from fengping.visible import masked

SCHEMES = ("tantivy", "elasticsearch+http", "elasticsearch+https", "memory")

_kept_in_memory: dict[str, Store] = {}


def open_store(home: Home) -> Store:
    """The store that ``store`` in the home's ``fengping.toml`` names; a relative path lies in the home.

    ``memory:`` is one store for each home as long as the process lives.
    """
    scheme, rest = home.path_url(home.config.store)
    if scheme == "memory":
        return open_store_url(f"memory:{home.root}")
    return open_store_url(f"{scheme}:{rest}", home.identity, home.config.elasticsearch.rollover)


def open_store_url(url: str, owner: str = "", rollover: str = "") -> Store:
    """A store by URL: ``tantivy:PATH``, ``elasticsearch+http://host:9200,host:9200/name``, ``memory:NAME``.

    ``memory:`` alone is a new, empty store; with a name, the one of that name in this process. A store of
    another home than *owner* is refused at its first question; the first to write to it makes it theirs.
    *rollover*: ``month`` for an index by month, where one in Elasticsearch is made or rebuilt.
    Raises :class:`ConfigError` for any other URL. Nothing is read or sent before the first question.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        from fengping.indexer.search.backends.memory import MemoryStore

        return _kept_in_memory.setdefault(rest, MemoryStore(url)) if rest else MemoryStore()
    if scheme == "tantivy" and rest:
        from fengping.indexer.search.backends.tantivy.store import TantivyStore

        return TantivyStore(Path(rest), owner=owner)
    if scheme in {"elasticsearch+http", "elasticsearch+https"}:
        from fengping.indexer.search.backends.elasticsearch.store import ElasticStore

        return ElasticStore(url, owner=owner, rollover=rollover)
    known = did_you_mean(masked(scheme), SCHEMES)
    raise ConfigError(f"Unknown store URL {masked(url)!r}. {known}")


def place_of(url: str) -> str:
    """The name by which the state database knows the store at *url*.

    Of one in Elasticsearch that is its alias, whichever nodes are named and however: the indices behind it
    say whose they are.
    """
    if found := re.fullmatch(r"elasticsearch\+https?://[^/]+(?:/([^/]*))?/?", url):
        return f"elasticsearch:{found[1] or 'fengping'}"
    return without_password(url)


def without_password(url: str) -> str:
    """*url* as it is noted: a password may change without the documents going anywhere."""
    return re.sub(r"//[^@/]*@", "//", url)[:255]
