"""The field table: each field of a document described once, where its dataclass declares it.

``field(metadata=described(…))`` says what a field means and how it is searched; its type says the rest.
Records, index mappings, export columns and query words all follow from this, so that a new field is one
declaration in :mod:`fengping.models` and the analysis that fills it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from fengping.clock import iso, parse_moment

Decode = Callable[[Any], Any]
T = TypeVar("T")

FLAGS = {"true": "true", "false": "false", "yes": "true", "no": "false", "是": "true", "否": "false"}


class FieldKind(StrEnum):
    """Kind of a field: decides its indexing and what can be asked of it."""

    KEYWORD = "keyword"
    """Exact values: filters, splits, facets, query words."""
    FLAG = "flag"
    """True or false, asked for as the keywords ``true`` and ``false``."""
    NUMBER = "number"
    """A real number: ranges."""
    COUNT = "count"
    """A whole number: ranges."""
    TIME = "time"
    """A moment; windows and time buckets use ``published_at`` and ``indexed_at``."""
    TEXT = "text"
    """Searched by character."""
    KEPT = "kept"
    """In the record only."""
    KEPT_COUNT = "kept count"
    """A whole number in the record only."""


@dataclass(frozen=True, slots=True)
class Description:
    """Declaration of a field, beyond its name and type."""

    kind: FieldKind
    meaning: str
    aliases: tuple[str, ...] = ()
    column: int | None = None
    values: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table."""

    name: str
    part: str
    """Part of a document that holds it: ``raw``, ``raw.engagement``, ``judgement``, or empty for its own."""
    kind: FieldKind
    meaning: str
    aliases: tuple[str, ...]
    """Further names that a query may use."""
    column: int | None
    """Its place among the exported columns; ``None`` where it is not exported."""
    values: Mapping[str, str]
    """Words a query may use for its values; empty where any value may stand."""
    many: bool
    nullable: bool
    default: Any
    """``dataclasses.MISSING`` where a value is required."""
    decode: Decode | None
    """From the value in a record; ``None`` where it is the same."""

    @property
    def path(self) -> str:
        """Attribute path of the value in a document, for ``attrgetter``."""
        return f"{self.part}.{self.name}" if self.part else self.name

    @property
    def is_number(self) -> bool:
        """True for one of which a range may be asked."""
        return self.kind in (FieldKind.NUMBER, FieldKind.COUNT)

    @property
    def record_path(self) -> tuple[str, ...]:
        """Keys that lead to the value in a record: flat but for the engagement."""
        return ("engagement", self.name) if self.part == "raw.engagement" else (self.name,)

    def of_record(self, record: Mapping[str, Any]) -> Any:
        """The value in a document's record, as the document itself would hold it."""
        value: Any = record
        for key in self.record_path:
            if key not in value:
                return None if self.default is MISSING else self.default
            value = value[key]
        return value if self.decode is None else self.decode(value)


def described(
    kind: FieldKind,
    meaning: str,
    *aliases: str,
    column: int | None = None,
    values: Mapping[str, str] | None = None,
) -> dict[str, Description]:
    """The metadata of a dataclass field.

    *aliases* are further names in a query, *values* words for its values there, *column* its place among the
    exported columns.
    """
    return {"described": Description(kind, meaning, aliases, column, values)}


class Codec(Generic[T]):
    """A dataclass to a JSON object and back, by the types of its fields.

    Both ways are written out as code once, as dataclasses writes its methods: every document of every batch
    passes here several times, and a loop over its forty fields takes twice as long.
    """

    def __init__(self, cls: type[T], *, without: Sequence[str] = ()) -> None:
        """*without*: fields that stand first and are no part of the record."""
        hints = get_type_hints(cls)
        rows = fields(cast("Any", cls))[len(without) :]
        self.names = tuple(one.name for one in rows)
        codecs = {name: _codec(hints[name]) for name in self.names}
        decodings = [_decoding(n, one, codecs[one.name]) for n, one in enumerate(rows)]
        self.value: Callable[..., T] = _function(
            "record, *before",
            f"cls(*before, {', '.join(decodings)})",
            {
                "cls": cls,
                "MISSING": MISSING,
                **{f"decode{n}": c.decode for n, c in enumerate(codecs.values())},
                **{f"default{n}": _default(one) for n, one in enumerate(rows)},
            },
        )
        """The dataclass that a record describes, further arguments as its first fields; unknown keys are
        ignored, and missing ones take their defaults."""
        self.record: Callable[[T], dict[str, Any]] = _function(
            "value",
            f"{{{', '.join(_encoding(n, name, c) for n, (name, c) in enumerate(codecs.items()))}}}",
            {f"encode{n}": c.encode for n, c in enumerate(codecs.values())},
        )
        """The JSON object of a value."""


def _function(parameters: str, result: str, names: dict[str, Any]) -> Callable[..., Any]:
    """A function of that result; its text is made of numbers and field names alone."""
    exec(f"def made({parameters}):\n    return {result}", names)
    made: Callable[..., Any] = names["made"]
    return made


def _decoding(number: int, field: Any, codec: _TypeCodec) -> str:
    default = f"default{number}"
    required = _default(field) is MISSING
    if codec.decode is None:
        return f"record[{field.name!r}]" if required else f"record.get({field.name!r}, {default})"
    found = f"(v := record[{field.name!r}])" if required else f"(v := record.get({field.name!r}, MISSING))"
    decoded = f"decode{number}(v)"
    if codec.many:  # most lists are empty
        decoded = f"() if v == [] else {decoded}"
    if codec.nullable:
        decoded = f"None if v is None else {decoded}"
    return f"({found}, {decoded})[1]" if required else f"{default} if {found} is MISSING else {decoded}"


def _default(field: Any) -> Any:
    """The value of a field that a record lacks; ``MISSING`` where it may not."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def _encoding(number: int, name: str, codec: _TypeCodec) -> str:
    value = f"value.{name}"
    if codec.encode:
        value = f"None if {value} is None else encode{number}({value})"
    return f"{name!r}: {value}"


@dataclass(frozen=True, slots=True)
class _TypeCodec:
    encode: Decode | None = None
    decode: Decode | None = None
    many: bool = False
    nullable: bool = False


def _codec(hint: Any) -> _TypeCodec:
    """Conversion of a type's values into a record and back."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    [base] = [option for option in options if option is not type(None)]
    codec = _plain_codec(base)
    if len(options) == 1:
        return codec
    decode = codec.decode
    return _TypeCodec(
        codec.encode,
        decode and (lambda value: None if value is None or value == "" else decode(value)),
        codec.many,
        nullable=True,
    )


def _plain_codec(hint: Any) -> _TypeCodec:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _list_codec(arguments[0])
    if origin is Mapping:
        value = _codec(arguments[1]).decode
        if value is None:
            return _TypeCodec(dict, dict, many=True)
        return _TypeCodec(dict, lambda found: {key: value(one) for key, one in found.items()}, many=True)
    if is_dataclass(hint) and isinstance(hint, type):
        inner = Codec(hint)
        return _TypeCodec(inner.record, lambda value: inner.value(value or {}))
    if isinstance(hint, type) and issubclass(hint, datetime):
        return _TypeCodec(iso, lru_cache(maxsize=4096)(parse_moment))  # of a batch most are fetched at once
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _TypeCodec(decode=_Members(hint).__getitem__)
    return _TypeCodec()


class _Members(dict[Any, Enum]):
    """Members of an enumeration by their values."""

    def __init__(self, cls: type[Enum]) -> None:
        super().__init__({member.value: member for member in cls})
        self._cls = cls

    def __missing__(self, value: Any) -> Enum:
        return self._cls(value)


def _list_codec(item: Any) -> _TypeCodec:
    inner = _codec(item)
    encode, decode = inner.encode, inner.decode
    return _TypeCodec(
        (lambda values: [encode(value) for value in values]) if encode else list,
        (lambda values: tuple([decode(value) for value in values])) if decode else tuple,
        many=True,
    )


def table(*parts: tuple[str, type]) -> dict[str, Field]:
    """Rows for the described fields of dataclasses, each given with its part of a document.

    A field that is a part itself has no description and no row.
    """
    rows: dict[str, Field] = {}
    for part, cls in parts:
        hints = get_type_hints(cls)
        for one in fields(cls):
            said: Description | None = one.metadata.get("described")
            if said is None:
                continue
            codec = _codec(hints[one.name])
            values = FLAGS if said.kind is FieldKind.FLAG else said.values or {}
            rows[one.name] = Field(
                one.name, part, said.kind, said.meaning, said.aliases, said.column, values, codec.many,
                codec.nullable, _default(one), codec.decode,
            )  # fmt: skip
    return rows
