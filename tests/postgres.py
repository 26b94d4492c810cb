"""A real PostgreSQL server on loopback for tests, as another user where we are root, for it refuses root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tests.servers import Unavailable, free_ports


@contextmanager
def running() -> Iterator[str]:
    """``postgresql+psycopg://…/`` of a new server, to which a test adds the name of a database."""
    programs = _programs()
    owner = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="fengping-postgres-"))
    try:
        shutil.chown(folder, owner)
        data = folder / "data"
        _run(
            owner, programs / "initdb", "-D", data, "-U", "fengping", "-A", "trust", "--no-sync", "-E", "UTF8"
        )
        (port,) = free_ports(1)
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        _run(owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://fengping@127.0.0.1:{port}/"
        finally:
            _run(owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(server: str) -> str:
    """The address of a new, empty database on *server*, as :func:`running` gives it."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}{name}"


def _programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or shutil.which("pg_ctl") or (debian and str(debian[-1]))
    if not found:
        raise Unavailable("PostgreSQL's initdb and pg_ctl are not on the PATH.")
    folder = Path(found).resolve().parent
    if not (folder / "initdb").exists():
        raise Unavailable(f"{folder} holds no initdb.")
    return folder


def _run(owner: str, program: Path, *arguments: object) -> None:
    user = owner if os.geteuid() == 0 else None
    done = subprocess.run(
        [str(program), *map(str, arguments)], user=user, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Unavailable(f"{program.name} failed: {done.stderr.strip()}")
