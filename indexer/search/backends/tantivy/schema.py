"""The fields of a tantivy index, and a document as its entry."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import tantivy
from tantivy import Schema, SchemaBuilder

from fengping.fields import FieldKind
from fengping.indexer.search.fields import hour_of, keyword_values, newest_second, number_values, second_of
from fengping.indexer.search.protocol import KEYWORD_FIELDS, NUMBER_FIELDS
from fengping.indexer.search.query.matching import TEXT_FIELDS
from fengping.indexer.search.text.folding import stream
from fengping.models import FIELDS, Document

TOKENIZER = "characters"

_FLOATS = frozenset(name for name in NUMBER_FIELDS if FIELDS[name].kind is FieldKind.NUMBER)


def schema() -> Schema:
    """Fields of the index. The document itself is one stored JSON value; fast fields serve the rest."""
    builder = SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=TOKENIZER, index_option="position")
    for name in KEYWORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBER_FIELDS:
        if name in _FLOATS:
            builder.add_float_field(name, fast=True)
        else:
            builder.add_integer_field(name, fast=True)
    for name in ("published", "indexed", "hour"):
        builder.add_integer_field(name, fast=True)
    # Sort keys: time, then the beginning of the id. `key` is the beginning of the id alone.
    for name in ("newest", "oldest", "key"):
        builder.add_unsigned_field(name, fast=True)
    # Where the folded texts lie in the file beside the index.
    builder.add_unsigned_field("place", fast=True, indexed=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


def to_tantivy(document: Document, texts: Sequence[str], place: int) -> tantivy.Document:
    """The entry of a document: its record, and beside it what is searched, filtered and counted.

    *texts* are its folded texts, which lie at *place* beside the index.
    """
    raw = document.raw
    entry = tantivy.Document()
    add, whole = entry.add_text, entry.add_unsigned
    add("id", raw.id)
    for name, folded in zip(TEXT_FIELDS, texts, strict=True):
        add(name, stream(folded))
    whole("place", place)
    for name, values in keyword_values(document).items():
        for value in values:
            add(name, value)
    for name, number in number_values(document).items():
        if name in _FLOATS:
            entry.add_float(name, number)
        else:
            entry.add_integer(name, int(number))
    if raw.published_at is not None:
        entry.add_integer("published", int(raw.published_at.timestamp() // 1))
        entry.add_integer("hour", hour_of(raw.published_at))
    entry.add_integer("indexed", int(document.indexed_at.timestamp() // 1))
    # The beginning of an id as a number that sorts as ids do; equal beginnings are told apart later.
    key = int.from_bytes(raw.id.encode()[:8].ljust(8, b"\0"), "big")
    whole("newest", newest_second(raw.published_at) << 32 | key >> 32)
    whole("oldest", second_of(raw.published_at) << 32 | key >> 32)
    whole("key", key)
    entry.add_bytes("record", orjson.dumps(document.to_record()))
    return entry
