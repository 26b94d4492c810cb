"""Terminal views, tables and charts of courses and comparisons."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from fengping.clock import local
from fengping.services.pictures import Lines, Matrix
from fengping.services.search import describe
from fengping.services.tables import Sheet
from fengping.services.trends.beside import Beside, End
from fengping.services.trends.courses import Course
from fengping.services.trends.crosstab import Crosstab
from fengping.services.trends.periods import start_text
from fengping.services.trends.shares import Share

_BAR = 24


def percent(value: float | None, *, signed: bool = False) -> str:
    """``12.3%``, with its sign where it is a change; ``–`` for none."""
    return "–" if value is None else f"{value:+.1%}" if signed else f"{value:.1%}"


def bar(count: int, top: int) -> str:
    """A bar; any count at all shows."""
    return "█" * -(-count * _BAR // max(1, top))


def course_table(course: Course) -> Table:
    """A row an interval and value, with all collected, the share of it, and the period before."""
    top = max(point.count for point in course.points)
    split = any(point.split for point in course.points)
    table = Table(course.by.value, *(["value"] if split else []))
    for name in ("count", "of all", "share", *(["before", "change"] if course.against else [])):
        table.add_column(name, justify="right")
    table.add_column("")
    for point in course.points:
        before = "not collected" if point.before is None else f"{point.before:,}"
        compared = [before, percent(point.change, signed=True)] if course.against else []
        told = [f"░ {point.gap}"] if point.gap else []
        told += [point.part] if point.part else []
        table.add_row(
            start_text(point.start, course.by),
            *([point.split or "–"] if split else []),
            f"{point.count:,}",
            f"{point.share.of:,}",
            "–" if point.gap else percent(point.share.value),
            *compared,
            " ".join([bar(point.count, top), *told, point.campaign]).strip(),
        )
    return table


def course_sheet(course: Course) -> Sheet:
    rows = [point.to_record(course.by) for point in course.points]
    columns = [
        "start",
        "split",
        "count",
        "all",
        "share",
        "gap",
        "part",
        "campaign",
        "before",
        "change",
        "before_gap",
    ]
    notes = [f"Query: {describe(course.where)}", f"Without a date, in no interval: {course.undated}"]
    notes += course.aside.notes()
    if not course.collection_known:
        notes.append("No source ran in this window: only empty intervals tell of gaps.")
    return Sheet("trend", columns, [[row.get(name) for name in columns] for row in rows], notes)


def course_picture(course: Course) -> Lines:
    points = [(start_text(p.start, course.by), p.split or "all", p.count) for p in course.points]
    gaps = [start_text(point.start, course.by) for point in (*course.gaps, *course.coming)]
    return Lines(describe(course.where), points, gaps)


def pairs_table(found: Beside) -> Table:
    """A row a pair of intervals, with bars against each other."""
    ends = [end for pair in found.pairs for end in (pair.one, pair.other) if end]
    top = max((end.share.count for end in ends), default=1)
    table = Table("one", "")
    table.add_column("count", justify="right")
    table.add_column("count", justify="right")
    for name in ("", "other", "remark"):
        table.add_column(name)
    for pair in found.pairs:
        one, other = pair.one, pair.other
        told = dict.fromkeys(text for end in (one, other) if end for text in (end.gap, end.campaign) if text)
        cells = (_when(one, found), _bar(one, top), _count(one), _count(other), _bar(other, top))
        table.add_row(*cells, _when(other, found), "; ".join(told))
    return table


def _when(end: End | None, found: Beside) -> str:
    return f"{start_text(end.start, found.by)} {local(end.start):%a}" if end else ""


def _bar(end: End | None, top: int) -> str:
    if end is None:
        return ""
    return "░" * 3 if end.gap and not end.share.count else bar(end.share.count, top)


def _count(end: End | None) -> str:
    return f"{end.share.count:,}" if end else ""


def pairs_sheet(found: Beside) -> Sheet:
    columns = ["one", "count", "all", "gap", "other", "other count", "other all", "other gap"]
    rows: list[list[Any]] = []
    for pair in found.pairs:
        row: list[Any] = []
        for end in (pair.one, pair.other):
            row += (
                [start_text(end.start, found.by), end.share.count, end.share.of, end.gap]
                if end
                else [None] * 4
            )
        rows.append(row)
    notes = [f"{name}: {describe(where)}" for name, where in zip(("one", "other"), found.wheres, strict=True)]
    if found.shifted_days:
        notes.append(
            f"The other course was moved by {found.shifted_days} days to stand on the same weekdays."
        )
    return Sheet("pairs", columns, rows, notes)


def pairs_picture(found: Beside) -> Lines:
    points, gaps = [], []
    names = [describe(where) for where in found.wheres]
    if names[0] == names[1]:
        names[1] += " (other)"
    for number, pair in enumerate(found.pairs, 1):
        for name, end in zip(names, (pair.one, pair.other), strict=True):
            if end is None:
                continue
            points.append((str(number), name, end.share.count))
            if end.gap:
                gaps.append(str(number))
    return Lines("one / other", points, list(dict.fromkeys(gaps)))


def cross_tables(found: Crosstab) -> list[Table]:
    """A table a layer; each cell a count and its share of the row."""
    tables = []
    layers: list[tuple[str | None, int]] = [*found.layers] or [(None, found.total)]
    for layer, of_layer in layers:
        title = f"{found.fields[2]}: {layer} (n = {of_layer:,})" if layer else f"n = {found.total:,}"
        table = Table(f"{found.fields[0]} \\ {found.fields[1]}", title=title, title_justify="left")
        table.add_column("n", justify="right")
        for column, _ in found.columns:
            table.add_column(column, justify="right", overflow="fold")
        cells = {(c.row, c.column): c for c in found.cells if c.layer == layer}
        for row, _ in found.rows:
            mine = [cells[row, column] for column, _ in found.columns]
            of_row = mine[0].of_row.of if mine else 0
            table.add_row(row, f"{of_row:,}", *(_cell(cell.of_row) for cell in mine))
        tables.append(table)
    return tables


def _cell(share: Share) -> str:
    return f"{share.count:,} {percent(share.value)}" if share.count else "·"


def cross_sheet(found: Crosstab) -> Sheet:
    columns = [*found.fields, "count", "n of row", "share of row", "n of column", "share of column"]
    rows = [
        [
            *(value for value in (cell.row, cell.column, cell.layer) if value is not None),
            cell.count, cell.of_row.of, cell.of_row.value, cell.of_column.of, cell.of_column.value,
        ]
        for cell in found.cells
    ]  # fmt: skip
    return Sheet("crosstab", columns, rows, cross_notes(found))


def cross_notes(found: Crosstab) -> list[str]:
    """Sentences without which the table would be read wrongly."""
    notes = [
        f"Query: {describe(found.where)}; n = {found.total:,}.",
        "A document with several values counts at each: rows and columns do not add up to n.",
    ]
    notes += [
        f"{count:,} more values of {name} are not shown." for name, count in found.left_out.items() if count
    ]
    return [*notes, *found.aside.notes()]


def cross_picture(found: Crosstab) -> Matrix:
    first = found.layers[0][0] if found.layers else None
    cells = [(c.row, c.column, c.count) for c in found.cells if c.layer == first]
    return Matrix(f"{describe(found.where)}{f' · {first}' if first else ''}", cells)
