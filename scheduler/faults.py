"""Faults of the owner's files of a home, each told as the program tells it where it reads the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from fengping.alerts import load_rules
from fengping.alerts.rules import make_rule, resolve_query
from fengping.analysis import HostRegistry
from fengping.config import CONFIG_NAME, load_config
from fengping.delivery import Book
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.indexer.search import Lookup
from fengping.indexer.search.query.lookup import WORDS_FILE, WordsFile
from fengping.scheduler.jobs import jobs_of
from fengping.services.alert_rules import check_names
from fengping.services.channels import configured
from fengping.spiders.sources import load_source
from fengping.toml import load_toml, read_toml
from fengping.toml_lines import Place

DELIVERY, HOSTS = "delivery.toml", "hosts.toml"
SOURCES, ALERTS = "sources", "alerts"
TOGETHER = ""
"""Name of a fault that lies in no file alone: one names what another does not have."""

_BAD = (ConfigError, UsageError)
_Stamp = tuple[tuple[str, int, int], ...]
_sound: dict[Path, _Stamp] = {}
"""Files of each home as they were when nothing was wrong with them: a page asks at each request."""


def names(root: Path) -> Iterator[str]:
    """Names of the owner's files below *root*; of outlines those that the schedule writes reports by."""
    found = list(_kept(root))
    yield from found
    with suppress(ConfigError):
        kinds = (one.kind for one in load_config(root / CONFIG_NAME).schedule.reports)
        outlines = sorted({kind for kind in kinds if kind.endswith(".toml")}.difference(found))
        yield from (name for name in outlines if (root / name).is_file())


def _kept(root: Path) -> Iterator[str]:
    yield from (name for name in (CONFIG_NAME, DELIVERY, HOSTS, WORDS_FILE) if (root / name).is_file())
    for folder in (SOURCES, ALERTS):
        yield from (f"{folder}/{path.name}" for path in sorted((root / folder).glob("*.toml")))


def faults(root: Path, copy: Path | None = None) -> dict[str, str]:
    """Sentence on each file that cannot be used, by its name; under :data:`TOGETHER` what fits no other.

    *copy*: the folder of the copies of these files that are meant.
    """
    home = Home(root, copy)
    stamp = _stamp(home.files)
    if _sound.get(home.files) == stamp:
        return {}
    found = dict(_faults(home))
    if found:
        _sound.pop(home.files, None)
    else:
        _sound[home.files] = stamp
    return found


def not_in_force(root: Path) -> dict[str, str]:
    """The same as sentences that name the file first."""
    return {
        name: f"{name or 'What the files say together'} is not in force: {sentence}"
        for name, sentence in faults(root).items()
    }


def check_together(home: Home) -> None:
    """Raises :class:`ConfigError` or :class:`UsageError` where files name what others do not have."""
    jobs_of(home)
    book = Book.load(home)
    for key, targets in configured(home).items():
        book.check(targets, f"{CONFIG_NAME}: {key}")
    for rule in load_rules(home.alerts, names=Lookup(home)):
        check_names(home, None, rule)


def _stamp(root: Path) -> _Stamp:
    found = []
    for name in names(root):
        with suppress(FileNotFoundError):
            about = (root / name).stat()
            found.append((name, about.st_mtime_ns, about.st_size))
    return tuple(found)


def _faults(home: Home) -> Iterator[tuple[str, str]]:
    root, bad = home.files, set[str]()
    for name in (CONFIG_NAME, *(name for name in names(root) if name != CONFIG_NAME)):
        # What a rule names stands in these.
        alone = bool(bad & {CONFIG_NAME, DELIVERY, HOSTS, WORDS_FILE})
        try:
            _reader(name, alone=alone)(home, root / name)
        except _BAD as error:
            bad.add(name)
            yield name, str(error)
    if not bad:
        try:
            check_together(home)
        except _BAD as error:
            yield TOGETHER, str(error)


def _reader(name: str, *, alone: bool) -> Callable[[Home, Path], object]:
    folder = name.partition("/")[0]
    if folder == SOURCES:
        return lambda home, path: load_source(path)
    if folder == ALERTS:
        return _syntax if alone else _rule
    return _READERS.get(name, _outline)


def _syntax(home: Home, path: Path) -> None:
    read_toml(path)


def _rule(home: Home, path: Path) -> None:
    data = resolve_query(read_toml(path), Lookup(home), Place(path))
    check_names(home, None, make_rule(data, Place(path)))


def _outline(home: Home, path: Path) -> None:
    from fengping.reports.outlines import read_outline  # with it come all chapters

    read_outline(path)


def _config(home: Home, path: Path) -> None:
    read_toml(path)  # one that is missing is no home
    load_config(path)


_READERS: dict[str, Callable[[Home, Path], object]] = {
    CONFIG_NAME: _config,
    DELIVERY: lambda home, path: Book.load(home),
    HOSTS: lambda home, path: HostRegistry.load((path,)),
    WORDS_FILE: lambda home, path: load_toml(WordsFile, path),
}
