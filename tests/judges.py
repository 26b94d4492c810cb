"""Judges loaded once and kept: to load one takes a quarter of a second of processor, to judge none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from fengping.analysis import Judge
from fengping.config import AnalysisConfig

_kept: dict[Hashable, Judge] = {}
_load = Judge.load


def load_once(config: AnalysisConfig, registries: Sequence[Path] = (), reader: Any = None) -> Judge:
    """Stands for :meth:`Judge.load`: the one that was loaded from the same files as they are now."""
    if reader is not None:
        return _load(config, registries, reader)
    models = config.snownlp_model, config.snownlp_segmenter, config.polarity_model
    files = [*registries, *config.hosts, *(model for model in models if model)]
    key = repr(config), tuple(registries), *map(_written, files)
    if key not in _kept:
        _kept[key] = _load(config, registries)
    return _kept[key]


def _written(file: Path) -> tuple[int, int] | None:
    if not file.exists():
        return None
    found = file.stat()
    return found.st_mtime_ns, found.st_size
