"""Machine code is kept on disk for as long as nothing that went into it changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import fengping

PACKAGE = Path(next(iter(fengping.__path__)))
ASK = "from fengping.analysis.complaints.gram_kernel import *; hashes_of(np.ones(2, np.uint32))"


def kept(root: Path, cache: Path) -> set[Path]:
    """Return the files in *cache* after a start of the package in *root*."""
    environment = os.environ | {"PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-c", ASK], env=environment, check=True, timeout=120)
    return set(cache.rglob("*.nbi"))


def test_code_is_compiled_again_when_a_kernel_of_another_file_changes(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "fengping", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    first = kept(tmp_path, tmp_path / "cache")
    assert len(first) == 1
    assert kept(tmp_path, tmp_path / "cache") == first
    other = tmp_path / "fengping" / "analysis" / "polarity" / "score_kernel.py"
    other.write_text(other.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert len(kept(tmp_path, tmp_path / "cache") - first) == 1


WARM = """
from fengping.analysis.compiled import is_kept
from fengping.indexer.pipeline import warm
from fengping.indexer.groups.kernel import place
assert not is_kept(place)
warm.ensure()
assert is_kept(place)
warm.load()
assert place.stats.cache_hits and not place.stats.cache_misses
"""


def test_what_indexing_runs_through_is_compiled_by_a_process_that_ends(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", WARM], env=environment, check=True, timeout=180)
