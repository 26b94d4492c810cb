"""Leases of a shard, renewed sooner than each half minute, so that deleted documents leave at once."""

from __future__ import annotations

from elasticsearch import Elasticsearch


def renew_often(store: str) -> None:
    """Has the leases of the indices of the *store*, an address, renewed ten times a second.

    One test, in ``tests/services/test_crawl_forget.py``, waits as long as a cluster has it.
    """
    node, _, name = store.removeprefix("elasticsearch+").rpartition("/")
    with Elasticsearch(node) as client:
        every = ",".join(client.indices.get(index=f"{name}-*"))
        often = {"index.soft_deletes.retention_lease.sync_interval": "100ms"}
        client.indices.put_settings(index=every, settings=often)
        # It is read when an index is opened.
        client.indices.close(index=every)
        client.indices.open(index=every)
