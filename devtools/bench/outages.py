"""Outages of Elasticsearch and Redis while commands run, with what became of the homes.

``--node`` is the command of a node in the foreground; ``python -m tests.elasticsearch_node.launcher`` is one.
``redis-server`` must be on the path.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from devtools.bench import Options, Row
from devtools.bench.faults import rows
from devtools.faults import proxy, servers, site
from devtools.faults.outages import Outages
from fengping.errors import UsageError
from fengping.progress import Remark, emit

OUTAGES = 40


def run(options: Options) -> list[Row]:
    """``options.size`` outages, or as many as fit into ``options.hours``; a row for each count of a kind.

    Seeds are numbers from 1, so that a trial can be made again.
    """
    if not options.node:
        raise UsageError(
            "Outages need an Elasticsearch node of their own.",
            remedy='Give --node "COMMAND {port} {folder}"; it is killed and started again.',
        )
    end = time.monotonic() + options.hours * 3600
    with (
        tempfile.TemporaryDirectory(prefix="fengping-outages-") as name,
        servers.node(options.node, Path(name) / "node") as node,
        servers.redis(Path(name) / "redis") as redis,
        proxy.standing(f"http://127.0.0.1:{node.port}") as before,
        site.serve() as pages,
    ):
        outages = Outages(Path(name), node, before, redis, pages)
        seed = 0
        while time.monotonic() < end if options.hours else seed < (options.size or OUTAGES):
            seed += 1
            if not outages.trial(seed):
                emit(Remark(outages.notes[-1]))
    return rows(outages.tallies)
