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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests import postgres
from tests.elasticsearch_node import launcher as elasticsearch
from tests.kafka_node import launcher as kafka
from tests.servers import Unavailable, program

from devtools.deployment.fleet import Engines
from devtools.deployment.kills import Victim


@dataclass
class Redis:
    """A server that can be ended and started again, on its port and with what it wrote down."""

    url: str
    port: int
    command: tuple[str, ...]
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Ends it at once, as a lack of memory does."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Starts it again, and waits until it takes connections."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        _wait(self.port, self.process)


@dataclass
class Servers:
    """Running servers."""

    brokers: kafka.Cluster
    nodes: elasticsearch.Cluster
    postgres: postgres.Server
    redis: Redis

    @property
    def frontier(self) -> str:
        """Address of the frontier."""
        return self.redis.url

    def engines(self) -> Engines:
        """Addresses of a deployment that nobody has used; one without a frontier."""
        name = f"d{uuid.uuid4().hex[:10]}"
        hosts = ",".join(url.removeprefix("http://") for url in self.nodes.urls)
        return Engines(
            f"{self.brokers.url}/{name}",
            postgres.database(self.postgres.url),
            f"elasticsearch+http://{hosts}/{name}",
        )

    def with_frontier(self, number: int = 1) -> Engines:
        """The same with a frontier: one of sixteen, each of which serves one deployment at a time."""
        return replace(self.engines(), frontier=f"{self.redis.url.rpartition('/')[0]}/{number}")

    def victims(self, number: int = 0, away: float = 2.0) -> dict[str, Victim]:
        """Each server killed and started again *away* seconds later; of brokers and nodes that *number*."""

        def killed(kill: Callable[[], None], start: Callable[[], None]) -> Victim:
            def victim() -> None:
                kill()
                time.sleep(away)
                start()

            return victim

        brokers, nodes = self.brokers, self.nodes
        return {
            "broker": killed(partial(brokers.kill, number), partial(brokers.start, number)),
            "node": killed(partial(nodes.kill, number), partial(nodes.start, number)),
            "PostgreSQL": killed(self.postgres.kill, self.postgres.start),
            "Redis": killed(self.redis.kill, self.redis.start),
        }


@contextlib.contextmanager
def running(folder: Path, brokers: int = 1, nodes: int = 1) -> Iterator[Servers]:
    """All four, ended whatever happens; raises :class:`Unavailable` where one cannot be had."""
    for name in ("kafka", "elasticsearch", "redis"):
        (folder / name).mkdir()
    with (
        kafka.running(folder / "kafka", brokers) as cluster,
        elasticsearch.running(folder / "elasticsearch", nodes) as found,
        postgres.served() as database,
        redis_running(folder / "redis", "--appendonly", "yes") as frontier,
    ):
        yield Servers(cluster, found, database, frontier)


@contextlib.contextmanager
def redis_server(folder: Path, *further: str, name: str = "port", scheme: str = "redis") -> Iterator[str]:
    """``redis://127.0.0.1:PORT/0`` of a server of our own; raises :class:`Unavailable`.

    *further*: options of it; *name*: that which gives the port.
    """
    with redis_running(folder, *further, name=name, scheme=scheme) as server:
        yield server.url


@contextlib.contextmanager
def redis_running(folder: Path, *further: str, name: str = "port", scheme: str = "redis") -> Iterator[Redis]:
    """The same as something to end and start again."""
    server = program("redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--bind", "127.0.0.1", f"--{name}", str(port), "--save", "", "--dir", str(folder), *further)
    command = (server, *options)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    found = Redis(f"{scheme}://127.0.0.1:{port}/0", port, command, process)
    try:
        _wait(port, process)
        yield found
    finally:
        found.kill()


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
    if len(sys.argv) < 2:
        tell = "Give a command that is run beside the engines, e.g. python -m devtools bench deployment"
        sys.stderr.write(f"{tell} --journal {{journal}} --state {{state}} --store {{store}}.\n")
        return 2
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # servers end whatever happens
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as servers:
        found = servers.engines()
        given = {**vars(found), "frontier": servers.frontier}
        command = [part.format(**given) for part in sys.argv[1:]]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
