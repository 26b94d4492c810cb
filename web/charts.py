"""Charts written on the server, one fluid SVG each, without script and without a style attribute.

Geometry is stretched (a nested ``<svg preserveAspectRatio="none">``), text is placed by percentages and never
scaled: the same markup is legible at 360 px and at 4K.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

HATCH = Markup(
    '<svg width="0" height="0" aria-hidden="true"><defs><pattern id="unseen" width="6" height="6" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hb" width="6" height="6"/>'
    '<line class="hl" y2="6"/></pattern></defs></svg>'
)
"""The hatching of :func:`spark`, once on a page that has gaps in one."""
_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hb" width="6" height="6"/>'
    '<line class="hl" y2="6"/></pattern></defs>'
)


_WIDEST = 60
"""Width of a bar at most, of 1000: a lone one is no wall."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One place of a chart that is named and leads somewhere."""

    title: str
    link: str


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def short(value: float, lang: str = "zh") -> str:
    """A number that fits an axis: ``1.2万``, or ``12k`` in English."""
    if lang == "zh" and value >= 10_000:
        return f"{_f(value / 10_000)}万"
    return f"{_f(value / 1000)}k" if lang == "en" and value >= 10_000 else f"{value:,.0f}"


def step_of(top: float) -> float:
    """The distance of gridlines: 1, 2, 2.5 or 5 times a power of ten, four lines at most."""
    return next(
        (
            m * 10**e
            for e in range(9)
            for m in (1, 2, 2.5, 5)
            if m * 10**e >= max(1, top / 4) and (m, e) != (2.5, 0)
        ),
        top,
    )


def meter(share: float, usual: float | None = None, kind: str = "neg") -> Markup:
    """A bar of *share* (0 to 1), with a tick at the usual."""
    tick = (
        "" if usual is None else f'<rect class="tick" x="{_f(min(usual, 1) * 100)}%" width="2" height="8"/>'
    )
    return Markup(
        '<svg class="meter" width="100%" height="8" aria-hidden="true">'
        '<rect class="trk" width="100%" height="8"/>'
        f'<rect class="{escape(kind)}" width="{_f(min(share, 1) * 100)}%" height="8"/>{tick}</svg>'
    )


def split(negative: int, neutral: int, positive: int) -> Markup:
    """A bar of the three polarities."""
    total = (negative + neutral + positive) or 1
    at, parts = 0.0, []
    for kind, count in (("neg", negative), ("neu", neutral), ("pos", positive)):
        width = count / total * 100
        parts.append(f'<rect class="{kind}" x="{_f(at)}%" width="{_f(width)}%" height="8"/>')
        at += width
    return Markup(f'<svg class="meter" width="100%" height="8" aria-hidden="true">{"".join(parts)}</svg>')


def spark(values: Sequence[int | None], usual: float | None = None, kind: str = "neg") -> Markup:
    """A course as wide as its cell, the usual dotted, the last point a dot.

    ``None`` breaks the line and is hatched, on a page that has :data:`HATCH`; *kind* is the colour.
    """
    top = max([*(value or 0 for value in values), usual or 0]) or 1
    height = 26
    wide = max(1, len(values) - 1)

    def y(value: float) -> float:
        return height - 4 - value / top * (height - 9)

    line, pen = "", False
    for at, value in enumerate(values):
        if value is not None:
            alone = not pen and values[at + 1 : at + 2] == [None]
            line += f"{'L' if pen else 'M'}{_f(100 * at / wide)} {_f(y(value))}{'h1' if alone else ''}"
        pen = value is not None
    places = [(max(0, at - 0.5), min(wide, at + 0.5)) for at, value in enumerate(values) if value is None]
    holes = "".join(
        f'<rect class="out" x="{_f(start / wide * 100)}%" width="{_f((end - start) / wide * 100)}%" '
        f'height="{height}" fill="url(#unseen)"/>'
        for start, end in places
    )
    base = "" if usual is None else f'<path class="u" d="M0 {_f(y(usual))}H100"/>'
    last = values[-1] if values else 0
    dot = "" if last is None else f'<circle cx="100%" cy="{_f(y(last))}" r="2.4"/>'
    return Markup(
        f'<svg class="spark {escape(kind)} fl" width="100%" height="{height}" aria-hidden="true">{holes}'
        f'<svg viewBox="0 0 100 {height}" preserveAspectRatio="none">{base}'
        f'<path class="l" d="{line}"/></svg>{dot}</svg>'
    )


_HEIGHTS = {"ok": 3, "resolved": 5, "pending": 8, "silenced": 10, "acknowledged": 13, "firing": 18}


def blocks(states: Sequence[str], title: str) -> Markup:
    """One block an hour, whose height tells the state as its colour does."""
    wide = 100 / max(1, len(states))
    drawn = "".join(
        f'<rect class="b-{escape(state)}" x="{_f(at * wide)}%" y="{18 - _HEIGHTS.get(state, 3)}" '
        f'width="{_f(wide * 0.8)}%" height="{_HEIGHTS.get(state, 3)}"/>'
        for at, state in enumerate(states)
    )
    return Markup(
        f'<svg class="blocks" width="100%" height="18" role="img" aria-label="{escape(title)}">{drawn}</svg>'
    )


def firings(
    title: str,
    values: Sequence[int],
    labels: Sequence[str],
    marks: Sequence[Mark],
    fired: Sequence[int],
    *,
    gaps: Sequence[int] = (),
    kind: str = "neg",
    lang: str = "zh",
) -> Markup:
    """Bars of a count, with a triangle under each place in *fired*: where a rule would tell, or a peak is.

    *kind* is their colour; *gaps* are places in which nothing was collected, hatched.
    """
    count = max(1, len(values))
    under = "".join(
        f'<svg x="{_f((at + 0.5) / count * 100)}%" y="2" overflow="visible"><path d="M0 0L5 9H-5Z"/></svg>'
        for at in fired
    )
    rows = [(value, 0, 0) if kind == "neg" else (0, value, 0) for value in values]
    bars = stacked(title, rows, labels, marks, gaps=gaps, lang=lang)
    return bars + Markup(
        '<div class="fired"><svg width="100%" height="12" overflow="visible" aria-hidden="true">'
        f"{under}</svg></div>"
    )


def interval(low: float, middle: float, high: float) -> Markup:
    """A share with its interval, from 0 to 1."""
    return Markup(
        '<svg class="ci" width="100%" height="16" aria-hidden="true">'
        '<rect class="trk" y="7" width="100%" height="2"/>'
        f'<rect class="rng" x="{_f(low * 100)}%" y="6" width="{_f((high - low) * 100)}%" height="4"/>'
        f'<circle cx="{_f(middle * 100)}%" cy="8" r="4"/></svg>'
    )


def stacked(
    title: str,
    rows: Sequence[Sequence[int]],
    labels: Sequence[str],
    marks: Sequence[Mark] = (),
    *,
    gaps: Sequence[int] = (),
    lang: str = "zh",
) -> Markup:
    """Bars of negative, neutral, positive and, where a row has a fourth, not judged; negative stands on the
    axis, where lengths can be compared.

    *gaps*: places in which nothing was collected, hatched.
    """
    height, top = 196, 34
    high = max((sum(row) for row in rows), default=0) * 1.04 or 1
    plot = height - top - 22
    slot = 1000 / max(1, len(rows))
    width = min(slot * (0.74 if len(rows) < 60 else 0.82), _WIDEST)
    paths: dict[str, list[str]] = {"neg": [], "neu": [], "pos": [], "un": []}
    for at, row in enumerate(rows):
        middle, base = at * slot + slot / 2, float(plot)
        for kind, value in zip(paths, row, strict=False):
            if value:
                base -= value / high * plot
                paths[kind].append(f"M{_f(middle)} {_f(base)}V{_f(base + value / high * plot)}")
    bars = "".join(
        f'<path class="bar {kind}" stroke-width="{_f(width)}" d="{"".join(drawn)}"/>'
        for kind, drawn in paths.items()
        if drawn or kind != "un"
    )
    sums = [sum(row) for row in rows]
    return _figure(title, height, top, high, bars, sums, labels, marks, gaps, slotted=True, lang=lang)


def curve(
    title: str,
    values: Sequence[int | None],
    labels: Sequence[str],
    *,
    usual: Sequence[float] = (),
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    marks: Sequence[Mark] = (),
    gaps: Sequence[int] = (),
    lang: str = "zh",
) -> Markup:
    """A line over the usual one and the band of half of all days; ``None`` or a gap breaks it."""
    height, top = 212, 34
    plot = height - top - 22
    high = (
        max([value or 0 for value in values] + [*usual] + ([*band[1]] if band else []), default=0) * 1.04 or 1
    )
    wide = max(1, len(values) - 1)

    def point(at: int, value: float) -> str:
        return f"{_f(at / wide * 1000)} {_f(plot - value / high * plot)}"

    drawn = ""
    if band:
        upper = "L".join(point(at, value) for at, value in enumerate(band[1]))
        lower = "L".join(point(at, value) for at, value in reversed(list(enumerate(band[0]))))
        drawn += f'<path class="band" d="M{upper}L{lower}Z"/>'
    if usual:
        drawn += f'<path class="us" d="M{"L".join(point(at, value) for at, value in enumerate(usual))}"/>'
    path, pen = "", False
    for at, value in enumerate(values):
        if value is None or at in gaps:
            pen = False
            continue
        path, pen = f"{path}{'L' if pen else 'M'}{point(at, value)}", True
    drawn += f'<path class="ln neg" d="{path}"/>'
    return _figure(title, height, top, high, drawn, values, labels, marks, gaps, slotted=False, lang=lang)


def _figure(
    title: str,
    height: int,
    top: int,
    high: float,
    drawn: str,
    values: Sequence[int | None],
    labels: Sequence[str],
    marks: Sequence[Mark],
    gaps: Sequence[int],
    *,
    slotted: bool,
    lang: str,
) -> Markup:
    plot = height - top - 22
    count = max(1, len(values))

    def x(at: int) -> float:
        return (at + 0.5) / count * 100 if slotted else at / max(1, count - 1) * 100

    grid, axis = _grid(height, top, plot, high, lang)
    holes = "".join(
        f'<rect class="out" x="{_f(at / count * 100)}%" width="{_f(100 / count)}%" y="{top}" height="{plot}" '
        'fill="url(#hatch)"/>'
        for at in gaps
    )
    over = "".join(
        f'<a href="{escape(mark.link)}" tabindex="-1"><rect x="{at}"/><title>{escape(mark.title)}</title></a>'
        for at, mark in enumerate(marks)
    )
    links = (
        f'<svg class="over" width="100%" height="{height - 22}" viewBox="0 0 {count} 1" '
        f'preserveAspectRatio="none" '
        f'aria-hidden="true">{over}</svg>'
        if marks
        else ""
    )
    return Markup(
        f'<div class="fig">{axis}<svg class="chart" width="100%" height="{height}" role="img" '
        f'aria-label="{escape(title)}">{_HATCH if gaps else ""}{grid}{holes}'
        f'<svg y="{top}" width="100%" height="{plot}" viewBox="0 0 1000 {plot}" '
        f'preserveAspectRatio="none">{drawn}'
        f"</svg>{_ticks(labels, x, height - 5)}{_peak(values, labels, x, top, plot, high)}</svg>{links}</div>"
    )


def _grid(height: int, top: int, plot: int, high: float, lang: str) -> tuple[str, str]:
    step, value = step_of(high), 0.0
    lines, texts = [], []
    while value <= high:
        y = top + plot - value / high * plot
        lines.append(f'<line class="{"gr" if value else "ax"}" x2="100%" y1="{_f(y)}" y2="{_f(y)}"/>')
        if value:
            texts.append(f'<text y="{_f(y + 4)}">{short(value, lang)}</text>')
        value += step
    axis = f'<svg class="yax" width="52" height="{height}" aria-hidden="true">{"".join(texts)}</svg>'
    return "".join(lines), axis


def _ticks(labels: Sequence[str], x: object, y: int) -> str:
    """At most seven labels along the axis; every second of them goes on a narrow screen."""
    assert callable(x)
    every = max(1, -(-len(labels) // 7))
    drawn = []
    for number, at in enumerate(range(0, len(labels), every)):
        place = x(at)
        anchor = "s" if place < 4 else "e" if place > 96 else "m"
        narrow = " t2" if number % 2 else ""
        drawn.append(
            f'<text class="xl {anchor}{narrow}" x="{_f(place)}%" y="{y}">{escape(labels[at])}</text>'
        )
    return "".join(drawn)


def _peak(
    values: Sequence[int | None], labels: Sequence[str], x: object, top: int, plot: int, high: float
) -> str:
    """A ring and the figure at the highest value; nothing where all are equal."""
    assert callable(x)
    known = [value for value in values if value is not None]
    if len(known) < 3 or max(known) == min(known):
        return ""
    at = values.index(max(known))
    place, y = x(at), top + plot - max(known) / high * plot
    anchor = "s" if place < 45 else "e" if place > 60 else "m"
    return (
        f'<circle class="pk" cx="{_f(place)}%" cy="{_f(y)}" r="3.5"/>'
        f'<text class="nt {anchor}" x="{_f(place)}%" '
        f'y="{_f(max(y - 14, 14))}"><tspan class="b">{escape(labels[at])}</tspan> {max(known):,}</text>'
    )
