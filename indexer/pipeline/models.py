"""One model for a deployment: a machine that would judge by another one than the last leader is told so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from fengping import __version__, analysis
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.state import State, read_meta, write_meta

_KEY = "judge"


def digest(home: Home) -> str:
    """16 digits for everything that a judgement here is made of beside the program: models, registries."""
    found = hashlib.blake2b(digest_size=8)
    for path in _files(home):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def agree(home: Home, state: State) -> None:
    """Notes the model of this machine, which may index now. Raises :class:`ConfigError` where another machine
    has judged by another model of this version, or by one of a newer version: figures would mix the two."""
    ours = digest(home)
    with state.begin() as connection:
        version, theirs, machine = (read_meta(connection, _KEY) or f"{__version__} {ours} x").split(" ")
        newer = _numbers(__version__) > _numbers(version)
        if (version, theirs) != (__version__, ours) and machine != home.machine and not newer:
            raise ConfigError(
                f"This machine judges by model {ours} of fengping {__version__}, the deployment by {theirs} "
                f"of {version}.",
                remedy="Take its files with fengping share --take, or upgrade this machine; to go over to "
                "this one's: fengping share, then fengping reindex.",
            )
        write_meta(connection, _KEY, f"{__version__} {ours} {home.machine}")


def go_over(home: Home, state: State) -> None:
    """Notes the model of this machine, which has judged everything anew."""
    with state.begin() as connection:
        write_meta(connection, _KEY, f"{__version__} {digest(home)} {home.machine}")


def _files(home: Home) -> Iterator[Path]:
    [folder] = analysis.__path__
    yield from sorted(
        path for path in Path(folder).rglob("*") if path.suffix in {".toml", ".tsv", ".npz", ".bin"}
    )
    config = home.config.analysis
    named = (config.snownlp_model, config.snownlp_segmenter, config.polarity_model, *config.hosts, home.hosts)
    yield from (path for path in named if path and path.exists())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
