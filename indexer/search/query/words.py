"""The names and values an analyst may write in a query, and what they are called in the store."""

from __future__ import annotations

from fengping.errors import UsageError, did_you_mean
from fengping.fields import Field, FieldKind
from fengping.indexer.search.protocol import KEYWORD_FIELDS
from fengping.models import FIELDS


def _names(*rows: Field) -> dict[str, str]:
    """Every name that a query may use for fields, with the field's own."""
    return {name: row.name for row in rows for name in (row.name, *row.aliases)}


TEXT_NAMES = _names(*(row for row in FIELDS.values() if row.kind is FieldKind.TEXT))
KEYWORD_NAMES = _names(*(FIELDS[name] for name in KEYWORD_FIELDS))
NAMES = frozenset({*TEXT_NAMES, *KEYWORD_NAMES})


def keyword_value(field: str, value: str) -> str:
    """*value* as the store holds it; raises :class:`UsageError` where *field* knows no such value."""
    value = value.strip()
    if field == "issues":
        return value.upper()
    known = FIELDS[field].values
    if not known:
        return value
    if value.lower() not in known:
        raise UsageError(f"Unknown {field} value {value!r}.", remedy=did_you_mean(value.lower(), known))
    return known[value.lower()]
