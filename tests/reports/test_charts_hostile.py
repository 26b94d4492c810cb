"""Charts of names that no XML holds: the renderer would end the whole process at one."""

from __future__ import annotations

import pytest
from tests.web.test_hostile import BIDI, CONTROLS, LONG, MARKUP

from fengping.reports.render.charts import Bars, Cloud, Heat, draw, to_png

NAMES = [*CONTROLS[::4], *BIDI[::4], *LONG, *MARKUP[::6], "\x00", "\ud83d", "\uffff", "𠮷野家" * 9]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_chart_is_drawn_whatever_its_names_are(name: str) -> None:
    for chart in (
        Bars(((name[:80], 3, "60%"), ("乙", 2, "40%"))),
        Heat((name[:80], "乙"), ("C01", name[:20]), ((1, 2), (3, 4))),
        Cloud(((name[:20], 3), ("乙", 2))),
    ):
        svg = draw(chart, "a")
        assert "<script" not in svg and "\x00" not in svg
        assert to_png(svg, 1.0).startswith(b"\x89PNG")
