"""Fixtures of the faults suite."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def one_judge(judges_kept: None) -> None:
    """One judge for all tests of this folder: what it says is not at issue."""
