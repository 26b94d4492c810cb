"""Pictures of courses and tables as PNG: lines with shaded gaps, bars, and a matrix of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengping.errors import UsageError
from fengping.reports.render.charts import upright

_FONTS = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
_WIDTH = 760
_COLOURS = ["#2f5d8a", "#b3261e", "#4f7f5c", "#8a6d2f", "#6b4f8a", "#5f6368"]
_DASHES = [[1, 0], [6, 3], [2, 2], [10, 3], [10, 3, 2, 3], [4, 1]]
"""One for each colour: lines are told apart in print, too."""

_COUNT = {"title": "documents", "titleAngle": 0, "titleAlign": "left", "titleX": -40, "titleY": -12}


@dataclass(frozen=True)
class Lines:
    """Counts by interval, a line for each name; intervals in *gaps* are shaded and break the line."""

    title: str
    points: Sequence[tuple[str, str, int]]
    """Label of the interval, name of the line, count."""
    gaps: Sequence[str] = ()


@dataclass(frozen=True)
class Bars:
    """Horizontal bars with their values."""

    title: str
    rows: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Matrix:
    """Counts by row and column."""

    title: str
    cells: Sequence[tuple[str, str, int]]


Picture = Lines | Bars | Matrix


def write_png(picture: Picture, path: Path) -> None:
    """Draws *picture* without a browser or a network. Raises :class:`UsageError` for nothing to draw."""
    import vl_convert

    makers: dict[type[Any], Any] = {Lines: _lines, Bars: _bars, Matrix: _matrix}
    spec = makers[type(picture)](picture) | {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": picture.title, "anchor": "start", "font": _FONTS, "fontSize": 13},
        "background": "#ffffff",
        "padding": 10,
        "config": {
            "font": _FONTS, "view": {"stroke": None}, "axis": {"gridColor": "#e3e3e0", "labelLimit": 220},
        },
    }  # fmt: skip
    data = vl_convert.vegalite_to_png(spec, scale=2)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _values(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Any]:
    return {"values": [dict(zip(names, row, strict=True)) for row in rows]}


def _lines(picture: Lines) -> dict[str, Any]:
    silent = set(picture.gaps)
    points = [(at, name, None if at in silent and not n else n) for at, name, n in picture.points]
    names = list(dict.fromkeys(name for _, name, _ in points))
    labels = list(dict.fromkeys(at for at, _, _ in points))
    every = max(1, -(-len(labels) // 10))
    x = {
        "field": "at", "type": "ordinal", "sort": labels,
        "axis": {"title": None, "values": labels[::every], "labelAngle": 0, "grid": False},
    }  # fmt: skip
    legend = (
        {"title": None, "orient": "top", "labelLimit": 400, "symbolType": "stroke", "symbolSize": 300}
        if len(names) > 1
        else None
    )
    colour = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": names, "range": _COLOURS},
        "legend": legend,
    }
    dash = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": names, "range": _DASHES},
        "legend": legend,
    }
    shade = {
        "data": _values([(at,) for at in picture.gaps], ["at"]),
        "mark": {"type": "bar", "color": "#e6e3da", "width": {"band": 1}},
        "encoding": {"x": x},
    }  # fmt: skip
    y = {"field": "n", "type": "quantitative", "axis": _COUNT}
    line = {
        "data": _values(points, ["at", "name", "n"]),
        "mark": {"type": "line", "point": len(labels) <= 62},
        "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
    }  # fmt: skip
    return {"layer": [shade, line], "width": _WIDTH, "height": 260}


def _bars(picture: Bars) -> dict[str, Any]:
    names = [name for name, _ in picture.rows]
    base = {
        "y": {"field": "name", "type": "nominal", "sort": names, "axis": {"title": None}},
        "x": {"field": "n", "type": "quantitative", "axis": {"title": None}},
    }
    return {
        "data": _values(picture.rows, ["name", "n"]),
        "layer": [
            {"mark": {"type": "bar", "color": _COLOURS[0]}, "encoding": base},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": base | {"text": {"field": "n", "type": "quantitative"}},
            },
        ],
        "width": _WIDTH - 160,
        "height": {"step": 22},
    }


def _matrix(picture: Matrix) -> dict[str, Any]:
    rows = list(dict.fromkeys(row for row, _, _ in picture.cells))
    columns = list(dict.fromkeys(column for _, column, _ in picture.cells))
    top = max((n for _, _, n in picture.cells), default=1) or 1
    base = {
        "x": {
            "field": "column",
            "type": "nominal",
            "sort": columns,
            "axis": {"title": None, "orient": "top", "ticks": False} | upright(columns),
        },
        "y": {"field": "row", "type": "nominal", "sort": rows, "axis": {"title": None}},
    }
    shade = {"domain": [0, top], "range": ["#faf7f2", "#8f1d17"], "type": "sqrt"}
    ink = {"condition": {"test": f"datum.n > {top * 0.3}", "value": "#ffffff"}, "value": "#222222"}
    return {
        "data": _values(picture.cells, ["row", "column", "n"]),
        "layer": [
            {
                "mark": "rect",
                "encoding": base
                | {"color": {"field": "n", "type": "quantitative", "scale": shade, "legend": None}},
            },
            {
                "mark": "text",
                "encoding": base | {"text": {"field": "n", "type": "quantitative"}, "color": ink},
            },
        ],
        "width": {"step": 52},
        "height": {"step": 26},
    }
