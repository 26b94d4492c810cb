"""A saved query and whatever names it: other saved queries, rules, and outlines of reports in the home.

Renamed, all of them follow, or nothing changes; needed by one, it is not removed. Outlines that lie elsewhere
are not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from fengping.errors import FengpingError, UsageError
from fengping.home import Home
from fengping.indexer.search import SavedQueries
from fengping.indexer.search.query.lexer import named_queries, with_renamed
from fengping.services import queries
from fengping.services.renaming import edits_of, write_all
from fengping.services.sharing import handed_on
from fengping.state import State
from fengping.toml import read_toml


def remove(home: Home, name: str) -> None:
    """Removes a saved query; raises :class:`UsageError` where there is none, or something needs it."""
    queries.find(home, name)
    for other in _queries_with(home, name):
        raise UsageError(f"The saved query {other!r} needs {name!r}.", remedy="Change it first.")
    for needing in _files_with(home, name):
        raise UsageError(f"The file {needing} needs the saved query {name!r}.", remedy="Change it first.")
    SavedQueries(home).remove(name)


def check_free(home: Home, name: str) -> None:
    """Raises :class:`UsageError` where a query is saved under *name*, with whatever would follow another."""
    if name not in {one.name for one in queries.saved(home)}:
        return
    users = [*(f"query:{other}" for other in _queries_with(home, name)), *_files_with(home, name)]
    used = f"There is a saved query {name!r} already, and {', '.join(users)} would follow another one."
    raise UsageError(
        used if users else f"There is a saved query {name!r} already, which nothing uses.",
        remedy="Take another name, or tick that it is replaced.",
    )


def rename(home: Home, was: str, name: str) -> None:
    """Calls a saved query *name*, also wherever it is used.

    Raises :class:`UsageError` or :class:`ConfigError` in a sentence; nothing is changed then.
    """
    name = name.strip()
    queries.find(home, was)
    queries.check_name(name)
    if name in {one.name for one in queries.saved(home)}:
        raise UsageError(f"There is a saved query {name!r} already.", remedy="Take another name.")
    texts = {
        one.name: with_renamed(one.text, was, name)
        for one in queries.saved(home)
        if was in named_queries(one.text)
    }

    def in_file(tables: Any) -> None:
        tables["query"] = with_renamed(tables["query"], was, name)

    edits = edits_of([(path, in_file) for path in _files(home) if was in _named_in(path)])
    with State.open(home).begin() as connection:
        SavedQueries(home).rename(connection, was, name, texts)
        with handed_on(home):
            write_all(edits)


def _queries_with(home: Home, name: str) -> list[str]:
    """Names of the other saved queries that name it."""
    return [one.name for one in queries.saved(home) if one.name != name and name in named_queries(one.text)]


def _files_with(home: Home, name: str) -> list[str]:
    """The files that name it, as they lie in the home."""
    return [str(path.relative_to(home.root)) for path in _files(home) if name in _named_in(path)]


def _files(home: Home) -> Iterator[Path]:
    """Files whose key ``query`` may name one."""
    yield from sorted(home.alerts.glob("*.toml"))
    yield from sorted(home.root.glob("*.toml"))


def _named_in(path: Path) -> set[str]:
    """The saved queries that a file names; none where it cannot be read, as others tell of."""
    with suppress(FengpingError):
        query = read_toml(path).get("query")
        if isinstance(query, str):
            return named_queries(query)
    return set()
