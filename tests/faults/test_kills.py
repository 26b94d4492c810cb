"""Every writing command killed once, at a rename, fsync or moment that the seed draws.

``python -m devtools bench faults`` goes on for hours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.faults import hooks, site
from devtools.faults.trials import Trials

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_each_command_survives_a_kill(tmp_path: Path) -> None:
    with site.serve() as pages:
        trials = Trials(tmp_path, pages.url)
        for seed in range(1, 1 + len(trials.commands)):
            assert trials.trial(seed), f"seed {seed}: {trials.tallies}"
    assert sum(tally.hit for tally in trials.tallies.values()) > 0


def test_the_hooks_kill_before_and_after_a_rename(tmp_path: Path) -> None:
    for step, there in ((1, False), (2, True)):
        old, new = tmp_path / f"old{step}", tmp_path / f"new{step}"
        old.touch()
        code = f"{Path(hooks.__file__).read_text('utf-8')}\nos.rename({str(old)!r}, {str(new)!r})"
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {hooks.STEP: str(step)}, check=False
        )
        assert done.returncode == -9
        assert new.exists() is there
