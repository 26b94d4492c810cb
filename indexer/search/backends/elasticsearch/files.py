"""Files by which a cluster of one's own, and Kibana on it, take what a home holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

import orjson

from fengping.indexer.search.backends.elasticsearch.mapping import MAPPINGS, index_template, to_elastic
from fengping.models import FIELDS, Document

_LINE = orjson.OPT_APPEND_NEWLINE


def write_bulk(documents: Iterable[Document], file: IO[bytes]) -> None:
    """Writes documents as the body of ``_bulk``, two lines each."""
    for document in documents:
        file.write(orjson.dumps({"index": {"_id": document.id}}, option=_LINE))
        file.write(orjson.dumps(to_elastic(document), option=_LINE))


def template_file(name: str, owner: str = "", rollover: str = "", *, by_hand: bool) -> bytes:
    """The body of ``PUT _index_template/NAME``, as the store itself sends it.

    An index filled *by_hand* gets the alias *name* when it is made; the store sets its own.
    """
    body = index_template(name, owner, [name] if by_hand else (), rollover=rollover)
    return orjson.dumps(body, option=_LINE | orjson.OPT_INDENT_2)


def kibana_file(name: str) -> bytes:
    """Kibana's saved objects: a data view of the alias *name*, its fields explained."""
    attributes = {
        "title": name,
        "name": f"风评 {name}",
        "timeFieldName": "published_at",
        "fieldAttrs": _text({field: {"customDescription": _meaning(field)} for field in explained()}),
        "sourceFilters": "[]",
        "fields": "[]",
        "fieldFormatMap": "{}",
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
    }
    view: dict[str, Any] = {
        "type": "index-pattern",
        "id": name,
        "attributes": attributes,
        "references": [],
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.0.0",
    }
    summary = {
        "exportedCount": 1, "missingRefCount": 0, "missingReferences": [], "excludedObjectsCount": 0,
        "excludedObjects": [],
    }  # fmt: skip
    return orjson.dumps(view, option=_LINE) + orjson.dumps(summary, option=_LINE)


def explained() -> list[str]:
    """Fields of the mapping that the field table explains."""
    return [name for name in MAPPINGS["properties"] if name in FIELDS]


def _meaning(field: str) -> str:
    aliases = "、".join(FIELDS[field].aliases)
    return f"{FIELDS[field].meaning} ({aliases})" if aliases else FIELDS[field].meaning


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
