"""Files that machines of a deployment share, in its state database: identity, salt, registry, rules, sources.

One machine hands them on (``fengping share``); a new one takes them as it joins (``fengping init --join``),
and each takes what changed once a minute while ``fengping run`` is at work. A file that was changed by hand
here and by another there is left as it is and named.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Column, LargeBinary, String, Table, delete, insert, select

from fengping.config import CONFIG_NAME
from fengping.durable import write_whole
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.state import Moment, State, metadata
from fengping.visible import masked

shared_files = Table(
    "deployment_files",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

_SECRETS = ("var/identity", "var/salt")
_FILES = (CONFIG_NAME, "hosts.toml", "delivery.toml")
_FOLDERS = ("alerts", "sources")
_NAMED = re.compile(rf"var/(identity|salt)|[\w.-]+\.toml|({'|'.join(_FOLDERS)})/[\w.-]+\.toml")
_KNOWN = "var/shared.json"


@dataclass(frozen=True)
class Shared:
    """Files that were handed on or taken."""

    changed: tuple[str, ...]
    kept: tuple[str, ...] = ()
    """Changed here and elsewhere since they were the same; left as they are."""


def share(home: Home, now: datetime) -> Shared:
    """Hands the files of *home* on to other machines; raises :class:`UsageError` where none can read them."""
    if not is_shared(home):
        raise UsageError(
            "The state of this home is a file of this machine; others cannot read it.",
            remedy="Name a PostgreSQL database under `state` in fengping.toml.",
        )
    assert home.salt and home.identity
    ours = {name: (home.root / name).read_bytes() for name in _names(home)}
    with State.open(home).begin() as connection:
        there = {row.name: row.content for row in connection.execute(select(shared_files))}
        changed = [name for name, content in ours.items() if there.get(name) != content]
        gone = [name for name in there if name not in ours]
        connection.execute(delete(shared_files).where(shared_files.c.name.in_([*changed, *gone])))
        for name in changed:
            connection.execute(insert(shared_files).values(name=name, content=ours[name], changed_at=now))
    _remember(home, {name: _digest(content) for name, content in ours.items()})
    return Shared(tuple(sorted([*changed, *gone])))


def take(home: Home) -> Shared:
    """Takes what others handed on since; nothing on a home of one machine, or before the first ``share``."""
    if not is_shared(home):
        return Shared(())
    with State.open(home).begin() as connection:
        there = {row.name: row.content for row in connection.execute(select(shared_files))}
    return _write(home, there) if there else Shared(())


def join(home: Home, url: str) -> Shared:
    """Makes *home* a machine of the deployment whose state stands at *url*.

    Raises :class:`UsageError` for a home that is something already, :class:`Failed` where no machine of the
    deployment has shared its files.
    """
    if home.config_file.exists() or (home.var / "identity").exists():
        raise UsageError(f"{home.root} is a home already.", remedy="Name an empty folder with --home.")
    if not url.startswith("postgresql"):
        raise UsageError(
            f"{masked(url)!r} is no state that machines share.",
            remedy="Write --join postgresql+psycopg://USER@HOST/NAME.",
        )
    state = State.at(url)
    there: dict[str, bytes] = {}
    if state.schema():
        with state.begin() as connection:
            there = {row.name: row.content for row in connection.execute(select(shared_files))}
    if not there:
        raise Failed(
            f"No machine has shared its files in {state.url}.", remedy="On the first one run: fengping share"
        )
    home.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _write(home, there)


def is_shared(home: Home) -> bool:
    """True if other machines can read the state of *home*."""
    return not home.config.state.startswith("sqlite:")


def _names(home: Home) -> Iterator[str]:
    yield from (name for name in (*_SECRETS, *_FILES) if (home.root / name).is_file())
    for folder in _FOLDERS:
        yield from (f"{folder}/{path.name}" for path in sorted((home.root / folder).glob("*.toml")))


def _write(home: Home, there: dict[str, bytes]) -> Shared:
    there = {name: content for name, content in there.items() if _NAMED.fullmatch(name)}
    known, changed, kept = _known(home), list[str](), list[str]()
    for name, content in there.items():
        path = home.root / name
        ours = _digest(path.read_bytes()) if path.is_file() else ""
        if ours == _digest(content):
            continue
        if ours and ours != known.get(name):
            kept.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        changed.append(name)
    for name, digest in known.items():
        path = home.root / name
        if name not in there and path.is_file() and _digest(path.read_bytes()) == digest:
            path.unlink()
            changed.append(name)
    taken = {name: _digest(content) for name, content in there.items() if name not in kept}
    if changed or taken.keys() != known.keys():
        _remember(home, taken | {name: known[name] for name in kept if name in known})
    return Shared(tuple(sorted(changed)), tuple(sorted(kept)))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _known(home: Home) -> dict[str, str]:
    """Digests of the files as they were last the same everywhere."""
    try:
        return dict(orjson.loads((home.root / _KNOWN).read_bytes()))
    except FileNotFoundError:
        return {}


def _remember(home: Home, digests: dict[str, str]) -> None:
    write_whole(home.root / _KNOWN, orjson.dumps(digests))
