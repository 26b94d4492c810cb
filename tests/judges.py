"""Judges loaded once and kept: to load one takes a third of a second of processor, to judge none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from fengping.analysis import Judge
from fengping.config import AnalysisConfig

MOST = 4
"""Judges that are kept, of which each takes tens of megabytes."""

_kept: OrderedDict[Hashable, Judge] = OrderedDict()
load_anew = Judge.load


def load_once(config: AnalysisConfig, registries: Sequence[Path] = (), reader: Any = None) -> Judge:
    """Stands for :meth:`Judge.load`: the one that was loaded from files of the same content."""
    models = config.snownlp_model, config.snownlp_segmenter, config.polarity_model
    if reader is not None or any(models):
        return load_anew(config, registries, reader)
    key = tuple(file.read_bytes() if file.exists() else None for file in (*registries, *config.hosts))
    if key not in _kept:
        _kept[key] = load_anew(config, registries)
    _kept.move_to_end(key)
    if len(_kept) > MOST:
        _kept.popitem(last=False)
    return _kept[key]
