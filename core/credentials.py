"""Secrets of the engines that a deployment stands on: from the environment, or from a file that it names."""

from __future__ import annotations

import os
from pathlib import Path

from fengping.errors import ConfigError


def secret(name: str) -> str:
    """The value of the variable *name*, or the content of the file that ``NAME_FILE`` names; else empty."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{name}_FILE cannot be read: {error.strerror}.") from None
    return os.environ.get(name, "")
