"""Fixtures that more than one test module uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengping.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An initialised home of its own for each test, with the default configuration."""
    root = tmp_path / "home"
    root.mkdir()
    (root / "fengping.toml").write_text("", encoding="utf-8")
    return Home.open(root)
