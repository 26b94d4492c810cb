"""Sources being written: tried on a live page, recorded as a case, guessed from a URL.

Apart from the other services of sources, so that a look at their health loads no spider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from fengping.errors import UsageError
from fengping.home import Home
from fengping.services.sharing import handed_on
from fengping.spiders import Catalogue
from fengping.spiders.source_dev import Case, guess, to_toml, try_source
from fengping.spiders.source_dev.cases import Reading
from fengping.spiders.source_dev.fetching import fetch
from fengping.spiders.source_dev.guessing import Guess
from fengping.spiders.source_dev.trial import Probe, probe
from fengping.spiders.sources.catalogue import parse_source
from fengping.spiders.sources.model import NAME


@dataclass(frozen=True)
class Tried:
    """Outcome of trying a source on its list and first page."""

    reading: Reading
    differences: Sequence[str] = ()
    """Sentences: what a recorded case gave before and does not give now."""


@dataclass(frozen=True)
class Draft:
    """A guessed source, not written yet."""

    name: str
    path: Path
    guess: Guess
    toml: str

    def write(self, home: Home) -> None:
        """Puts the file where the home's sources lie."""
        _write(home, self.path, self.toml)


def test(home: Home, name: str, now: datetime, *, case: Path | None = None) -> Tried:
    """Tries a source on one live page, or reads a recorded *case* again without the network."""
    if case is None:
        return Tried(try_source(home, name, now).reading)
    recorded = Case(case)
    reading = recorded.read(Catalogue.load(home).get(name))
    return Tried(reading, recorded.differences(reading))


def test_all(home: Home, now: datetime) -> Iterator[Probe]:
    """Tries every enabled source on one live list and page, one after the other."""
    for name in sorted(Catalogue.load(home).active()):
        yield probe(home, name, now)


def record(home: Home, name: str, now: datetime, folder: Path) -> Tried:
    """Tries a source on one live page and keeps it in *folder* as a case."""
    return Tried(try_source(home, name, now, keep=folder).reading)


def draft(home: Home, url: str, now: datetime, name: str | None = None) -> Draft:
    """A guess at a new source. Raises :class:`UsageError` for a name that is taken or cannot be."""
    chosen = name or _name_of(url)
    path = _free(home, chosen)
    made = guess(fetch(home, url), now, chosen, lambda feed: fetch(home, feed))
    return Draft(chosen, path, made, to_toml(made.data))


def add(home: Home, name: str, toml: str) -> Path:
    """Writes the source *name* as a draft showed it. Raises as :func:`draft`, and for what is no source."""
    path = _free(home, name)
    parse_source(toml, path)
    _write(home, path, toml)
    return path


def _free(home: Home, name: str) -> Path:
    """The file of a new source of that name."""
    if re.match(NAME, name) is None:
        raise UsageError(
            f"{name!r} is not a valid source name.",
            remedy="Choose one of small letters, digits, - and _ with --name.",
        )
    path = home.sources / f"{name}.toml"
    if path.exists():
        raise UsageError(f"{path} is there already.", remedy="Choose another name with --name.")
    return path


def _write(home: Home, path: Path, toml: str) -> None:
    with handed_on(home):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml, encoding="utf-8")


def _name_of(url: str) -> str:
    """A name from the domain: ``news.example.com`` becomes ``news-example``."""
    try:
        domain = (urlsplit(url).hostname or "source").removeprefix("www.").removeprefix("m.")
    except ValueError:
        # That it is no address is told where it is fetched.
        domain = "source"
    labels = domain.split(".")
    kept = labels if domain.replace(".", "").isdigit() else labels[: max(1, len(labels) - 1)]
    return re.sub(r"[^a-z0-9-]", "-", "-".join(kept))[:64]
