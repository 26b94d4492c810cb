"""A TOML file changed by a program, its comments and everything else as a person wrote them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from fengping.durable import write_whole
from fengping.errors import ConfigError, changed_meanwhile
from fengping.toml import read_toml


def set_key(path: Path, key: str, value: Any, table: str = "") -> None:
    """Sets *key*, of *table* where one is named; raises :class:`ConfigError` for what is no TOML file."""
    document = open_toml(path)
    place: Any = document.setdefault(table, tomlkit.table()) if table else document
    place[key] = value
    write_toml(path, document)


def open_toml(path: Path) -> tomlkit.TOMLDocument:
    """A file to be changed, empty where it is not there; raises :class:`ConfigError` where it is no TOML."""
    if not path.exists():
        return tomlkit.document()
    read_toml(path)  # so that a fault is told as everywhere
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except TOMLKitError as error:
        raise ConfigError(f"{path} cannot be changed: {error}.", remedy="Change it by hand.") from None


def check_says(document: tomlkit.TOMLDocument, wanted: Mapping[str, Any], name: str) -> None:
    """Raises :class:`ConfigError` where the edited text would not say what is *wanted*, empty tables aside.

    Then a person wrote the file in a form that only a person can change.
    """
    try:
        said = tomllib.loads(tomlkit.dumps(document))
    except tomllib.TOMLDecodeError:
        said = {}
    if {k: v for k, v in said.items() if v} != {k: v for k, v in wanted.items() if v}:
        raise ConfigError(f"{name} cannot be changed here.", remedy="Change it by hand.")


def write_toml(path: Path, document: tomlkit.TOMLDocument) -> None:
    """Puts the file in place at once, as readable as it was; raises :class:`ConfigError` where it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        write_whole(path, tomlkit.dumps(document).encode(), mode)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from None


def sum_of(said: Any) -> str:
    """A sum of what the file says of one thing, for a form, which sends it back."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def check_seen(name: str, said: Any, seen: str | None) -> None:
    """Refuses to write over what the file has *said* of *name* since a form showed it; ``None`` passes."""
    if seen is not None and seen != sum_of(said):
        raise changed_meanwhile(name)
