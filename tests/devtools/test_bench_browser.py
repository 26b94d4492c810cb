"""The measurement of the browser: what it cannot measure is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.bench import Options, browser
from fengping.errors import UsageError

pytestmark = pytest.mark.long


def test_too_few_pages_for_a_course_of_memory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"too few.*--size 20"):
        browser.run(Options(browser.FEWEST - 1, "", tmp_path))
