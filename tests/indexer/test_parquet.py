"""Documents as Parquet, read back by another library."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store_samples import SAMPLES, documents

from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.indexer.search import write_parquet
from fengping.models import FIELDS, Document
from fengping.services.search import Asked, export

pq = pytest.importorskip("pyarrow.parquet")


def test_every_field_is_typed_and_described(home: Home, tmp_path: Path) -> None:
    store = open_store(home)
    store.put(SAMPLES)
    store.close()
    file = tmp_path / "out.parquet"
    assert export(home, Asked("甲", until="2020-11-30"), "parquet", file).written == 2
    table = pq.read_table(file)
    assert table.column_names == list(FIELDS)
    assert table.schema.metadata[b"fengping.query"].decode().startswith("甲 · ")
    assert table.schema.field("likes").metadata[b"meaning"].decode() == FIELDS["likes"].meaning
    first = table.to_pylist()[0]
    assert first["published_at"] == datetime(2020, 11, 1, 1, tzinfo=UTC)
    assert (first["hosts"], first["likes"], first["views"]) == (["甲"], 1_000, 2**63 - 1)
    assert first["event"] == "" and first["relevant"] is True
    assert (first["accused"], first["signals"]) == (["甲", "样牌"], ["charge", "answer", "answer.pay"])
    assert orjson.loads(first["reading"]) == SAMPLES[0].to_record()["reading"]
    with pytest.raises(UsageError, match="needs a file"):
        export(home, Asked(), "parquet", BytesIO())


@given(st.lists(documents, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_comes_back(tmp_path: Path, found: list[Document]) -> None:
    file = tmp_path / "any.parquet"
    assert write_parquet(found, file, "all") == len(found)
    rows = pq.read_table(file).to_pylist()
    assert [(row["id"], row["text"], row["title"]) for row in rows] == [
        (one.id, one.raw.text, one.raw.title) for one in found
    ]
    assert [row["published_at"] for row in rows] == [one.raw.published_at for one in found]
