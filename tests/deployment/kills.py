"""Runs of a deployment on three brokers and three nodes, everything in it killed in turn.

    python -m tests.deployment.kills --runs 60

Each run has three collectors and two indexers of its own; in each a collector, the leading indexer, a broker
and a node are killed at random moments. Prints a line a run and the sums at the end; exit 1 where a run
differs from one embedded home.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.deployment.servers import Servers, running

from fengping.lab.deployment.kills import Killed, Run, Victim

ENGINES = 3
KINDS = 4
SIZE = 90


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the next have the next ones")
    options = parser.parse_args()
    found: list[Killed] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "servers").mkdir()
        with running(Path(folder) / "servers", brokers=ENGINES, nodes=ENGINES) as servers:
            for seed in range(options.seed, options.seed + options.runs):
                began = time.monotonic()
                place = Path(folder) / str(seed)
                place.mkdir()
                one = Run(place, servers.engines(), SIZE, seed).work(KINDS, _victims(servers, seed))
                found.append(one)
                seconds = [round(one, 1) for one in found[-1].takeovers]
                tell(f"seed {seed}: {', '.join(one.kills)}; takeovers {seconds} s; ", end="")
                tell(f"{time.monotonic() - began:.0f} s; {one.differences or 'as one home'}")
    takeovers = sorted(seconds for one in found for seconds in one.takeovers)
    differing = sum(bool(one.differences) for one in found)
    tell(f"{len(found)} runs, {sum(len(one.kills) for one in found)} kills, {differing} runs differ")
    if takeovers:
        tell(f"takeover: median {statistics.median(takeovers):.1f} s, longest {takeovers[-1]:.1f} s")
    return int(differing > 0)


def tell(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def _victims(servers: Servers, seed: int) -> dict[str, Victim]:
    def broker() -> None:
        servers.brokers.kill(seed % ENGINES)
        time.sleep(2)
        servers.brokers.start(seed % ENGINES)

    def node() -> None:
        servers.nodes.kill(seed % ENGINES)
        time.sleep(2)
        servers.nodes.start(seed % ENGINES)

    return {"broker": broker, "node": node}


if __name__ == "__main__":
    sys.exit(main())
