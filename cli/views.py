"""Terminal views of found documents, trends and comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from fengping.cli.terminal import remark
from fengping.clock import local
from fengping.indexer import Bucket, Filter, Interval
from fengping.indexer.search import Expression
from fengping.indexer.search import describe as in_words
from fengping.indexer.search.query.matching import highlights
from fengping.indexer.search.trends import Side
from fengping.models import Document
from fengping.services.aside import Aside
from fengping.services.search import describe
from fengping.services.trends.changes import Change
from fengping.services.trends.periods import start_text

SNIPPET = 90
GAPS = 5
"""Gaps that are told one by one."""
_COLOURS = {"neg": "red", "neu": "yellow", "pos": "green"}
_BARS = " ▁▂▃▄▅▆▇█"
_WIDTH = 60


def understood(where: Filter) -> None:
    """Show on stderr how the question was understood."""
    remark(f"Understood: {describe(where)}", style="dim")
    if where.text is not None:
        remark(in_words(where.text, "zh"), style="dim")
        remark(in_words(where.text, "en"), style="dim")


def tell_undated(number: int, span: str = "window") -> None:
    """Says that documents without a date are in no window, where there are such."""
    if number:
        remark(f"{number:,} more match but have no date, so are in no {span}.")


def tell_hints(hints: Sequence[str]) -> None:
    """Show why nothing was found, where a name that nobody bears is the reason."""
    for hint in hints:
        remark(hint)


def tell_aside(aside: Aside) -> None:
    """Says what counts of negatives leave out, where there is such."""
    for note in aside.notes():
        remark(note)


def hits(documents: Sequence[Document], text: Expression | None, first: int) -> Group:
    """Two lines a document: when, what tone, where; and the text around the first match, matches marked."""
    lines: list[Text] = []
    for number, document in enumerate(documents, first):
        raw, judgement = document.raw, document.judgement
        when = local(raw.published_at).strftime("%Y-%m-%d %H:%M") if raw.published_at else "no date"
        head = Text(f"{number:>3}. {when}  ")
        if judgement.polarity is not None:
            head.append(judgement.polarity.value, style=_COLOURS[judgement.polarity.value])
        facts = [raw.site or raw.source, "、".join(judgement.hosts), " ".join(judgement.issues), raw.id]
        head.append("  " + "  ".join(fact for fact in facts if fact))
        lines += [head, Text("     ").append(snippet(document, text))]
    return Group(*lines)


def snippet(document: Document, query: Expression | None) -> Text:
    """Title and text on one line, cut around the first match, with every match marked."""
    shown = Text()
    for name, style in (("title", "bold"), ("text", "")):
        written = getattr(document.raw, name)
        if not written or (name == "text" and written == document.raw.title):
            continue
        spans = highlights(query, name, written)
        begin = max(0, spans[0][0] - SNIPPET // 4) if spans else 0
        end = begin + SNIPPET
        part = Text(" ".join(written[begin:end].splitlines()), style=style)
        for start, stop in spans:
            part.stylize("black on bright_yellow", max(0, start - begin), max(0, stop - begin))
        shown.append("…" if begin else "").append(part).append("…  " if end < len(written) else "  ")
    return shown


def sparkline(counts: Sequence[int]) -> str:
    """One character a count; more than fit are summed in equal groups."""
    per = -(-len(counts) // _WIDTH) if counts else 1
    sums = [sum(counts[at : at + per]) for at in range(0, len(counts), per)]
    top = max(sums, default=0) or 1
    # Any count at all shows at least the lowest bar.
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // top)] for count in sums)


def trend_table(buckets: Sequence[Bucket], by: Interval) -> Table:
    """A row for each value of the split with its course; without a split, a row for each interval."""
    values = list(dict.fromkeys(bucket.split for bucket in buckets))
    if values == [None] and len(buckets) <= _WIDTH:
        return _intervals(buckets, by)
    first, last = (start_text(buckets[at].start, by) for at in (0, -1))
    table = Table("value", f"{first} … {last}")
    for name in ("total", "peak"):
        table.add_column(name, justify="right")
    table.add_column(f"peak {by}")
    for value in values:
        course = [bucket for bucket in buckets if bucket.split == value]
        peak = max(course, key=lambda bucket: bucket.count)
        counts = [bucket.count for bucket in course]
        table.add_row(
            value or "all",
            sparkline(counts),
            f"{sum(counts):,}",
            f"{peak.count:,}",
            start_text(peak.start, by),
        )
    return table


def _intervals(buckets: Sequence[Bucket], by: Interval) -> Table:
    top = max(bucket.count for bucket in buckets) or 1
    table = Table(str(by), "")
    table.add_column("count", justify="right")
    for bucket in buckets:
        bar = "█" * -(-bucket.count * 40 // top)
        table.add_row(start_text(bucket.start, by), bar, f"{bucket.count:,}")
    return table


def comparison(
    titles: Sequence[str], sides: Sequence[Side], both: int | None, changes: Sequence[Change]
) -> Table:
    """The two searches as columns, and the change. Behind each share stands what it is a share of."""
    table = Table("")
    for title in titles:
        table.add_column(title, overflow="fold")
    table.add_column("change", justify="right")
    moved = {one.name: one for one in changes}
    rows: list[tuple[str, list[str]]] = [
        ("documents", [f"{one.documents:,}" if one.all else "not collected" for one in sides]),
        ("share of all", [_share(one.share, one.all) for one in sides]),
        ("negative", [f"{one.negative:,}" if one.all else "–" for one in sides]),
        ("share negative", [_share(one.negative_share, one.documents) for one in sides]),
        (
            "a day",
            ["–" if one.daily_mean is None or not one.all else f"{one.daily_mean:,.1f}" for one in sides],
        ),
        ("peak", [_peak(one.peak if one.all else None) for one in sides]),
        ("hosts", [_values(one.hosts) for one in sides]),
        ("issues", [_values(one.issues[:5]) for one in sides]),
    ]
    for name, cells in rows:
        table.add_row(name, *cells, change(moved.get(_FIGURES.get(name, ""))))
    if both is not None:
        table.add_row("in both", f"{both:,}")
    return table


_FIGURES = {
    "documents": "documents", "share of all": "share", "negative": "negative",
    "share negative": "negative_share", "a day": "daily_mean",
}  # fmt: skip
"""Figures by the names of their rows."""


def change(one: Change | None) -> str:
    """``+12 (+30.0%), up``: the difference, and if chance may have made it; ``daily mean +30.0%, up`` where
    sides were collected on unlike days."""
    if one is None:
        return ""
    said = one.moved.value.replace("_", " ")
    if one.difference is None:
        return said if one.ratio is None else f"daily mean {one.ratio:+.1%}, {said}"
    if one.is_share:
        return f"{one.difference * 100:+.1f} points, {said}"
    whole = f"{one.difference:+,.1f}" if one.name == "daily_mean" else f"{one.difference:+,.0f}"
    return f"{whole} ({one.ratio:+.1%}), {said}" if one.ratio is not None else f"{whole}, {said}"


def _share(share: float | None, of: int) -> str:
    return "–" if share is None else f"{share:.1%} (n = {of:,})"


def _peak(bucket: Bucket | None) -> str:
    return "–" if bucket is None else f"{bucket.count:,} on {local(bucket.start).date()}"


def _values(found: Sequence[tuple[str, int]]) -> str:
    return "、".join(f"{value} {count:,}" for value, count in found) or "–"
