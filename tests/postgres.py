"""A real PostgreSQL server on loopback for tests, as another user where we are root, for it refuses root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tests.certificates import Certificate
from tests.servers import Unavailable, free_ports

_OLD_ONES_END = 60.0


@dataclass
class Server:
    """A server that can be ended and started again."""

    url: str
    """``postgresql+psycopg://…/``, to which a test adds the name of a database."""
    owner: str
    control: tuple[object, ...]
    options: tuple[object, ...]

    def start(self) -> None:
        """Starts it, and waits until it takes connections; after a kill its old processes end first."""
        deadline = time.monotonic() + _OLD_ONES_END
        while True:
            try:
                _run(self.owner, *self.control, *self.options, "start")  # type: ignore[arg-type]
                return
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        """Ends its first process at once, as a lack of memory does; its data stay as they are."""
        data = Path(str(self.control[-1]))
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def stop(self) -> None:
        """Ends it at once, with every connection."""
        _run(self.owner, *self.control, "-m", "immediate", "stop")  # type: ignore[arg-type]


@contextmanager
def running(certificate: Certificate | None = None, password: str = "") -> Iterator[str]:
    """Address of a new server, to which a test adds the name of a database.

    With a *certificate* it lets in those alone who come by TLS and know the *password*.
    """
    with served(certificate, password) as server:
        yield server.url


@contextmanager
def served(certificate: Certificate | None = None, password: str = "") -> Iterator[Server]:
    """The same as something to end and start again."""
    programs = _programs()
    owner = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="fengping-postgres-"))
    try:
        shutil.chown(folder, owner)
        data = folder / "data"
        _run(
            owner, programs / "initdb", "-D", data, "-U", "fengping", "-A", "trust", "--no-sync", "-E", "UTF8"
        )
        secure = _by_tls(data, owner, certificate) if certificate else ""
        (port,) = free_ports(1)
        # A process of tests keeps a connection to each database that it has made, as a console to its one.
        most = "-c max_connections=1000"
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off {most}{secure}"
        server = Server(
            f"postgresql+psycopg://fengping@127.0.0.1:{port}/", owner,
            (programs / "pg_ctl", "-D", data), ("-w", "-l", folder / "log", "-o", options),
        )  # fmt: skip
        server.start()
        if certificate:
            ask = f"ALTER USER fengping PASSWORD '{password}'"
            _run(owner, programs / "psql", "-h", folder, "-p", port, "-U", "fengping", "-c", ask, "postgres")
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(server: str) -> str:
    """The address of a new, empty database on *server*, as :func:`running` gives it."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}{name}"


def _by_tls(data: Path, owner: str, certificate: Certificate) -> str:
    """Has a server that is not started yet demand TLS and a password; the options that it takes."""
    for file in (certificate.chain, certificate.key):
        shutil.copy(file, data / file.name)
        shutil.chown(data / file.name, owner)
        (data / file.name).chmod(0o600)
    (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    return f" -c ssl=on -c ssl_cert_file={certificate.chain.name} -c ssl_key_file={certificate.key.name}"


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
