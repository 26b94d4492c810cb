"""The index of an Elasticsearch cluster: settings, mappings, and a document as its entry."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fengping.fields import FieldKind
from fengping.indexer.search.fields import hour_of, keyword_values, number_values
from fengping.indexer.search.protocol import KEYWORD_FIELDS, NUMBER_FIELDS, SCHEMA_VERSION
from fengping.indexer.search.query.matching import TEXT_FIELDS
from fengping.indexer.search.text.folding import aligned, fold
from fengping.models import FIELDS, Document

SETTINGS: dict[str, Any] = {
    # Fourteen million posts fit into one shard, and counts of values need no second question there.
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # In the order of the newest, so that a page of them is read and not searched for among all.
    "sort": {"field": ["published_at", "id"], "order": ["desc", "asc"], "missing": ["_last", "_last"]},
}

ROLLOVER, BY_MONTH = "fengping_rollover", "month"
"""Key of the way in which the documents lie in indices, and its value; empty where there is one index."""

_NUMBERS = {FieldKind.NUMBER: "double", FieldKind.COUNT: "long"}

MAPPINGS: dict[str, Any] = {
    "_meta": {"fengping_schema": SCHEMA_VERSION},
    "dynamic": False,
    # The tokens are made of the record, which is kept.
    "_source": {"excludes": [f"{name}_tokens" for name in TEXT_FIELDS]},
    "properties": {
        "id": {"type": "keyword"},
        **{f"{name}_tokens": {"type": "text", "analyzer": "whitespace"} for name in TEXT_FIELDS},
        **{name: {"type": "keyword"} for name in KEYWORD_FIELDS},
        **{name: {"type": _NUMBERS[FIELDS[name].kind]} for name in NUMBER_FIELDS},
        "published_at": {"type": "date"},
        "indexed_at": {"type": "date"},
        "hour": {"type": "integer"},
        "record": {"type": "object", "enabled": False},
    },
}


def told_of(owner: str, rollover: str) -> dict[str, Any]:
    """Facts of an index of the home *owner*, beside the schema."""
    return {ROLLOVER: rollover, **({"fengping_home": owner} if owner else {})}


def index_template(
    name: str, owner: str = "", aliases: Collection[str] = (), *, rollover: str = ""
) -> dict[str, Any]:
    """The composable template of the indices behind *name*, written by the home *owner*."""
    mappings = {**MAPPINGS, "_meta": {**MAPPINGS["_meta"], **told_of(owner, rollover)}}
    template: dict[str, Any] = {"settings": SETTINGS, "mappings": mappings}
    if aliases:
        template["aliases"] = {alias: {} for alias in aliases}
    return {"index_patterns": [f"{name}-000*"], "priority": 500, "template": template}


def to_elastic(document: Document) -> dict[str, Any]:
    """Indexed form of a document: its record, and beside it what is searched, filtered and counted."""
    raw = document.raw
    record = document.to_record()
    entry: dict[str, Any] = {
        "id": raw.id,
        **keyword_values(document),
        **number_values(document),
        "record": record,
    }
    for name in TEXT_FIELDS:
        entry[f"{name}_tokens"] = aligned(fold(record[name]))
    for name in ("published_at", "indexed_at"):
        entry[name] = record[name]
    if raw.published_at is not None:
        entry["hour"] = hour_of(raw.published_at)
    return entry
