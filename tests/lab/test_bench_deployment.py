"""The deployment's table: each step of the files, and of the engines beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import postgres
from tests.kafka_node.launcher import Cluster

from fengping.lab.bench import Options, deployment

STEPS = ("append, synced", "append and sync one", "read", "mark URLs", "index", "events anew")
NAMES = ("file, SQLite, tantivy", "Kafka, PostgreSQL, Elasticsearch")


@pytest.mark.slow
@pytest.mark.service
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
