"""Tools that search and count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from fengping.clock import iso
from fengping.errors import UsageError
from fengping.models import Document
from fengping.services import search as searching
from fengping.services.stores import the_store
from fengping.services.trends.beside import beside
from fengping.services.trends.courses import course
from fengping.services.trends.crosstab import crosstab
from fengping.services.trends.shares import Share
from fengping.web.mcp.answers import FREE, ROWS, answer, begin, fenced, fenced_values
from fengping.web.mcp.base import Day, Desk, Next, Query, told

_WHOLE = 4_000
"""Characters of a document that is asked for alone."""


@dataclass(frozen=True)
class Counting:
    """The tools, over one desk."""

    desk: Desk

    @told
    def search(
        self, query: Query = "", since: Day = None, until: Day = None,
        sort: Annotated[str, Field(description="newest, oldest or relevance")] = "newest", next: Next = None,
    ) -> str:  # fmt: skip
        """Finds documents; `n` is the exact total, reposts are not folded."""
        asked, offset = self.desk.asked(query, since, until), begin(next)
        found = searching.search(self.desk.home, asked, sort=sort, limit=ROWS, offset=offset)
        rows = [self._row(one) for one in found.documents]
        more = found.total > offset + len(rows)
        return answer(
            rows, offset=offset, more=more, n=found.total, undated=found.undated,
            **self.desk.frame(asked, found.where, found.hints),
        )  # fmt: skip

    @told
    def document(self, id: Annotated[str, Field(description="Id of a document, as search gives it.")]) -> str:
        """Shows one document: text, judgement with its evidence, repost group, event, corrections."""
        with the_store(self.desk.home) as store:
            found = store.get([id])
        if not found:
            raise UsageError(f"The store has no document {id!r}.", remedy="Take ids from search.")
        one = found[0]
        content = one.raw.content
        evidence = [
            {"label": e.label, "rule": e.rule, "span": fenced(content[e.start : e.end], 60)}
            for e in one.judgement.evidence[:ROWS]
        ]
        row = self._row(one, _WHOLE) | {
            "negative_probability": one.judgement.negative, "evidence": evidence,
            "group": one.group, "first_in_group": one.first_in_group, "model": one.judgement.model,
            "corrected_by": one.corrected_by, "tags": list(one.tags),
        }  # fmt: skip
        return answer([row], link=self.desk.link(f"documents/{one.id}"))

    @told
    def trend(
        self, query: Query = "", since: Day = None, until: Day = None,
        by: Annotated[str, Field(description="hour, day, week or month (Chinese time)")] = "day",
        split: Annotated[str | None, Field(description="hosts, issues, polarity, platforms …")] = None,
        against: Annotated[str | None, Field(description="previous (环比) or year (同比)")] = None,
        next: Next = None,
    ) -> str:  # fmt: skip
        """Counts over time, zeros included, with the share of all collected and its 95 % interval.

        `gap` says that little or nothing was collected then: never read such a count as a calm.
        """
        asked, offset = self.desk.asked(query, since, until), begin(next)
        found = course(
            self.desk.home, asked, self.desk.clock(), by=by, split=split or None, against=against or None
        )
        rows = [fenced_values(point.to_record(found.by), {"split": split or ""}) for point in found.points]
        whole = sum(point.count for point in found.points)
        return answer(
            rows[offset:], offset=offset, untrusted=split in FREE, n=whole, undated=found.undated,
            intervals=len(rows), gaps=len(found.gaps), **self.desk.frame(asked, found.where, found.hints),
        )  # fmt: skip

    @told
    def compare(
        self, query: Query, other: Annotated[str | None, Field(description="A second query.")] = None,
        since: Day = None, until: Day = None, other_since: Day = None, other_until: Day = None,
        against: Annotated[str, Field(description="Without a second query: previous or year")] = "previous",
        by: Annotated[str, Field(description="hour, day or week")] = "day", next: Next = None,
    ) -> str:  # fmt: skip
        """Two queries, hosts or periods side by side, in pairs of the same weekday, with share of voice."""
        desk, offset = self.desk, begin(next)
        asked = desk.asked(query, since, until)
        second = None
        if other is not None or other_since or other_until:
            second = desk.asked(query if other is None else other, other_since or since, other_until or until)
        sides = searching.compare(desk.home, asked, second, against=against)
        found = beside(desk.home, asked, second, desk.clock(), by=by, against=against)
        record = found.to_record()
        frames = []
        of = (asked, second or asked)
        for one, where, side, voice in zip(of, sides.wheres, sides.sides, found.voice, strict=True):
            one = replace(one, since=iso(where.since), until=iso(where.until))
            frames.append(
                desk.frame(one, where) | {
                    "n": side.documents, "share_of_voice": voice.to_record(),
                    "share_of_all": Share(side.documents, side.all).to_record(),
                    "negative": Share(side.negative, side.documents).to_record(),
                }
            )  # fmt: skip
        return answer(
            record["pairs"][offset:], offset=offset, untrusted=False, sides=frames, in_both=sides.both,
            change=record["change"], shifted_days=record["shifted_days"],
        )  # fmt: skip

    @told
    def crosstab(
        self, query: Query = "", since: Day = None, until: Day = None,
        rows: Annotated[str, Field(description="Field of the rows")] = "hosts",
        columns: Annotated[str, Field(description="Field of the columns")] = "issues",
        layers: Annotated[str | None, Field(description="A third field, e.g. platforms")] = None,
        next: Next = None,
    ) -> str:  # fmt: skip
        """Counts how often values of two or three fields stand together; empty cells are left out.

        A document with several values counts at each, so counts do not add up to n.
        """
        asked, offset = self.desk.asked(query, since, until), begin(next)
        found = crosstab(self.desk.home, asked, rows=rows, columns=columns, layers=layers or None, limit=10)
        values = {field: field for field in found.fields}
        cells = [fenced_values(cell.to_record(found.fields), values) for cell in found.cells if cell.count]
        return answer(
            cells[offset:], offset=offset, n=found.total, undated=found.undated, left_out=found.left_out,
            **self.desk.frame(asked, found.where, found.hints),
        )  # fmt: skip

    def _row(self, one: Document, most: int = 200) -> dict[str, Any]:
        """A document as a row; everything that a stranger wrote is fenced."""
        raw, judged = one.raw, one.judgement
        return {
            "id": raw.id, "published_at": iso(raw.published_at), "channel": raw.channel.value,
            "site": fenced(raw.site or raw.source, 80),
            "title": fenced(raw.title, 120) if raw.title else "",
            "text": fenced(raw.text, most),
            "polarity": judged.polarity and judged.polarity.value, "act": judged.act and judged.act.value,
            "hosts": list(judged.hosts), "negative_hosts": list(judged.negative_hosts),
            "issues": list(judged.issues), "event": one.event, "url": fenced(raw.url, 300) if raw.url else "",
            "link": self.desk.link(f"documents/{raw.id}"),
        }  # fmt: skip
