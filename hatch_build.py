"""Editable installs: lay `.dev/fengping` out of links, so that root folders import as `fengping.*`.

A wheel gets the same layout from `sources` in pyproject.toml; hatchling cannot apply `sources` to an
editable install (a path file names a folder, and no folder here is called `fengping`).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EditableLinks(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            return
        root = Path(self.root)
        package = root / ".dev" / "fengping"
        shutil.rmtree(package, ignore_errors=True)
        package.mkdir(parents=True)
        for folder in self.build_config.target_config["only-include"]:
            entries = sorted((root / folder).iterdir()) if folder == "core" else [root / folder]
            for entry in entries:
                if entry.name != "__pycache__":
                    (package / entry.name).symlink_to(os.path.relpath(entry, package))
