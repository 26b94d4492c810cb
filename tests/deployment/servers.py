"""The engines of a deployment on loopback: Kafka, PostgreSQL, Elasticsearch, Redis.

``python -m tests.deployment.servers COMMAND …`` runs a command beside them, with ``{journal}``, ``{state}``,
``{store}`` and ``{frontier}`` in it replaced by their addresses.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import postgres
from tests.elasticsearch_node import launcher as elasticsearch
from tests.kafka_node import launcher as kafka
from tests.servers import Unavailable, program

from fengping.lab.deployment.fleet import Engines


@dataclass
class Servers:
    """Running servers."""

    brokers: kafka.Cluster
    nodes: elasticsearch.Cluster
    database: str
    frontier: str

    def engines(self) -> Engines:
        """Addresses of a deployment that nobody has used."""
        name = f"d{uuid.uuid4().hex[:10]}"
        hosts = ",".join(url.removeprefix("http://") for url in self.nodes.urls)
        return Engines(
            f"{self.brokers.url}/{name}",
            postgres.database(self.database),
            f"elasticsearch+http://{hosts}/{name}",
        )


@contextlib.contextmanager
def running(folder: Path, brokers: int = 1, nodes: int = 1) -> Iterator[Servers]:
    """All four, ended whatever happens; raises :class:`Unavailable` where one cannot be had."""
    for name in ("kafka", "elasticsearch", "redis"):
        (folder / name).mkdir()
    with (
        kafka.running(folder / "kafka", brokers) as cluster,
        elasticsearch.running(folder / "elasticsearch", nodes) as found,
        postgres.running() as database,
        redis_server(folder / "redis") as frontier,
    ):
        yield Servers(cluster, found, database, frontier)


@contextlib.contextmanager
def redis_server(folder: Path, *further: str, name: str = "port", scheme: str = "redis") -> Iterator[str]:
    """``redis://127.0.0.1:PORT/0`` of a server of our own; raises :class:`Unavailable`.

    *further*: options of it; *name*: that which gives the port.
    """
    server = program("redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--bind", "127.0.0.1", f"--{name}", str(port), "--save", "", "--dir", str(folder), *further)
    process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"{scheme}://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until somebody listens on *port*; raises :class:`Unavailable` where *process* has ended."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise Unavailable(f"redis-server did not start: {process.args!r}")


def main() -> int:
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # servers end whatever happens
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as servers:
        found = servers.engines()
        given = {**vars(found), "frontier": servers.frontier}
        command = [part.format(**given) for part in sys.argv[1:]]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
