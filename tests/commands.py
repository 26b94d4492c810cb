"""The command line as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from fengping.home import Home


def fengping(home: Home, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs one command on a home to its end; *environment* is added to this process's own."""
    return subprocess.run(
        [sys.executable, "-m", "fengping", "--home", str(home.root), *arguments],
        capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip
