"""The names of fields that an analyst may write in a query, and what they are called in the store."""

from __future__ import annotations

from fengping.fields import Field, FieldKind
from fengping.indexer.search.protocol import KEYWORD_FIELDS, NUMBER_FIELDS
from fengping.models import FIELDS


def _names(*rows: Field) -> dict[str, str]:
    """Every name that a query may use for fields, with the field's own."""
    return {name: row.name for row in rows for name in (row.name, *row.aliases)}


TEXT_NAMES = _names(*(row for row in FIELDS.values() if row.kind is FieldKind.TEXT))
KEYWORD_NAMES = _names(*(FIELDS[name] for name in KEYWORD_FIELDS))
NUMBER_NAMES = _names(*(FIELDS[name] for name in NUMBER_FIELDS))
TIME_NAMES = {"since": "since", "起始": "since", "until": "until", "截止": "until"}

GROUP_NAMES = {"words": "words", "词组": "words"}
"""Before the name of a list of words of the home."""

SAVED_NAMES = {"query": "query", "查询": "query"}
"""Before the name of a saved query."""

NAMES = frozenset({*TEXT_NAMES, *KEYWORD_NAMES, *NUMBER_NAMES, *TIME_NAMES, *GROUP_NAMES, *SAVED_NAMES})
