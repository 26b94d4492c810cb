"""The field table, and what follows from it: records, mappings, export columns, query words, the document."""

from __future__ import annotations

import hashlib
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import SAMPLES

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import load_names
from fengping.fields import Field, FieldKind
from fengping.indexer.search import (
    COLUMNS,
    KEYWORD_FIELDS,
    MAPPINGS,
    NUMBER_FIELDS,
    SCHEMA_VERSION,
    Keyword,
    flat,
    keyword_values,
    number_values,
    parse,
)
from fengping.models import FIELDS, Document, Engagement, Judgement, RawDocument, Role

MAPPED = {2: "3edb0b37", 3: "cd4bbe08", 4: "b1785d3f", 5: "ec5e10f0"}
"""Hash of what is indexed, by schema version."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "fields.md"


def test_every_field_of_a_document_is_described() -> None:
    parts = {"raw", "judgement", "engagement"}
    declared = {one.name for cls in (RawDocument, Engagement, Judgement, Document) for one in fields(cls)}
    assert FIELDS.keys() == declared - parts
    assert all(row.meaning.endswith(".") for row in FIELDS.values())


def test_no_two_fields_share_a_name_or_a_column() -> None:
    names = [name for row in FIELDS.values() for name in (row.name, *row.aliases)]
    columns = [row.column for row in FIELDS.values() if row.column is not None]
    assert len(names) == len(set(names))
    assert len(columns) == len(set(columns)) == len(COLUMNS)


def test_a_change_of_what_is_indexed_raises_the_schema_version() -> None:
    """A store of before lacks the field: without a new version it would be asked for it all the same."""
    types = sorted((name, mapping["type"]) for name, mapping in MAPPINGS["properties"].items())
    found = hashlib.sha256(repr(types).encode()).hexdigest()[:8]
    assert MAPPED[SCHEMA_VERSION] == found, f"Raise SCHEMA_VERSION and add {found!r} to MAPPED."


@pytest.mark.parametrize("document", SAMPLES, ids=lambda document: document.id)
def test_a_record_gives_the_document_back(document: Document) -> None:
    record = orjson.loads(orjson.dumps(document.to_record()))
    assert Document.from_record(record) == document
    assert RawDocument.from_record(document.raw.to_record()) == document.raw
    assert record.keys() - {"engagement"} == FIELDS.keys() - {one.name for one in fields(Engagement)}


def test_a_record_of_before_takes_defaults_for_what_it_lacks() -> None:
    record = SAMPLES[0].to_record()
    for row in FIELDS.values():
        if row.default is not MISSING and row.part != "raw.engagement":
            del record[row.name]
    found = Document.from_record(record | {"of a later version": 1})
    assert (found.judgement.brands, found.judgement.consumer, found.raw.media, found.tags) == (
        None,
        None,
        (),
        (),
    )


def test_a_value_is_read_from_a_record_as_the_document_holds_it() -> None:
    for document in SAMPLES:
        record = orjson.loads(orjson.dumps(document.to_record()))
        for row in FIELDS.values():
            expected: Any = document
            for name in row.path.split("."):
                expected = getattr(expected, name)
            assert row.of_record(record) == expected
            assert not isinstance(expected, Role | Engagement)


@given(st.dictionaries(st.sampled_from(["group", "likes", "hosts", "title", "brands"]), st.just("x")))
def test_changing_fields_changes_them_and_nothing_else(changes: dict[str, Any]) -> None:
    before, after = SAMPLES[0].to_record(), SAMPLES[0].changed(changes).to_record()
    for record in (before, after):
        record.update(record.pop("engagement"))
    different = {name for name in before if before[name] != after[name]}
    assert different == changes.keys()


def test_keyword_values_and_numbers() -> None:
    values, numbers = keyword_values(SAMPLES[0]), number_values(SAMPLES[0])
    assert values.keys() < set(KEYWORD_FIELDS)
    assert "event" not in values
    assert values["roles"] == ("accused:甲", "victim:乙")
    assert (values["consumer"], values["act"]) == (("true",), ("complaint",))
    assert keyword_values(SAMPLES[1])["consumer"] == ("false",)
    assert "consumer" not in keyword_values(SAMPLES[2])
    assert (numbers["likes"], numbers["views"], numbers["negative"]) == (1_000, 2**62, 0.9)
    assert numbers.keys() < set(NUMBER_FIELDS)


@pytest.mark.parametrize("row", [FIELDS[name] for name in KEYWORD_FIELDS], ids=lambda row: row.name)
def test_every_name_and_value_of_a_keyword_field_may_stand_in_a_query(row: Field) -> None:
    known = {
        "hosts": HostRegistry.load().hosts[0].name,
        "negative_hosts": HostRegistry.load().hosts[0].name,
        "platforms": load_names("platforms.toml").name[0].name,
        "regulators": load_names("regulators.toml").name[0].name,
    }.get(row.name, "C02")
    for name in (row.name, *row.aliases):
        for word, value in (row.values or {known: known}).items():
            assert parse(f"{name}:{word}") == Keyword(row.name, value)


def test_what_is_not_judged_is_exported_as_nothing() -> None:
    judged, other = (dict(zip(COLUMNS, flat(document), strict=True)) for document in SAMPLES[:3:2])
    assert (judged["brands"], judged["consumer"], judged["likes"]) == ("样牌", True, 1_000)
    assert (other["brands"], other["consumer"], other["likes"], other["positive"]) == (None,) * 4


def test_the_document_shows_the_table() -> None:
    found = re.findall(r"^\| `(\w+)` \|.*\|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert found == [*FIELDS]
    text = DOCUMENT.read_text(encoding="utf-8")
    missing = [line for line in map(line_of, FIELDS.values()) if line not in text]
    assert not missing, "docs/fields.md lacks:\n" + "\n".join(missing)


def line_of(row: Field) -> str:
    """A field's line in docs/fields.md."""
    kind = f"{row.kind}{' list' if row.many and row.kind is FieldKind.KEYWORD else ''}"
    default = {MISSING: "required", None: "null", "": "empty", (): "empty"}.get(
        row.default, f"`{row.default}`"
    )
    aliases = ", ".join(f"`{name}`" for name in row.aliases)
    column = "yes" if row.column is not None else ""
    return f"| `{row.name}` | {row.part} | {kind} | {default} | {aliases} | {column} | {row.meaning} |"
