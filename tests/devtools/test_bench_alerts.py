"""The back-test and the way from indexed to delivered, measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.bench import Options, alerts

pytestmark = pytest.mark.long


@pytest.mark.slow
def test_each_part_has_its_rows(tmp_path: Path) -> None:
    rows = [row for row in alerts.run(Options(size=2_000, store="", data=tmp_path)) if row.value > 0]
    for part in ("fengping alerts test", "back-test spike", "check, indexed → delivered"):
        assert any(row.what.startswith(part) for row in rows)
