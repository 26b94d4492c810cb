"""Anchors of the evidence, manifests of editions in the place of the sums of their files, and signatures."""

from __future__ import annotations

import json
from itertools import groupby

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, text

_tables = MetaData()

Table(
    "evidence_anchors",
    _tables,
    Column("machine", String(6), primary_key=True),
    Column("archive", String(64), nullable=False),
    Column("length", Integer, nullable=False),
    Column("head", String(64), nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table, widens editions, and takes the sums over."""
    _tables.create_all(connection)
    connection.execute(text("ALTER TABLE editions ADD COLUMN manifest TEXT DEFAULT '' NOT NULL"))
    connection.execute(text("ALTER TABLE editions ADD COLUMN signature VARCHAR(128) DEFAULT '' NOT NULL"))
    rows = connection.execute(text("SELECT number, name, hash FROM edition_sums ORDER BY number, name"))
    for number, sums in groupby(rows.all(), key=lambda row: row.number):
        manifest = json.dumps({"files": {row.name: row.hash for row in sums}}, ensure_ascii=False)
        values = {"number": number, "manifest": manifest}
        connection.execute(text("UPDATE editions SET manifest = :manifest WHERE number = :number"), values)
    connection.execute(text("DROP TABLE edition_sums"))
