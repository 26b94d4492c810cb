"""The registry of a home's hosts: read, added to, and measured on texts."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.hosts import Host, append_host
from fengping.analysis.hosts import audit as audits
from fengping.analysis.hosts import discover as discovery
from fengping.clock import day_of, parse_moment, parse_window
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.indexer import Filter
from fengping.indexer.search.people import unlisted
from fengping.services.sharing import handed_on
from fengping.services.stores import the_store
from fengping.toml import validate

Text = tuple[str, date | None]
"""Content and day of publication."""


@dataclass(frozen=True)
class Texts:
    """Selection of texts: those of the home's store, or of *file*, in a window."""

    file: Path | None = None
    """JSON Lines or CSV with a column ``text``, also ``.gz``."""
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Audited:
    """Aliases as they stand in texts."""

    aliases: Sequence[audits.AliasAudit]
    silent: int | None
    """Hosts that stood nowhere; ``None`` where only one was asked for."""


def load_registry(home: Home) -> HostRegistry:
    """The hosts that ship, those of the home, and those of the registries its configuration names."""
    own = [home.hosts] if home.hosts.exists() else []
    return HostRegistry.load((*own, *home.config.analysis.hosts))


def add_host(home: Home, table: Mapping[str, Any], ambiguous: Sequence[str]) -> bool:
    """Writes a host, or further names of a known one, into ``hosts.toml``; whether it was known before.

    *table* is what that file would say, *ambiguous* ``ALIAS=WORD,WORD`` each. Raises :class:`UsageError` for
    a name that already means another host and where nothing is new, :class:`ConfigError` for a table that
    would not load.
    """
    registry = load_registry(home)
    new = checked_host(registry, table, ambiguous)
    _refuse_known(registry.by_name.get(new.name), new)
    with handed_on(home):
        _append(home, new)
    return new.name in registry.by_name


def checked_host(registry: HostRegistry, table: Mapping[str, Any], ambiguous: Sequence[str]) -> Host:
    """A host, or further names of one; raises as :func:`add_host`."""
    said = {**table, "ambiguous": _conditions(ambiguous)}
    new = validate(Host, {key: value for key, value in said.items() if value}, "fengping hosts add")
    if not has_address(new.name):
        raise UsageError(
            f"{new.name!r} cannot be the name of a host: its page has the name in its address.",
            remedy="Write it without / and control characters; its aliases may have a /.",
        )
    _refuse_length(new)
    _refuse_taken(registry, new.name, new.sure())
    return new


SHORTEST, LONGEST = 2, 64
"""Characters of a name. One character stands in every other post and means nobody."""


def _refuse_length(new: Host) -> None:
    """Raises :class:`UsageError` for a name that stands everywhere, or nowhere."""
    for word in (new.name, *new.sure()):
        if not SHORTEST <= len(word) <= LONGEST:
            shown = word if len(word) <= LONGEST else f"{word[:20]}…"
            raise UsageError(
                f"{shown!r} is no name of {SHORTEST} to {LONGEST} characters.",
                remedy="Write the whole name; a short one may be given beside which words it counts.",
            )


def _refuse_known(known: Host | None, new: Host) -> None:
    """Raises :class:`UsageError` where all of *new* is registered: an empty table says nothing."""
    if known is None:
        return
    has, given = known.model_dump(), new.model_dump(exclude_defaults=True)
    given.pop("name")
    if all(_within(value, has[key]) for key, value in given.items()):
        raise UsageError(
            f"{new.name!r} is registered with all of this already.", remedy="Write what is to be added."
        )


def _within(value: Any, known: Any) -> bool:
    """True if *value* adds nothing to *known*."""
    if isinstance(value, dict):
        return all(set(words) <= set(known.get(alias, ())) for alias, words in value.items())
    return set(value) <= set(known) if isinstance(value, tuple) else bool(value == known)


def has_address(name: str) -> bool:
    """True if the page of a host of that name can be asked for: its address holds the name."""
    return "/" not in name and name.isprintable()


def audit_names(home: Home, texts: Texts, host: str | None = None) -> Audited:
    """Places where each alias (of *host*) counts in *texts*, or is refused, with the reasons."""
    registry = load_registry(home)
    wanted = registry.find(host).name if host else ""
    lexicon = Lexicon(registry)
    found = audits.audit(_read(home, texts), lexicon)
    if wanted:
        return Audited([one for one in found if one.host == wanted], None)
    return Audited(found, sum(1 for _ in audits.silent(found, lexicon)))


def discover_names(home: Home, texts: Texts, since: date, at_least: int) -> list[discovery.Candidate]:
    """Names that rise beside the words of selling and are not in the registry; from *since* on is recent.

    Of the store's texts without private people, but those whom a medium names.
    """
    found = discovery.discover(
        _read(home, texts), Lexicon(load_registry(home)), since=since, at_least=at_least
    )
    if texts.file is not None:
        return found
    start, stop = parse_window(texts.since, texts.until)
    with the_store(home) as store:
        private = unlisted(store, Filter(since=start, until=stop), (one.name for one in found))
    return [one for one in found if one.name not in private]


def _conditions(pairs: Sequence[str]) -> dict[str, list[str]]:
    """``ALIAS=WORD,WORD`` of each pair as alias → words. Raises :class:`UsageError`."""
    conditions = {}
    for pair in pairs:
        alias, _, words = pair.partition("=")
        if not words:
            raise UsageError(
                f"{pair!r} is not ALIAS=WORD,WORD.", remedy="For example --ambiguous 小明=直播间,带货"
            )
        conditions[alias] = [word for word in words.split(",") if word]
    return conditions


def _append(home: Home, host: Host) -> None:
    """Writes *host* to the end of the home's file; a file that would not load is not written."""
    text = home.hosts.read_text(encoding="utf-8") if home.hosts.exists() else ""
    part = home.hosts.with_suffix(".toml.part")
    part.write_text(append_host(text, host), encoding="utf-8")
    try:
        HostRegistry.load([part])
    except ConfigError:
        part.unlink()
        raise
    part.replace(home.hosts)


def _refuse_taken(registry: HostRegistry, name: str, names: Sequence[str]) -> None:
    """Raises :class:`UsageError` where a name already means another host."""
    for word in names:
        for host in registry.hosts:
            if host.name != name and word in host.sure():
                raise UsageError(
                    f"{word!r} already names {host.name}.",
                    remedy=f"Say beside which words it means {name}: --ambiguous {word}=WORD,WORD",
                )


def _read(home: Home, texts: Texts) -> Iterator[Text]:
    start, stop = parse_window(texts.since, texts.until)
    if texts.file is not None:
        yield from _of_file(texts.file, start, stop)
        return
    with the_store(home) as store:
        for document in store.scan(Filter(since=start, until=stop)):
            moment = document.raw.published_at
            yield document.raw.content, day_of(moment) if moment else None


def _of_file(file: Path, start: datetime | None, stop: datetime | None) -> Iterator[Text]:
    for row in _rows(file):
        moment = _moment(row)
        if (start and (moment is None or moment < start)) or (stop and (moment is None or moment >= stop)):
            continue
        content = "\n".join(str(row[key]) for key in ("title", "text") if row.get(key))
        yield content, day_of(moment) if moment else None


def _moment(row: Mapping[str, Any]) -> datetime | None:
    said = row.get("published_at") or row.get("date") or row.get("first_seen")
    return parse_moment(str(said)) if said else None


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines or CSV file. Raises :class:`UsageError` where it is neither."""
    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = io.StringIO(data.decode("utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8.", remedy="Save it as UTF-8.") from None
    except gzip.BadGzipFile:
        raise UsageError(f"{file} is not gzip.") from None
    if file.name.removesuffix(".gz").endswith(".csv"):
        yield from csv.DictReader(lines)
        return
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line.strip() else {}
        except json.JSONDecodeError:
            raise UsageError(f"Line {number} of {file} is not valid JSON.") from None
        if not isinstance(row, dict):
            raise UsageError(f"Line {number} of {file} is not a JSON object.")
        if row:
            yield row
