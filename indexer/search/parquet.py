"""Documents as Parquet: every field of the table typed and described, written in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from fengping.errors import NotInstalled, install
from fengping.fields import Field, FieldKind
from fengping.models import FIELDS, Document

_BATCH = 2_000
_LARGEST = 2**63 - 1
_JSON = {"evidence", "media", "reading", "roles"}
"""Fields with a structure of their own, written as JSON."""


def write_parquet(documents: Iterable[Document], path: Path, query: str) -> int:
    """Writes *documents* with their schema; the number of them.

    The file's metadata says which *query* they answer. Raises :class:`NotInstalled` without pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise NotInstalled("Parquet needs the Python package pyarrow.", remedy=install("parquet")) from None
    kinds = {
        FieldKind.FLAG: pa.bool_(), FieldKind.NUMBER: pa.float64(), FieldKind.COUNT: pa.int64(),
        FieldKind.KEPT_COUNT: pa.int64(), FieldKind.TIME: pa.timestamp("s", "UTC"),
    }  # fmt: skip
    columns = []
    for name, row in FIELDS.items():
        kind = kinds.get(row.kind, pa.string())
        if row.many and name not in _JSON:
            kind = pa.list_(pa.string())
        columns.append(pa.field(name, kind, metadata={"meaning": row.meaning}))
    schema = pa.schema(columns, metadata={"fengping.query": query})
    written, rows = 0, iter(documents)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            records = list(_records(batch))
            table = {name: [_cell(row, record[name]) for record in records] for name, row in FIELDS.items()}
            writer.write_table(pa.table(table, schema=schema))
            written += len(batch)
    return written


def _records(documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        record = document.to_record()
        yield record | record["engagement"]


def _cell(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.name in _JSON:
        return orjson.dumps(value).decode()
    if field.kind is FieldKind.TIME:
        return datetime.fromisoformat(value)
    if field.kind in (FieldKind.COUNT, FieldKind.KEPT_COUNT):
        return min(value, _LARGEST)
    return value
