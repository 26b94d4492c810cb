"""Outlines of reports that lie in the folder of a home, as the console offers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fengping.config import CONFIG_NAME
from fengping.delivery.book import FILE
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer.search.query.lookup import WORDS_FILE
from fengping.reports.outlines import Outline, read_outline
from fengping.toml import read_toml


@dataclass(frozen=True, slots=True)
class Listed:
    """An outline in a list."""

    name: str
    """Its file."""
    title: str
    about: str = ""
    """``host`` or ``event`` where it is about one."""
    fault: str = ""
    """The reason why no report can be written by it."""


def listed(home: Home) -> list[Listed]:
    """Every outline in the folder of *home*, by file: one is known by its keys."""
    return list(_listed(home))


def files(home: Home) -> list[Path]:
    """TOML files in the folder of *home* that have no other use there."""
    others = {CONFIG_NAME, FILE, WORDS_FILE, home.hosts.name}
    return [path for path in sorted(home.root.glob("*.toml")) if path.name not in others]


def _listed(home: Home) -> Iterator[Listed]:
    for path in files(home):
        try:
            if read_toml(path).keys() & Outline.model_fields.keys():
                given, kind = read_outline(path)
                yield Listed(path.name, given.title or kind.name, kind.about)
        except FengpingError as error:
            yield Listed(path.name, path.stem, fault=str(error))
