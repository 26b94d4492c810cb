"""Fixtures of the faults suite."""

from __future__ import annotations

import pytest

from fengping.analysis.judge import Judge

_kept_judges: dict[tuple[str, tuple[object, ...]], Judge] = {}
_original = Judge.load


def _kept(config: object, registries: tuple[object, ...]) -> Judge:
    key = (repr(config), registries)
    if key not in _kept_judges:
        _kept_judges[key] = _original(config, registries)  # type: ignore[arg-type]
    return _kept_judges[key]


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One judge for all tests of this folder: what it says is not at issue, and loading takes long."""
    monkeypatch.setattr("fengping.indexer.pipeline.workers.Judge.load", _kept)
