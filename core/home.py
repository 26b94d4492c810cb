"""A home: the folder that holds one monitor's configuration and everything it gathered.

DIR/fengping.toml   sources/*.toml   alerts/*.toml   hosts.toml
DIR/var/journal/    raw documents, the system of record
DIR/var/index/      the embedded store            DIR/var/state.db   runs, cursors, corrections
DIR/var/quarantine/ what could not be analysed    DIR/var/reports/   what was printed
DIR/var/in-force/   copies of the owner's files that a running schedule works by
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fengping.config import CONFIG_NAME, Config, load_config
from fengping.durable import write_whole
from fengping.errors import ConfigError

_SALT = 32
_OWNER_ALONE = 0o700
IN_FORCE = "_FENGPING_IN_FORCE"
"""Variable by which a schedule tells its commands the folder of the owner's files to work by."""
_WRITABLE = "Make room, or give the folder back its permissions, and run again; nothing is lost."


@dataclass(frozen=True)
class Home:
    """Paths and configuration of one home. Creating the value touches no disk."""

    root: Path
    in_force: Path | None = None
    """Folder of the owner's files where others hold than those that stand in ``root``."""

    @classmethod
    def open(cls, root: Path) -> Home:
        """An initialised home; raises :class:`ConfigError` where there is none.

        Within a command of a schedule the owner's files are those that the schedule works by.
        """
        root = root.absolute()
        home = cls(root, _handed_on(root))
        if not home.config_file.exists():
            raise ConfigError(
                f"{root} is not a fengping home.", remedy=f"Make one with: fengping --home {root} init"
            )
        home.config  # noqa: B018  a bad file is told before any work begins
        return home

    @cached_property
    def config(self) -> Config:
        return load_config(self.config_file, self.root)

    @property
    def files(self) -> Path:
        """Folder of the owner's files that hold."""
        return self.in_force or self.root

    @property
    def config_file(self) -> Path:
        return self.files / CONFIG_NAME

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def journal(self) -> Path:
        """Folder of a journal in files."""
        scheme, rest = self.path_url(self.config.journal) if self.config_file.exists() else ("file", "")
        return Path(rest) if scheme == "file" and rest else self.var / "journal"

    @property
    def spool(self) -> Path:
        """Folder of documents that wait for an absent broker."""
        return self.var / "spool"

    @property
    def quarantine(self) -> Path:
        return self.var / "quarantine"

    @property
    def reports(self) -> Path:
        return self.var / "reports"

    @property
    def sources(self) -> Path:
        return self.files / "sources"

    @property
    def alerts(self) -> Path:
        return self.files / "alerts"

    @property
    def hosts(self) -> Path:
        return self.files / "hosts.toml"

    @property
    def registries(self) -> tuple[Path, ...]:
        """The home's own host files."""
        return (self.hosts,) if self.hosts.exists() else ()

    @property
    def heads(self) -> Path:
        """The encoder's heads that were fitted to the home's corrections."""
        return self.var / "reading.npz"

    def in_hand(self, path: Path) -> Path:
        """An owner's file as it holds: of one that stands in ``root`` the copy in force, if there is one."""
        if self.in_force and path.absolute().is_relative_to(self.root):
            copy = self.in_force / path.absolute().relative_to(self.root)
            return copy if copy.is_file() else path
        return path

    def path_url(self, url: str) -> tuple[str, str]:
        """``scheme, rest`` of a store or state URL, a relative path resolved against the home."""
        scheme, _, rest = url.partition(":")
        if scheme in {"tantivy", "sqlite", "file"} and not rest.startswith("//"):
            rest = str(self.root / rest)
        return scheme, rest

    @property
    def machine(self) -> str:
        """A short name of this home on this machine."""
        return hashlib.sha1(f"{platform.node()}\0{self.root}".encode()).hexdigest()[:6]

    @cached_property
    def salt(self) -> bytes:
        """The home's secret for hashing author ids, made once, readable by its owner alone.

        Raises :class:`ConfigError` for one that is empty, cut or too long: with it, authors could be found
        again, or would get other hashes than before.
        """
        path = self.var / "salt"
        found = made_once(path, lambda: secrets.token_bytes(_SALT))
        if len(found) != _SALT:
            raise ConfigError(
                f"{path} holds {len(found)} bytes instead of {_SALT}.",
                remedy="Put back a copy. Only where no author was hashed with it: delete it.",
            )
        return found

    @cached_property
    def identity(self) -> str:
        """The home's name for itself, made once: store, state and groups carry it, to know another home."""
        path = self.var / "identity"
        if not path.exists() and not (self.var / "state.db").exists() and self.var.exists():
            self.var.chmod(_OWNER_ALONE)  # a home of before keeps its mode; doctor tells
        found = made_once(path, lambda: secrets.token_hex(16).encode()).decode("ascii", "replace").strip()
        if not re.fullmatch(r"[0-9a-f]{32}", found):
            raise ConfigError(
                f"{path} is damaged.", remedy="Delete it; the next sentence says what to write there."
            )
        return found


def _handed_on(root: Path) -> Path | None:
    """The folder that a schedule of this very home named to its command."""
    folder = Path(os.environ.get(IN_FORCE, ""))
    return folder if folder.is_relative_to(root / "var") and folder.is_dir() else None


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a small file, written whole by the first of all processes that ask."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ALONE)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        write_whole(part, make())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.", remedy=_WRITABLE) from None
    return path.read_bytes()
