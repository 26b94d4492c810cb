"""The deployment's table: each step of the files, and of the engines beside it; what kills come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import postgres
from tests.kafka_node.launcher import Cluster

from devtools.bench import Options, deployment
from devtools.deployment.kills import Killed
from devtools.deployment.takeovers import INDEX, SCHEDULE, Takeover
from fengping.errors import UsageError

pytestmark = pytest.mark.long

STEPS = ("append, synced", "append and sync one", "read", "mark URLs", "index", "events anew")
NAMES = ("file, SQLite, tantivy", "Kafka, PostgreSQL, Elasticsearch")


@pytest.mark.slow
def test_each_step_of_the_files_stands_beside_that_of_the_engines(
    tmp_path: Path, kafka_cluster: Cluster, postgres_server: str, elasticsearch_url: str
) -> None:
    rows = deployment.run(
        Options(
            size=300, data=tmp_path, store=f"{elasticsearch_url}/bench", journal=f"{kafka_cluster.url}/bench",
            state=postgres.database(postgres_server),
        )
    )  # fmt: skip
    side_by_side, takeovers = rows[:-3], rows[-3:]
    assert len(side_by_side) == 2 * len(STEPS)
    for step, ours, theirs in zip(STEPS, side_by_side[::2], side_by_side[1::2], strict=True):
        assert ours.what.startswith(step) and NAMES[0] in ours.what
        assert theirs.what.startswith(step) and NAMES[1] in theirs.what
        assert theirs.beside == ours.what and theirs.ratio and theirs.unit == ours.unit
    assert all(row.value > 0 for row in rows)
    assert all(row.what.startswith("takeover: ") for row in takeovers)


def test_kills_need_every_engine(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Give --journal, --state, --store and --frontier"):
        deployment.run(Options(size=1, store="", data=tmp_path, kills=1))
    with pytest.raises(UsageError, match="three engines"):
        deployment.run(Options(size=1, store="elasticsearch+http://127.0.0.1:1/a", data=tmp_path))


def test_the_table_of_kills_tells_the_median_and_the_longest_of_each_takeover() -> None:
    runs = [
        Killed(["leader", "owner"], [Takeover(INDEX, 14_000), Takeover(SCHEDULE, 21_000)]),
        Killed(["leader"], [Takeover(INDEX, 31_000)], ["document a is in one alone"]),
        Killed(["leader"], [Takeover(INDEX, 15_000)]),
    ]
    assert [(row.what, row.value, row.n) for row in deployment.told(runs)] == [
        ("runs", 3, 3),
        ("kills", 4, 3),
        ("runs that differ from an embedded home", 1, 3),
        ("takeover, index, by a lease of 15 s: median", 15.0, 3),
        ("takeover, index, by a lease of 15 s: longest", 31.0, 3),
        ("takeover, schedule, by a lease of 20 s: median", 21.0, 1),
        ("takeover, schedule, by a lease of 20 s: longest", 21.0, 1),
        ("takeovers over 30 s", 1, 4),
    ]
    assert Takeover(SCHEDULE, 30_000).terms == 1.5
