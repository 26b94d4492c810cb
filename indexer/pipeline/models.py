"""One judge for a deployment: a machine that would judge by other files than the last one is told so.

Each machine that indexes notes the digests of the files that it judges by. Those that are handed on with the
deployment's files, as the home's own registry is, may be ahead of what was indexed by.
"""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from fengping import __version__, analysis
from fengping.errors import UPGRADE, ConfigError
from fengping.home import Home
from fengping.state import State, metadata, read_meta, write_meta
from fengping.state.shared import content_of

_KEY, _NODE = "judge", "judge node"
_COPY = re.compile(r"^var/in-force/[^/]+/")
"""Before the name of a copy of the owner's files, as earlier versions noted it."""
_TOLD = 5
"""Files that a sentence names."""

files = Table(
    "judge_files",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("digest", String(32), nullable=False),
)


class OtherJudge(ConfigError):
    """This machine would judge by something else than the deployment."""


def check(home: Home, state: State) -> None:
    """Raises :class:`OtherJudge` where another machine has indexed last by other files of this version, or by
    a newer version: figures would mix the two. A newer version may go on from an older one."""
    if not state.is_shared:
        return
    with state.begin() as connection:
        noted = read_meta(connection, _KEY)
        if noted is None:
            return
        version, _, machine = noted.split(" ")
        if machine == home.machine or _numbers(__version__) > _numbers(version):
            return
        node = read_meta(connection, _NODE) or machine
        if version != __version__:
            raise OtherJudge(
                f"This machine judges by fengping {__version__}, {node}, which indexed last, by {version}.",
                remedy=UPGRADE,
            )
        theirs = {_COPY.sub("", row.name): row.digest for row in connection.execute(select(files))}
        names = list(_other(home, connection, theirs))
    if names:
        told = ", ".join(names[:_TOLD]) + (f" and {len(names) - _TOLD} more" if len(names) > _TOLD else "")
        raise OtherJudge(
            f"This machine judges by other files than {node}, which indexed last: {told}.",
            remedy=f"Copy them from {node}, or take what is handed on: fengping share --take. To go over to "
            "those of this machine: fengping share, then fengping reindex.",
        )


def last_to_index(state: State) -> str:
    """The machine that indexed last, which judges as the deployment does; empty where nothing is known."""
    with state.begin() as connection:
        return (read_meta(connection, _KEY) or "").rpartition(" ")[2]


def agree(home: Home, state: State) -> None:
    """Notes the files of this machine, which may index now; raises as :func:`check`."""
    check(home, state)
    go_over(home, state)


def go_over(home: Home, state: State) -> None:
    """Notes the files of this machine, whatever others judge by: it has judged everything anew."""
    if not state.is_shared:
        return
    ours = digests(home)
    whole = hashlib.blake2b(repr(sorted(ours.items())).encode(), digest_size=8).hexdigest()
    with state.begin() as connection:
        if read_meta(connection, _KEY) == (noted := f"{__version__} {whole} {home.machine}"):
            return
        write_meta(connection, _KEY, noted)
        write_meta(connection, _NODE, platform.node()[:255] or home.machine)
        connection.execute(delete(files))
        connection.execute(
            insert(files), [{"name": name[-255:], "digest": one} for name, one in ours.items()]
        )


def digests(home: Home) -> dict[str, str]:
    """Digest of each file that a judgement here is made of beside the program, by its name."""
    return {
        name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for name, path in _files(home)
    }


def _other(home: Home, connection: Connection, theirs: Mapping[str, str]) -> Iterator[str]:
    """Names of files that are not as the others have them, here or there alone included."""
    ours, paths = digests(home), dict(_files(home))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            here = paths[name].read_bytes() if name in paths else None
            handed_on = content_of(connection, name)
            if here != handed_on or (here is None and name != home.hosts.name):
                yield name


def _files(home: Home) -> Iterator[tuple[str, Path]]:
    [folder] = analysis.__path__
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix in {".toml", ".tsv", ".npz", ".bin"}:
            yield f"analysis/{path.relative_to(folder).as_posix()}", path
    config = home.config.analysis
    named = (config.snownlp_model, config.snownlp_segmenter, config.polarity_model, *config.hosts)
    for one in (*named, home.hosts, home.heads):
        if one and one.exists():
            # Under a schedule the owner's files are copies, which bear the names of what they are copies of.
            base = next((base for base in (home.files, home.root) if one.is_relative_to(base)), None)
            yield (one.relative_to(base) if base else one).as_posix(), one


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
