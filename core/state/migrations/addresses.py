"""A store in Elasticsearch goes by its alias, whichever nodes are named; its address stands beside it."""

from __future__ import annotations

import re

from sqlalchemy import Column, Connection, MetaData, String, Table, text

_tables = MetaData()

Table(
    "index_addresses",
    _tables,
    Column("store", String(255), primary_key=True),
    Column("url", String(255), nullable=False),
    Column("cluster", String(64), nullable=False, server_default=""),
)


def up(connection: Connection) -> None:
    """Makes the table and renames what is known of stores. Of several with one alias that is meant whose
    events are kept, as those of the store in use are, else the one into which most was read; the others keep
    their URLs, for they may be other clusters."""
    _tables.create_all(connection)
    connection.execute(text("DELETE FROM index_positions WHERE store LIKE 'rebuild of elasticsearch+%'"))
    found: set[str] = set()
    order = "SELECT store FROM index_positions GROUP BY store ORDER BY sum(lines) DESC"
    spelt = [*connection.scalars(text("SELECT store FROM event_progress")), *connection.scalars(text(order))]
    for url in dict.fromkeys(spelt):
        address = re.fullmatch(r"elasticsearch\+https?://[^/]+(?:/([^/]*))?/?", url)
        if address is None:
            continue
        store = f"elasticsearch:{address[1] or 'fengping'}"
        if store in found:
            continue
        found.add(store)
        for table in ("index_positions", "index_regroups", "event_progress"):
            renamed = f"UPDATE {table} SET store = :store WHERE store = :url"
            connection.execute(text(renamed), {"store": store, "url": url})
        connection.execute(
            text("INSERT INTO index_addresses (store, url) VALUES (:store, :url)"),
            {"store": store, "url": url},
        )
