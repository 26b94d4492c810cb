"""Names: one module of a name in a folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = sorted(folder.parent.name for folder in ROOT.glob("*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_one_module_of_a_name_in_a_folder(room: str) -> None:
    """A module and a package of one name, or names that differ in case or underscores, shadow each other."""
    names = Counter(
        (path.parent, (path.stem if path.suffix else path.name).strip("_").replace("_", "").lower())
        for path in (ROOT / room).rglob("*")
        if (path.suffix == ".py" and path.name != "__init__.py") or (path / "__init__.py").is_file()
    )
    assert [name for name, count in names.items() if count > 1] == []
