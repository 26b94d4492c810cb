"""Charts as SVG: Altair draws, vl-convert renders without a browser; offline, no script, CJK fonts.

A chart is a frozen value of plain numbers; :func:`draw` makes the picture. Dates go in as text on an
ordinal axis, so no time zone can shift a day.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fengping.reports.facts import Series
from fengping.reports.render.cloud import Box, draw_cloud, overlap
from fengping.reports.wording import printable

FONTS = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
INK, SOFT, FAINT = "#222222", "#5f6368", "#e3e3e0"
BLUE, RED, GREEN, GREY = "#2f5d8a", "#b3261e", "#4f7f5c", "#b8b5ad"
POLARITY_COLOURS = {"正面": GREEN, "中性": GREY, "负面": RED, "吐槽类": RED, "其他": GREY}
WIDTH = 660
DOTTED = 62
"""Days up to which each day has its dot."""
_WIDE = 14
"""Characters of a label that holds some beyond the basic plane: they fit without being cut."""
HEADROOM = 1.3
"""Height of a curve over its highest day: room for the labels of peaks."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Daily counts as a line with named peaks; ``below`` is a second line, e.g. the negatives."""

    series: Series
    marks: tuple[tuple[date, int], ...] = ()
    silent: tuple[date, ...] = ()
    """Days to shade, and to break the line at where they are empty: nothing was collected."""
    below: Series | None = None
    names: tuple[str, str] = ("", "")
    colour: str = BLUE
    height: int = 220


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars: ``(name, count, share as printed)``. For multi-label counts too."""

    rows: tuple[tuple[str, int, str], ...]
    colour: str = BLUE


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of one whole, which must not overlap: ``(name, count, share as printed)``."""

    rows: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Daily counts of parts that do not overlap, on top of each other."""

    layers: tuple[tuple[str, Series], ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """A matrix of counts: rows × columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Cloud:
    """Words, the most telling first; size follows the count."""

    words: tuple[tuple[str, int], ...]


Chart = Curve | Bars | Parts | Stack | Heat | Cloud


@functools.lru_cache(maxsize=256)
def draw(chart: Chart, prefix: str) -> str:
    """The chart as a self-contained SVG. *prefix* keeps ids apart when several stand in one page."""
    if isinstance(chart, Cloud):
        words = [(_drawable(word), count) for word, count in chart.words]
        return draw_cloud(words, WIDTH, FONTS, (RED, BLUE, INK, SOFT))
    import vl_convert

    makers: dict[type[Any], Any] = {Curve: _curve, Bars: _bars, Parts: _parts, Stack: _stack, Heat: _heat}
    spec = _drawable(makers[type(chart)](chart).configure(**_look()).to_dict())
    svg: str = vl_convert.vegalite_to_svg(spec)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)


def _drawable(value: Any) -> Any:
    """*value* with its texts fit for XML: the renderer ends the whole process at a character that is not."""
    if isinstance(value, str):
        text = printable(value)
        # The renderer cuts long labels by halves of such characters, and then fails at what it has left.
        return f"{text[:_WIDE]}…" if len(text) > _WIDE and max(text) > "\uffff" else text
    if isinstance(value, dict):
        return {_drawable(name): _drawable(one) for name, one in value.items()}
    return [_drawable(one) for one in value] if isinstance(value, list) else value


def to_png(svg: str, scale: float = 2.0) -> bytes:
    """The same picture in pixels, for documents that take no SVG."""
    import vl_convert

    png: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return png


def _look() -> dict[str, Any]:
    text = {"font": FONTS, "fontSize": 12, "fill": INK}
    return {
        "font": FONTS,
        "background": "#ffffff",
        "padding": 6,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONTS, "titleFont": FONTS, "labelFontSize": 11.5, "titleFontSize": 11.5,
            "labelColor": SOFT, "titleColor": SOFT, "titleFontWeight": "normal", "gridColor": FAINT,
            "domainColor": GREY, "tickColor": GREY, "labelLimit": 220,
        },
        "legend": {
            "labelFont": FONTS, "labelFontSize": 12, "labelColor": INK, "title": None, "orient": "top",
            "direction": "horizontal", "labelLimit": 400, "symbolType": "square",
        },
        "text": text,
    }  # fmt: skip


def _label(day: date) -> str:
    return f"{day.month}-{day.day}"


def _rows(series: Series, name: str, silent: Sequence[date] = ()) -> list[dict[str, Any]]:
    return [
        {"day": day.isoformat(), "n": None if day in silent and not n else n, "name": name}
        for day, n in zip(series.days, series.counts, strict=True)
    ]


def _day_axis(series: Series) -> Any:
    import altair as alt

    years = series.days[0].year != series.days[-1].year
    every = max(1, math.ceil(len(series.days) / (9 if years else 14)))
    shown = [day.isoformat() for day in series.days[::every]]
    # 2020-11-01 → 11-1: a single year stands in the title.
    year = "slice(datum.label, 0, 4) + '-' + " if years else ""
    label = year + "toNumber(slice(datum.label, 5, 7)) + '-' + toNumber(slice(datum.label, 8))"
    axis = alt.Axis(title=None, values=shown, labelAngle=0, labelExpr=label, grid=False)
    return alt.X("day:O", axis=axis, scale=alt.Scale(padding=0.2))


def _count_axis(top: int, room: float = 1.18) -> Any:
    import altair as alt

    wan = top >= 10_000
    label = (
        "datum.value == 0 ? '0' : format(datum.value / 10000, ',~r') + '万'"
        if wan
        else "format(datum.value, 'd')"
    )
    axis = alt.Axis(
        title="条",
        titleAngle=0,
        titleAlign="right",
        titleY=-8,
        titleX=-4,
        labelExpr=label,
        **({"values": list(range(top + 1))} if top < 5 else {"tickCount": 5}),
        domain=False,
        ticks=False,
    )
    return alt.Y("n:Q", axis=axis, scale=alt.Scale(domain=[0, max(1, top) * room], nice=False))


def _data(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=rows)


def _curve(chart: Curve) -> Any:
    import altair as alt

    series = chart.series
    lines = [(chart.series, chart.names[0] or "信息量", chart.colour)]
    if chart.below:
        lines.append((chart.below, chart.names[1], RED))
    x, y = _day_axis(series), _count_axis(series.top, HEADROOM)
    layers = []
    if chart.silent:
        shade = _data([{"day": day.isoformat()} for day in chart.silent])
        layers.append(alt.Chart(shade).mark_bar(color="#ecebe6", width={"band": 1}).encode(x=x))
    lines_of = alt.Legend(symbolType="stroke", symbolSize=400, symbolStrokeWidth=2.5)
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=[name for _, name, _ in lines], range=[c for _, _, c in lines]),
        legend=lines_of if chart.below else None,
    )
    rows = [row for found, name, _ in lines for row in _rows(found, name, chart.silent)]
    base = alt.Chart(_data(rows)).encode(x=x, y=y, color=colour)
    if chart.below:  # told apart where there is no colour, too
        dash = alt.Scale(domain=[name for _, name, _ in lines], range=[[1, 0], [6, 3]])
        base = base.encode(strokeDash=alt.StrokeDash("name:N", scale=dash, legend=lines_of))
    layers.append(base.mark_line(strokeWidth=1.8, strokeJoin="round"))
    if len(series.days) <= DOTTED:
        layers.append(base.mark_point(filled=True, size=16, opacity=1))
    if chart.marks:
        layers += _marks(chart, x, y)
    return alt.layer(*layers).properties(width=WIDTH, height=chart.height)


def _marks(chart: Curve, x: Any, y: Any) -> list[Any]:
    """Peaks with their day and value; a label that would touch another one stands higher."""
    import altair as alt

    layers: list[Any] = []
    for day, n, align, lift in _label_places(chart):
        row = _data([{"day": day.isoformat(), "n": n, "label": f"{_label(day)}：{n}"}])
        base = alt.Chart(row).encode(x=x, y=y)
        text: dict[str, Any] = {"align": align, "dy": -lift, "fontSize": 11.5, "fontWeight": "bold"}
        layers.append(base.mark_point(filled=True, size=46, color=chart.colour, opacity=1))
        layers.append(base.mark_text(color=chart.colour, **text).encode(text="label:N"))
    return layers


def _label_places(chart: Curve) -> list[tuple[date, int, str, float]]:
    """``(day, count, align, pixels above the point)``; the highest peak is placed first."""
    days, top = chart.series.days, max(1, chart.series.top)
    placed: list[Box] = []
    found = []
    for day, n in sorted(chart.marks, key=lambda mark: (-mark[1], mark[0])):
        x = (days.index(day) + 0.5) / len(days) * WIDTH
        y = chart.height * (1 - n / (top * HEADROOM))
        width = 7.0 * len(f"{_label(day)}：{n}") + 8
        align = "left" if x < width / 2 else "right" if x > WIDTH - width / 2 else "center"
        left = {"left": x, "center": x - width / 2, "right": x - width}[align]
        lift = 10.0
        while any(overlap((left, y - lift - 8, left + width, y - lift + 8), other) for other in placed):
            lift += 4
        placed.append((left, y - lift - 8, left + width, y - lift + 8))
        found.append((day, n, align, lift))
    return found


def _bars(chart: Bars) -> Any:
    import altair as alt

    rows = [{"name": name, "n": n, "label": f"{n}条　{share}".rstrip()} for name, n, share in chart.rows]
    top = max((n for _, n, _ in chart.rows), default=1)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=[name for name, _, _ in chart.rows], axis=_names_axis()),
        x=alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, max(1, top) * 1.32], nice=False)),
    )
    bars = base.mark_bar(color=chart.colour, height={"band": 0.62})
    labels = base.mark_text(align="left", dx=6, fontSize=11.5, color=INK).encode(text="label:N")
    return (bars + labels).properties(width=WIDTH - 120, height=26 * len(rows))


def _names_axis(**more: Any) -> Any:
    import altair as alt

    return alt.Axis(
        title=None, domain=False, ticks=False, labelColor=INK, labelFontSize=12, **{"labelPadding": 8} | more
    )


def _parts(chart: Parts) -> Any:
    import altair as alt

    names = [f"{name} {n}条" + (f"（{share}）" if share else "") for name, n, share in chart.rows]
    rows = [
        {"name": shown, "n": n, "at": at}
        for at, (shown, (_, n, _)) in enumerate(zip(names, chart.rows, strict=True))
    ]
    scale = alt.Scale(domain=names, range=[POLARITY_COLOURS.get(name, BLUE) for name, _, _ in chart.rows])
    return (
        alt.Chart(_data(rows))
        .mark_bar(size=34)
        .encode(
            x=alt.X("n:Q", stack="normalize", axis=alt.Axis(title=None, format="%", tickCount=5, grid=False)),
            color=alt.Color("name:N", scale=scale, legend=alt.Legend(columns=3)),
            order=alt.Order("at:Q"),
        )
        .properties(width=WIDTH, height=44)
    )


def _stack(chart: Stack) -> Any:
    import altair as alt

    series = chart.layers[0][1]
    names = [name for name, _ in chart.layers]
    rows = [row | {"at": at} for at, (name, found) in enumerate(chart.layers) for row in _rows(found, name)]
    top = max(sum(counts) for counts in zip(*(found.counts for _, found in chart.layers), strict=True))
    scale = alt.Scale(domain=names, range=[POLARITY_COLOURS.get(name, BLUE) for name in names])
    return (
        alt.Chart(_data(rows))
        .mark_bar(width={"band": 0.7})
        .encode(
            x=_day_axis(series),
            y=_count_axis(top, 1.08),
            color=alt.Color("name:N", scale=scale, legend=alt.Legend()),
            order=alt.Order("at:Q"),
        )
        .properties(width=WIDTH, height=200)
    )


def upright(columns: Sequence[str]) -> dict[str, Any]:
    """Keys of an axis above *columns* whose names stand upright, in lines of four characters."""
    lines = max((-(-len(name) // 4) for name in columns), default=1)
    parts = ", ".join(f"slice(datum.label, {4 * at}, {4 * at + 4})" for at in range(lines))
    return {"labelAngle": 0, "labelLimit": 0, "labelExpr": f"[{parts}]", "labelPadding": 14 * lines - 6}


def _heat(chart: Heat) -> Any:
    import altair as alt

    rows = [
        {"row": row, "column": column, "n": n}
        for row, counts in zip(chart.rows, chart.counts, strict=True)
        for column, n in zip(chart.columns, counts, strict=True)
    ]
    top = max((n for counts in chart.counts for n in counts), default=0)
    columns = _names_axis(orient="top", **upright(chart.columns))
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("column:N", sort=list(chart.columns), axis=columns),
        y=alt.Y("row:N", sort=list(chart.rows), axis=_names_axis()),
    )
    shade = alt.Scale(domain=[0, max(1, top)], range=["#faf7f2", "#8f1d17"], interpolate="lab", type="sqrt")
    cells = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        color=alt.Color("n:Q", scale=shade, legend=None)
    )
    ink = alt.when(f"datum.n > {max(1, top) * 0.3}").then(alt.value("#ffffff")).otherwise(alt.value(INK))
    labels = base.mark_text(fontSize=11.5).encode(text="n:Q", color=ink)
    width = min(WIDTH - 120, 54 * len(chart.columns))
    return (cells + labels).properties(width=width, height=27 * len(chart.rows))
