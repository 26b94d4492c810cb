"""Charts of names that no XML holds: the renderer would end the whole process at one."""

from __future__ import annotations

import pytest
from tests.web.test_hostile import BIDI, CONTROLS, LENGTHY, MARKUP

from fengping.reports.render import Bars, Cloud, Heat, draw, to_png

NAMES = [*CONTROLS[::4], *BIDI[::4], *LENGTHY, *MARKUP[::6], "\x00", "\ud83d", "\uffff", "𠮷野家" * 9]


@pytest.mark.parametrize("at", range(3))
def test_a_chart_is_drawn_whatever_its_names_are(at: int) -> None:
    names = [name[:80] for name in NAMES[at::3]]
    ones = (1,) * len(names)
    for chart in (
        Bars(tuple((name, 3, "60%") for name in names)),
        Heat(tuple(names), tuple(name[:20] for name in names), (ones,) * len(names)),
        Cloud(tuple((name[:20], 3) for name in names)),
    ):
        svg = draw(chart, "a")
        assert "<script" not in svg and "\x00" not in svg
        assert to_png(svg, 1.0).startswith(b"\x89PNG")
