"""Machine code is kept on disk for as long as nothing that went into it changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fengping
from fengping.indexer.pipeline import warm

pytestmark = pytest.mark.slow

PACKAGE = Path(next(iter(fengping.__path__)))
ASK = "import numpy as np; from fengping.analysis.outer_kernel import outer; outer(np.ones(2, np.uint32))"
OUTER = """
from fengping.analysis.compiled import compiled
from fengping.analysis.complaints.gram_kernel import hashes_of

@compiled
def outer(codes):
    return len(hashes_of(codes))
"""


def kept(root: Path, cache: Path) -> set[Path]:
    """Return the files in *cache* after a start of the package in *root*."""
    environment = os.environ | {"PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-c", ASK], env=environment, check=True, timeout=120)
    return set(cache.rglob("*.nbi"))


@pytest.mark.long
def test_code_is_compiled_again_when_a_kernel_that_it_calls_changes(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "fengping", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    analysis = tmp_path / "fengping" / "analysis"
    (analysis / "outer_kernel.py").write_text(OUTER, encoding="utf-8")
    first = kept(tmp_path, tmp_path / "cache")
    assert {file.name.partition("-")[0] for file in first} >= {"outer_kernel.outer", "gram_kernel.hashes_of"}
    assert kept(tmp_path, tmp_path / "cache") == first
    for changed, anew in (("polarity/score_kernel.py", 0), ("complaints/gram_kernel.py", len(first))):
        other = analysis / changed
        other.write_text(other.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        assert len(kept(tmp_path, tmp_path / "cache") - first) == anew


@pytest.mark.long
def test_what_cannot_be_read_is_compiled_anew_and_kept_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "fengping", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    analysis, cache = tmp_path / "fengping" / "analysis", tmp_path / "cache"
    (analysis / "outer_kernel.py").write_text(OUTER, encoding="utf-8")
    first = kept(tmp_path, cache)
    assert {file.stat().st_mode & 0o777 for file in cache.rglob("*.nb[ic]")} == {0o644}
    for file in first:  # broken: compiled anew in its place
        file.write_bytes(b"broken")
    assert kept(tmp_path, cache) == first
    assert all(file.stat().st_size > len(b"broken") for file in first)
    assert not list(analysis.rglob("*.nbi"))
    for file in first:  # neither read nor put aside, as another user's in a folder of theirs
        file.unlink()
        (file / "theirs").mkdir(parents=True)
    kept(tmp_path, cache)
    beside = {file.name.partition("-")[0] for file in analysis.rglob("*.nbi")}
    assert beside >= {"outer_kernel.outer", "gram_kernel.hashes_of"}


WARM = """
from fengping.analysis.compiled import is_kept
from fengping.indexer.pipeline import warm
from fengping.indexer.groups.kernel import place
assert not is_kept(place)
warm.ensure()
assert is_kept(place)
warm.load()
stats = place.code().stats
assert stats.cache_hits and not stats.cache_misses
"""


def known(cache: Path) -> None:
    """Gives *cache* all that is kept but groups' `place`, which is compiled last."""
    for file in Path(os.environ["NUMBA_CACHE_DIR"]).glob("*.nb[ic]"):
        if not file.name.startswith("kernel.place-"):
            shutil.copy2(file, cache)


@pytest.mark.long
def test_what_indexing_runs_through_is_compiled_by_a_process_that_ends(tmp_path: Path) -> None:
    # Compiling all of it takes most of a minute: on a fresh checkout here, for every other test to come.
    warm.ensure()
    known(tmp_path)
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", WARM], env=environment, check=True, timeout=180)
