"""A report as JSON, for programs and for the next edition to compare itself with."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from fengping.errors import UsageError
from fengping.indexer import Filter
from fengping.reports.document import CaseCard, Cell, Heading, Imprint, Paragraph, Report, Table
from fengping.reports.facts import Case, Previous
from fengping.reports.facts.model import Quote
from fengping.reports.facts.previous import CITED
from fengping.reports.wording import Fact, Query, Reference, figures, plain

SCHEMA = 2
"""The form that ``report.schema.json`` beside this file describes."""


def render_json(report: Report) -> bytes:
    """The whole report; every number in ``text`` and ``tables`` leads to an entry of ``facts``."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": report.kind,
        "title": report.title,
        "subject": report.subject,
        "window": {
            "from": report.window.first.isoformat(),
            "to": report.window.last.isoformat(),
            "days": len(report.window.days),
        },
        "generated_at": report.generated or None,
        "digest": [plain(line) for line in report.digest],
        "text": [entry for block in report.blocks if (entry := _text(block))],
        "figures": [
            {"id": p.id, "caption": p.caption, "kind": type(p.chart).__name__, "data": asdict(p.chart)}
            for p in report.pictures()
        ],
        "tables": [_table(table) for table in report.tables()],
        "cases": [_case(b) for b in report.blocks if isinstance(b, CaseCard)],
        "facts": [_fact(fact) for fact in report.facts.values()],
    }
    if report.imprint:
        value["edition"] = _imprint(report.imprint)
    return orjson.dumps(value, default=_plain_number, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _imprint(imprint: Imprint) -> dict[str, Any]:
    return {
        "number": imprint.number,
        "issuer": imprint.issuer,
        "drafted": imprint.drafted,
        "state": imprint.state,
        "content": imprint.content,
        "against": imprint.against or None,
        "changes": list(imprint.changes),
        "changes_beyond": imprint.beyond,
        "passed_over": list(imprint.passed),
    }


def _plain_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return round(float(value), 6)
    raise TypeError(type(value))


def _text(block: Any) -> dict[str, Any] | None:
    match block:
        case Heading(level, text):
            return {"heading": text, "level": level}
        case Paragraph(text, role):
            return {"text": plain(text), "role": role, "facts": [f.fact.id for f in figures(text)]}
    return None


def _table(table: Table) -> dict[str, Any]:
    return {
        "id": table.id,
        "caption": table.caption,
        "columns": list(table.columns),
        "rows": [[cell.value for cell in row] for row in table.rows],
        "facts": [[_fact_id(cell) for cell in row] for row in table.rows],
        "note": plain(table.note),
    }


def _fact_id(cell: Cell) -> str | None:
    return next((figure.fact.id for figure in figures(cell.text)), None)


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "id": fact.id,
        "label": fact.label,
        "value": fact.value,
        "unit": fact.unit,
        "n": fact.n,
        "query": fact.query.echo(),
        "basis": [part.id for part in fact.basis],
        "documents": [asdict(document) for document in fact.documents],
    }


def _case(card: CaseCard) -> dict[str, Any]:
    case: Case = card.case
    return {
        "number": card.number,
        "event": case.event,
        "title": case.title,
        "status": case.status,
        "standing": case.standing,
        "parties": list(case.parties),
        "issues": list(case.issues),
        "platforms": list(case.platforms),
        "documents": case.documents.value,
        "publishers": case.publishers.value,
        "independent": case.independent.value,
        "engagement": case.engagement.value,
        "quote": _quote(case.opening),
        "notes": list(case.notes),
        "numbers": [_quote(claim) for claim in case.claims],
        "told": [{"status": told.status} | (_quote(told.quote) or {}) for told in case.told],
        "sources": [_quote(source) for source in case.sources],
    } | ({"added": True} if card.added else {})


def _quote(quote: Quote | None) -> dict[str, Any] | None:
    return None if quote is None else {"where": quote.where, "text": quote.text} | asdict(quote.reference)


COMPARED = re.compile(r"complaints|issue\.C\d\d|(?:host|platform|channel)\.[^.]+")
"""Ids of counts that one edition and the next may be compared by."""


@dataclass(frozen=True, slots=True)
class Like:
    """Kind and scope that an earlier edition must have to be compared with."""

    kind: str
    scope: Filter

    def check(self, path: Path, kind: str, query: dict[str, Any]) -> None:
        """Raises :class:`UsageError` for an edition of another *kind*, or with a total of another *query*."""
        other = f"{kind} report, not a {self.kind} report" if kind != self.kind else ""
        if not other and _undated(query) != _undated(Query("count", self.scope).echo()):
            other = "report of another scope: its query, sources or judgement differ"
        if other:
            raise UsageError(
                f"{path} is a {other}.", remedy="--previous takes one of the same kind and scope."
            )


def _undated(query: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in query.items() if key != "published_at"}


class Untold(UsageError):
    """An edition of which a reviewer struck the total or the negatives: nothing is compared with it."""


def read_previous(path: Path, name: str = "", *, like: Like | None = None) -> Previous:
    """Counts of an earlier edition's JSON, called *name*.

    Raises :class:`UsageError` for any other file, and for an edition that is not *like* this one;
    :class:`Untold` for one that lacks what is compared first.
    """
    try:
        data = orjson.loads(path.read_bytes())
        known = {fact["id"]: fact for fact in data["facts"]}
        if "edition" in data and not {"total", "negative"} <= known.keys():
            raise Untold(
                f"Of {path} the total or the negatives were struck.",
                remedy="Name an edition that tells both.",
            )
        if like:
            like.check(path, data["kind"], known["total"]["query"])
        total, negative = (_cited(known[id], path) for id in ("total", "negative"))
        parts = {
            id: _cited(fact, path)
            for id, fact in known.items()
            if COMPARED.fullmatch(id) and fact["value"] is not None
        }
        folded = [known[id]["value"] for id in ("negative.folded", "total.folded") if id in known]
        return Previous(
            name or f"上期（{data['title']}）",
            total,
            negative,
            data["window"]["days"],
            _cited(known["collected"], path) if "collected" in known else None,
            folded=(folded[0], folded[1]) if len(folded) == 2 else None,
            parts=parts,
        )
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise UsageError(
            f"{path} is not a report of fengping.",
            remedy="Give the .json file that `report --format json` wrote.",
        ) from None


def _cited(fact: dict[str, Any], path: Path) -> Fact:
    return Fact(
        f"{CITED}{fact['id']}",
        f"上期{fact['label']}",
        int(fact["value"]),
        Query(f"cited: {path.name}, fact {fact['id']}"),
        documents=tuple(Reference(**document) for document in fact["documents"]),
    )
