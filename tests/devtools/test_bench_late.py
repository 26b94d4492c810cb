"""The table of late data: every post that comes is told once, whatever way it comes."""

from __future__ import annotations

import pytest

from devtools.bench import late

pytestmark = [pytest.mark.slow, pytest.mark.long]

WAYS = {way.name: way for way in late.WAYS}


@pytest.mark.parametrize(
    "name", ["so, all of it", "off for 66 hours", "50 to 70 hours late", "without a date"]
)
def test_every_post_is_told_once(name: str) -> None:
    told = late.tried(WAYS[name], 24)
    assert told.arrived >= 20, "invented complaints are judged negative"
    assert (told.alarmed + told.late, told.lost, told.doubled, told.differing) == (told.arrived, 0, 0, 0)
    assert bool(told.late) == (name != "so, all of it")
    assert bool(told.alarmed) == (name in ("so, all of it", "off for 66 hours"))


def test_a_post_that_is_not_told_counts_as_lost() -> None:
    assert late.Told(arrived=10, alarmed=6, late=2).lost == 2
