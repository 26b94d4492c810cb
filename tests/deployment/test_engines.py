"""Real engines once: a home on Kafka, PostgreSQL and Elasticsearch finds what one on files finds."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

from tests import postgres
from tests.kafka_node.launcher import Cluster

from devtools.deployment.fleet import Engines, Fleet, alone, documents, index
from fengping.indexer import Filter, open_store


def test_a_home_on_engines_finds_what_one_on_files_finds(
    kafka_cluster: Cluster, postgres_server: str, elasticsearch_url: str, tmp_path: Path
) -> None:
    engines = Engines(
        f"{kafka_cluster.url}/engines", postgres.database(postgres_server), f"{elasticsearch_url}/engines"
    )
    posts = documents(20)
    fleet = Fleet(tmp_path, engines, machines=1)
    fleet.collect(posts, random.Random(1))
    found = []
    for home in (*fleet.machines, alone(tmp_path / "alone", posts)):
        index(home)
        with closing(open_store(home)) as store:
            found.append({one.id: (one.judgement, one.event) for one in store.scan(Filter())})
    assert found[0].keys() == {post.id for post in posts}
    assert [judgement for judgement, _ in found[0].values()] == [said for said, _ in found[1].values()]
    # Events are numbered anew in each home.
    assert [bool(event) for _, event in found[0].values()] == [bool(event) for _, event in found[1].values()]
