"""A report as a record on disk: every block and fact, to be edited and printed again without a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from fengping.errors import UsageError
from fengping.indexer import Filter
from fengping.indexer.search.query import tree
from fengping.reports import document
from fengping.reports.facts import Series, model
from fengping.reports.render import charts
from fengping.reports.wording import Fact, Figure, Query, Reference

FORM = 1
"""Version of the record; raised when a change of these classes would misread an older one."""
CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        document.Report, document.Heading, document.Paragraph, document.Picture, document.Table,
        document.Cell, document.CaseCard, document.Offer, document.Origins, model.Case, model.Quote,
        model.Told, model.Window, Series, Figure, Query, Reference, Filter,
        charts.Curve, charts.Bars, charts.Parts, charts.Stack, charts.Heat, charts.Cloud,
        tree.Term, tree.Keyword, tree.Range, tree.Since, tree.Until, tree.Near, tree.And, tree.Or, tree.Not,
    )
}  # fmt: skip
IS = "$"
"""Key under which a value that JSON does not know has its class."""


def write_record(report: document.Report) -> bytes:
    """The report without its imprint; equal reports give equal bytes."""
    writer = _Writer()
    value = writer.value(replace(report, imprint=None))
    return orjson.dumps({"form": FORM, "report": value, "facts": writer.facts})


def read_record(content: bytes) -> document.Report:
    """The report of a record; raises :class:`UsageError` for one that this version cannot read."""
    try:
        data = orjson.loads(content)
        if data["form"] != FORM:
            raise ValueError(data["form"])
        report = _Reader(data["facts"]).value(data["report"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(
            "The record of what was drafted cannot be read.", remedy="Draft it anew: changes hold there."
        ) from error
    assert isinstance(report, document.Report)
    return report


class _Writer:
    """Values as JSON; a fact that stands in many places is written once."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self._known: dict[int, int] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, Fact):
            return {IS: "Fact", "at": self._fact(value)}
        if is_dataclass(value):
            return {IS: type(value).__name__} | self._fields(value)
        if isinstance(value, datetime | date):
            return {IS: type(value).__name__, "at": value.isoformat()}
        if isinstance(value, Decimal):
            return {IS: "Decimal", "at": str(value)}
        if isinstance(value, Mapping):
            return {IS: "dict", "items": [[self.value(key), self.value(one)] for key, one in value.items()]}
        if isinstance(value, tuple | list):
            return [self.value(one) for one in value]
        return str(value) if isinstance(value, str) else value

    def _fields(self, value: Any) -> dict[str, Any]:
        return {one.name: self.value(getattr(value, one.name)) for one in fields(value)}

    def _fact(self, fact: Fact) -> int:
        if id(fact) not in self._known:
            # Its basis is written before it.
            written = self._fields(fact)
            self._known[id(fact)] = len(self.facts)
            self.facts.append(written)
        return self._known[id(fact)]


class _Reader:
    """Values from JSON; sequences are tuples."""

    def __init__(self, facts: list[Any]) -> None:
        self._facts: list[Fact] = []
        for written in facts:
            self._facts.append(Fact(**{name: self.value(one) for name, one in written.items()}))

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(self.value, value))
        if not isinstance(value, dict):
            return value
        match value[IS]:
            case "Fact":
                return self._facts[value["at"]]
            case "datetime":
                return datetime.fromisoformat(value["at"])
            case "date":
                return date.fromisoformat(value["at"])
            case "Decimal":
                return Decimal(value["at"])
            case "dict":
                return {self.value(key): self.value(one) for key, one in value["items"]}
            case name:
                return CLASSES[name](**{key: self.value(one) for key, one in value.items() if key != IS})
