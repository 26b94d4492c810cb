"""Files that machines of a deployment share, in its state database: identity, salt, registry, rules, sources,
signing key, fitted heads.

One machine hands them on (``fengping share``); a new one takes them as it joins (``fengping init --join``),
each takes what changed once a minute while ``fengping run`` is at work, and an edit by the console or a
command is handed on at once. A file that was changed here and elsewhere is left as it is and named.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import orjson
from sqlalchemy import Connection, select

from fengping import signing
from fengping.config import CONFIG_NAME, load_config
from fengping.durable import write_whole
from fengping.errors import ConfigError, Failed, UsageError
from fengping.home import Home
from fengping.locks import in_turn
from fengping.state import State
from fengping.state.shared import files as shared_files
from fengping.state.shared import put
from fengping.visible import masked

BOTH_CHANGED = "{} was changed here and elsewhere."
MERGE = "Move it aside, take theirs with fengping share --take, put your change in, and fengping share."
AS_ELSEWHERE = (
    "Set FENGPING_STATE, FENGPING_JOURNAL, FENGPING_STORE and FENGPING_CRAWL__FRONTIER here as on its other "
    "machines, in the environment of what runs here too."
)

_MADE_ONCE = ("var/identity", "var/salt", signing.NAME)
_PATTERNS = ("*.toml", "alerts/*.toml", "sources/*.toml", "secrets/*", "var/reading.npz")
_NAMED = re.compile(
    r"var/(identity|salt|signing\.pem|reading\.npz)|((alerts|sources)/)?[\w.-]+\.toml|secrets/[\w-]+-[0-9a-f]{8}-\w+"
)
"""Of ``secrets`` those that were typed into a form of the console."""
_KNOWN = "var/shared.json"
_LOCK = "sharing.lock"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Shared:
    """Files that were handed on or taken."""

    changed: tuple[str, ...]
    kept: tuple[str, ...] = ()
    """Changed here and elsewhere since they were the same; left as they are."""


class Change(Enum):
    """Places where a file was changed since it was last the same everywhere."""

    NOWHERE = auto()
    HERE = auto()
    ELSEWHERE = auto()
    BOTH = auto()


def share(home: Home) -> Shared:
    """Hands on what was changed or deleted here; raises :class:`UsageError` where no other machine can read
    the state of *home*."""
    if not is_shared(home):
        raise UsageError(
            "The state of this home is a file of this machine; others cannot read it.",
            remedy="Name a PostgreSQL database under `state` in fengping.toml.",
        )
    assert home.salt and home.identity
    state = State.open(home)
    with in_turn(home.var / _LOCK):
        ours = _ours(home)
        with state.exclusive() as connection:
            there = _there(connection)
            changes = _changes(ours, there, _known(home) if _is_begun(there) else {})
            changed = _of(changes, Change.HERE)
            _put(connection, ours, changed)
        _remember(home, ours, (*changed, *_of(changes, Change.NOWHERE)))
    return Shared(changed, _of(changes, Change.BOTH))


def take(home: Home, *, missing: bool = False) -> Shared:
    """Takes what others handed on since; nothing on a home of one machine, or before the first ``share``.

    With *missing* also files that were deleted here.
    """
    if not is_shared(home):
        return Shared(())
    state = State.open(home)
    with in_turn(home.var / _LOCK):
        with state.begin() as connection:
            there = _there(connection)
        return _write(home, there, missing=missing)


@contextmanager
def handed_on(home: Home) -> Iterator[None]:
    """Hands on at once what the block changes in the files of *home*; before the first ``share`` nothing.

    What others changed is taken first. Raises :class:`UsageError` where the block changes a file that
    another machine has changed meanwhile; then, and after any other error, none of its changes stays.
    """
    if not is_shared(home):
        yield
        return
    state = State.open(home)
    with in_turn(home.var / _LOCK):
        before: Files | None = None
        try:
            with state.exclusive() as connection:
                there = _there(connection)
                taken = _write(home, there)
                before = _ours(home)
                try:
                    yield
                except OSError as error:
                    # Else it would be told of the database.
                    raise ConfigError(f"{error.filename} cannot be written: {error.strerror}.") from error
                ours = _ours(home)
                changed = [name for name in ours.keys() | before.keys() if ours.get(name) != before.get(name)]
                _refuse(changed, taken)
                if _is_begun(there):
                    _put(connection, ours, changed)
        except BaseException:
            _restore(home, before)
            raise
        if _is_begun(there):
            _remember(home, ours, changed)


def join(home: Home, url: str) -> Shared:
    """Makes *home* a machine of the deployment whose state stands at *url*.

    One that was broken off goes on. Raises :class:`UsageError` for a home that is something already,
    :class:`Failed` where no machine of the deployment has shared its files, or where by these files and the
    environment the state would be a file of this machine.
    """
    identity = home.var / "identity"
    another = UsageError(f"{home.root} is a home already.", remedy="Name an empty folder with --home.")
    if home.config_file.exists():
        raise another
    if not url.startswith("postgresql"):
        raise UsageError(
            f"{masked(url)!r} is no state that machines share.",
            remedy="Write --join postgresql+psycopg://USER@HOST/NAME.",
        )
    state = State.at(url)
    there: Files = {}
    if state.schema():
        with state.begin() as connection:
            there = _there(connection)
    if not _is_begun(there):
        raise Failed(
            f"No machine has shared its files in {state.url}.", remedy="On the first one run: fengping share"
        )
    if identity.exists() and identity.read_bytes() != there.get(str(identity.relative_to(home.root))):
        raise another
    _refuse_alone(there)
    home.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _write(home, there, missing=True)


def _refuse_alone(there: Files) -> None:
    """Raises :class:`Failed` where a home of the files *there* would be a deployment of its own: the first
    machine has the engines' addresses in its environment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / CONFIG_NAME
        file.write_bytes(there.get(CONFIG_NAME, b""))
        if load_config(file).state.startswith("sqlite:"):
            raise Failed(
                f"The deployment's {CONFIG_NAME} does not name its engines: this would be a home of its own.",
                remedy=AS_ELSEWHERE,
            )


def is_left(home: Home) -> bool:
    """True where the files of *home* are a deployment's, and its state is a file of this machine."""
    return not is_shared(home) and (home.root / _KNOWN).exists()


def is_shared(home: Home) -> bool:
    """True if other machines can read the state of *home*."""
    return not home.config.state.startswith("sqlite:")


def standing(home: Home) -> dict[str, Change]:
    """Files of *home* that are not the same everywhere; none before the first ``share``."""
    with State.open(home).begin() as connection:
        there = _there(connection)
    changes = _changes(_ours(home), there, _known(home)) if _is_begun(there) else {}
    return {name: change for name, change in changes.items() if change is not Change.NOWHERE}


def _ours(home: Home) -> Files:
    paths = [home.root / name for name in _MADE_ONCE]
    paths += [path for pattern in _PATTERNS for path in home.root.glob(pattern)]
    named = {str(path.relative_to(home.root)): path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in named.items() if _NAMED.fullmatch(name)}


def _there(connection: Connection) -> Files:
    rows = connection.execute(select(shared_files))
    return {row.name: row.content for row in rows if _NAMED.fullmatch(row.name)}


def _is_begun(there: Files) -> bool:
    """True after the first ``share``: the signing key is handed on by who makes it."""
    return bool(there.keys() - {signing.NAME})


def _changes(ours: Files, there: Files, known: Mapping[str, str]) -> dict[str, Change]:
    found = {}
    for name in sorted(ours.keys() | there.keys() | known.keys()):
        here, elsewhere = _digest(ours.get(name)), _digest(there.get(name))
        # Another salt would give every author another name: what is made once is never replaced.
        last = "" if name in _MADE_ONCE else known.get(name, "")
        if here == elsewhere:
            found[name] = Change.NOWHERE
        elif elsewhere == last:
            found[name] = Change.HERE
        else:
            found[name] = Change.ELSEWHERE if here == last else Change.BOTH
    return found


def _of(changes: Mapping[str, Change], wanted: Change) -> tuple[str, ...]:
    return tuple(name for name, change in changes.items() if change is wanted)


def _put(connection: Connection, ours: Files, names: Sequence[str]) -> None:
    for name in names:
        put(connection, name, ours.get(name))


def _write(home: Home, there: Files, *, missing: bool = False) -> Shared:
    if not _is_begun(there):
        return Shared(())
    ours = _ours(home)
    changes = _changes(ours, there, _known(home))
    changed, kept = list(_of(changes, Change.ELSEWHERE)), list[str]()
    for name in _of(changes, Change.BOTH):
        (kept if name in ours else changed).append(name)
    if missing:
        changed += [name for name in _of(changes, Change.HERE) if name not in ours]
    # Once there is a configuration it is a home: one that is broken off before can be joined again.
    for name in sorted(changed, key=lambda name: (name == CONFIG_NAME, name not in _MADE_ONCE, name)):
        path = home.root / name
        if name in there:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, there[name])
        else:
            path.unlink(missing_ok=True)
    _remember(home, there, (*changed, *_of(changes, Change.NOWHERE)))
    return Shared(tuple(sorted(changed)), tuple(kept))


def _refuse(changed: Sequence[str], taken: Shared) -> None:
    """Raises :class:`UsageError` where one of *changed* was another machine's change as well."""
    for name in sorted(changed):
        if name in taken.kept:
            raise UsageError(BOTH_CHANGED.format(name), remedy=MERGE)
        if name in taken.changed:
            raise UsageError(
                f"{name} was changed on another machine meanwhile; nothing was written.",
                remedy="Look at it again, and repeat what is still wanted.",
            )


def _restore(home: Home, before: Files | None) -> None:
    """Puts the files back as they were; none where nothing was changed yet."""
    if before is None:
        return
    now = _ours(home)
    for name in now.keys() | before.keys():
        path = home.root / name
        if name not in before:
            path.unlink(missing_ok=True)
        elif now.get(name) != before[name]:
            write_whole(path, before[name], path.stat().st_mode & 0o777 if name in now else 0o600)


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.blake2b(content, digest_size=16).hexdigest()


def _known(home: Home) -> dict[str, str]:
    """Digests of the files as they were last the same everywhere."""
    try:
        return dict(orjson.loads((home.root / _KNOWN).read_bytes()))
    except FileNotFoundError:
        return {}


def _remember(home: Home, content: Files, names: Sequence[str]) -> None:
    """Notes that those files are the same everywhere now."""
    known = _known(home)
    digests = {name: _digest(content.get(name)) for name in names}
    fresh = {name: digest for name, digest in (known | digests).items() if digest}
    if fresh != known:
        write_whole(home.root / _KNOWN, orjson.dumps(fresh))
