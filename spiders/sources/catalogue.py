"""Catalogue of a home's sources: those that ship, overlaid by its own."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.spiders.sources.model import Source
from fengping.toml import parse_toml, read_toml, validate
from fengping.toml_lines import Place

SHIPPED = Path(__file__).parent


def load_source(path: Path) -> Source:
    """One source file, its stem being its name. Raises :class:`ConfigError` in one sentence."""
    return _source(read_toml(path), path)


def parse_source(text: str, path: Path) -> Source:
    """The source that *text* would be as the file *path*; raises as :func:`load_source`."""
    return _source(parse_toml(text, path), path)


def _source(data: dict[str, Any], path: Path) -> Source:
    data.setdefault("name", path.stem)
    data.setdefault("title", path.stem)
    source = validate(Source, data, Place(path))
    if source.name != path.stem:
        raise ConfigError(f"{path}: name is {source.name!r}.", remedy=f"Name it {path.stem!r} like the file.")
    return source


def _read(path: Path) -> Source:
    if path.parent != SHIPPED:
        return load_source(path)
    found = path.stat()
    return _shipped(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=256)
def _shipped(path: Path, _written: int, _size: int) -> Source:
    """One that ships, read once: its file is as it was. A service asks for all of them at every tick."""
    return load_source(path)


@dataclass(frozen=True)
class Catalogue:
    """Every source file of a home. One that cannot be read stands in ``broken``, never hides the others."""

    own: dict[str, Source]
    shipped: dict[str, Source]
    broken: dict[str, ConfigError]
    chosen: tuple[str, ...] = ()
    """Shipped sources that the home's ``crawl.sources`` switches on; ``*`` all of them."""

    @classmethod
    def load(cls, home: Home) -> Catalogue:
        own: dict[str, Source] = {}
        shipped: dict[str, Source] = {}
        broken: dict[str, ConfigError] = {}
        for folder, found in ((SHIPPED, shipped), (home.sources, own)):
            for path in sorted(folder.glob("*.toml")):
                try:
                    found[path.stem] = _read(path)
                except ConfigError as error:
                    broken[path.stem] = error
        return cls(own, shipped, broken, home.config.crawl.sources)

    @property
    def all(self) -> dict[str, Source]:
        return self.shipped | self.own

    def get(self, name: str) -> Source:
        """The source of that name; raises its :class:`ConfigError`, or :class:`UsageError` for none."""
        if name in self.broken:
            raise self.broken[name]
        if name not in self.all:
            known = sorted({*self.all, *self.broken})
            hint = did_you_mean(name, known) if known else "Put one into sources/."
            raise UsageError(f"Unknown source {name!r}.", remedy=hint)
        return self.all[name]

    def active(self, names: Sequence[str] = ()) -> list[str]:
        """*names* as asked (each must exist), or every enabled source: the home's own and the chosen."""
        if names:
            for name in names:
                if name not in self.broken:
                    self.get(name)
            return list(dict.fromkeys(names))
        if "*" not in self.chosen:
            for name in self.chosen:
                self.get(name)
        return self.there

    @property
    def there(self) -> list[str]:
        """Every enabled source that there is, though others are chosen that are none: for who looks after
        crawls, not after the configuration, which tells these by itself."""
        every = self.all
        wanted = self.shipped if "*" in self.chosen else every.keys() & self.chosen
        chosen = {name: every[name] for name in wanted}
        enabled = {name for name, source in (chosen | self.own).items() if source.enabled}
        return sorted(enabled | (set(self.broken) - set(self.all)))


def load_one(home: Home, name: str) -> Source:
    """The source of that name, its file alone being read; raises as :meth:`Catalogue.get`."""
    for folder in (home.sources, SHIPPED):
        if (path := folder / f"{name}.toml").is_file():
            return load_source(path)
    return Catalogue.load(home).get(name)


def load_sources(home: Home) -> dict[str, Source]:
    """All sources of a home by name; raises the :class:`ConfigError` of the first that cannot be read."""
    catalogue = Catalogue.load(home)
    for error in catalogue.broken.values():
        raise error
    return catalogue.all
