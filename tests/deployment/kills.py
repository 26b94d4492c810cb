"""Runs of a deployment on three brokers and three nodes, everything in it killed in turn.

    python -m tests.deployment.kills --seed 0 --runs 60

Each run has three collectors, two indexers, two owners of the schedule and two consoles of its own; in each a
collector, the leading indexer, the owner, a console, a broker, a node, PostgreSQL and Redis are killed once,
in random order and at random moments. Prints a line a run and a table at the end; exit 1 where a run differs
from one embedded home, or a takeover took more than 30 seconds.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.deployment.servers import running

from devtools.bench.deployment import told
from devtools.deployment.kills import Killed, Run
from devtools.deployment.takeovers import LONGEST_MS

ENGINES = 3
SIZE = 90


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the next have the next ones")
    parser.add_argument("--engines", type=int, default=ENGINES, help="brokers, and nodes")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # servers end whatever happens
    found: list[Killed] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "servers").mkdir()
        with running(Path(folder) / "servers", brokers=options.engines, nodes=options.engines) as servers:
            for seed in range(options.seed, options.seed + options.runs):
                began = time.monotonic()
                place = Path(folder) / str(seed)
                place.mkdir()
                victims = servers.victims(seed % options.engines)
                one = Run(place, servers.with_frontier(), SIZE, seed).work(victims)
                found.append(one)
                seconds = ", ".join(f"{one.right} {one.ms / 1000:.1f} s" for one in one.takeovers)
                tell(f"seed {seed}: {', '.join(one.kills)}; takeovers: {seconds}; ", end="")
                tell(f"{time.monotonic() - began:.0f} s; {one.differences or 'as one home'}")
    for row in told(found):
        tell(f"{row.what}: {row.value:,.1f} {row.unit} (n = {row.n})")
    late = any(takeover.ms > LONGEST_MS for one in found for takeover in one.takeovers)
    return int(late or any(one.differences for one in found))


def tell(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
