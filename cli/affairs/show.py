"""``affairs show``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from fengping.cli.affairs import Ids
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, parse_window
from fengping.events import Dossier, as_record
from fengping.events.knowing.dossier import Concentration
from fengping.services import events

_CHAIN = 30
_COUNTS = 8


def show(
    context: typer.Context,
    ids: Ids,
    until: Annotated[str | None, typer.Option(help="As it stood at the end of this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows all that is known of an event."""
    home, (_, end) = open_home(context), parse_window(None, until)
    found = [events.show(home, id, until=end) for id in ids]
    if as_json:
        write_json([as_record(dossier) for dossier in found])
        return
    for dossier in found:
        _summary(dossier)
        _details(dossier)


def _summary(dossier: Dossier) -> None:
    event, known = dossier.event, dossier.knowledge
    spread = known.concentration
    steps = [f"{step.status.value} {_minute(step.at)[:10]}" for step in event.steps]
    rows = [
        ("accused", _counts((*known.accused, *known.accused_brands))),
        ("named", _counts(known.named)),
        ("told", f"{_minute(event.first_at)} … {_minute(event.last_at)}"),
        ("documents", f"{event.documents:,}, of them negative {event.charges:,}"),
        ("publishers", f"{known.publishers:,}, of them {known.independent:,} with more than copies"),
        ("status", " → ".join(steps) or event.status.value),
        ("channels", _counts(known.channels)),
        ("platforms", _counts(known.platforms)),
        ("regions named", _counts(known.regions)),
        ("classes", _counts(known.issues)),
        ("authorities", _counts(known.regulators)),
        ("spread", f"{_authors(spread)}, largest group of copies {spread.one_template:.1%}"),
    ]
    write_table(("what", "value"), [row for row in rows if row[1]], title=f"{event.id} {event.title}")


def _details(dossier: Dossier) -> None:
    known = dossier.knowledge
    if known.claims:
        rows = [
            ("、".join(claim.numbers), claim.sentence, "；".join(c.note for c in claim.computed if c.note))
            for claim in known.claims
        ]
        write_table(("figures as quoted", "sentence", "computed"), rows)
    if known.turns:
        write_table(("at", "turn", "document"), [(_minute(t.at), t.what, t.document) for t in known.turns])
    write_table(
        ("at", "publisher", "title"),
        [(_minute(m.at), m.publisher, m.title) for m in known.chain[:_CHAIN]],
    )


def _authors(spread: Concentration) -> str:
    if not spread.signed:
        return "no document names its author"
    shares = f"{spread.each:g} documents an author, ten busiest {spread.ten_busiest:.1%}"
    return shares if spread.signed == spread.documents else f"of {spread.signed:,} signed ones {shares}"


def _minute(at: datetime | None) -> str:
    return (iso(at) or "")[:16]


def _counts(pairs: Sequence[tuple[str, int]]) -> str:
    return "、".join(f"{name} {count:,}" for name, count in pairs[:_COUNTS])
