"""A home: the folder that holds one monitor's configuration and everything it gathered.

DIR/fengping.toml   sources/*.toml   alerts/*.toml   hosts.toml
DIR/var/journal/    raw documents, the system of record
DIR/var/index/      the embedded store            DIR/var/state.db   runs, cursors, corrections
DIR/var/quarantine/ what could not be analysed    DIR/var/reports/   what was printed
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fengping.config import CONFIG_NAME, Config, load_config
from fengping.errors import ConfigError


@dataclass(frozen=True)
class Home:
    """Paths and configuration of one home. Creating the value touches no disk."""

    root: Path

    @classmethod
    def open(cls, root: Path) -> Home:
        """An initialised home; raises :class:`ConfigError` where there is none."""
        home = cls(root.absolute())
        if not home.config_file.exists():
            raise ConfigError(
                f"{root} is not a fengping home.", remedy=f"Make one with: fengping --home {root} init"
            )
        home.config  # noqa: B018  a bad file is told before any work begins
        return home

    @cached_property
    def config(self) -> Config:
        return load_config(self.config_file)

    @property
    def config_file(self) -> Path:
        return self.root / CONFIG_NAME

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def journal(self) -> Path:
        return self.var / "journal"

    @property
    def quarantine(self) -> Path:
        return self.var / "quarantine"

    @property
    def reports(self) -> Path:
        return self.var / "reports"

    @property
    def sources(self) -> Path:
        return self.root / "sources"

    @property
    def alerts(self) -> Path:
        return self.root / "alerts"

    @property
    def hosts(self) -> Path:
        return self.root / "hosts.toml"

    def path_url(self, url: str) -> tuple[str, str]:
        """``scheme, rest`` of a store or state URL, a relative path resolved against the home."""
        scheme, _, rest = url.partition(":")
        if scheme in {"tantivy", "sqlite"} and not rest.startswith("//"):
            rest = str(self.root / rest)
        return scheme, rest

    @cached_property
    def salt(self) -> bytes:
        """The home's secret for hashing author ids, made once, readable by its owner alone."""
        path = self.var / "salt"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.var.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))
            return path.read_bytes()
