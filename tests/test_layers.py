"""Imports go one way only, and light commands stay light."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import devtools
import fengping
from fengping.doors import offered

# Lower rooms first. A room may import itself and rooms before it. The command line names `sample` as a text
# alone; `devtools` is no part of the product.
ORDER = [
    "core",
    "delivery",
    "analysis",
    "indexer",
    "spiders",
    "events",
    "reports",
    "alerts",
    "services",
    "scheduler",
    "web",
    "cli",
    "sample",
    "devtools",
]
# Rooms on one floor do not know each other.
SAME_FLOOR = [{"spiders", "events"}, {"spiders", "reports", "alerts"}]
PACKAGE = Path(fengping.__file__).parent
PACKAGES = {"fengping": PACKAGE, "devtools": Path(devtools.__file__).parent}


def room_of(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "devtools":
        return "devtools"
    if len(parts) == 1:
        return "core"
    if parts[1] == "__main__":
        return "cli"
    return parts[1] if parts[1] in ORDER else "core"


@functools.cache
def named_by(file: Path) -> frozenset[str]:
    """What *file* imports, inside of functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def imports_of(file: Path) -> set[str]:
    return {name for name in named_by(file) if name.split(".")[0] in PACKAGES}


@functools.cache
def modules() -> list[tuple[str, Path]]:
    found = []
    for package, folder in PACKAGES.items():
        # The rooms are links in an editable install, and rglob follows none before Python 3.13.
        files = [Path(at) / name for at, _, names in os.walk(folder, followlinks=True) for name in names]
        for file in (f for f in files if f.suffix == ".py"):
            name = ".".join((package, *file.relative_to(folder).with_suffix("").parts))
            found.append((name.removesuffix(".__init__"), file))
    return found


def test_imports_go_one_way() -> None:
    wrong = []
    for name, file in modules():
        here = room_of(name)
        for imported in imports_of(file):
            there = room_of(imported)
            upward = ORDER.index(there) > ORDER.index(here)
            sideways = here != there and any({here, there} <= floor for floor in SAME_FLOOR)
            if upward or sideways:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_the_walk_sees_the_whole_house() -> None:
    assert {room_of(name) for name, _ in modules()} == set(ORDER)


@functools.cache
def opened() -> dict[str, dict[str, str]]:
    """The front doors, of rooms and of parts of rooms: names, and the modules they come from."""
    found = [name for name, file in modules() if "front_door(__name__)" in file.read_text(encoding="utf-8")]
    return {name: offered(importlib.import_module(name).__name__) for name in found}


def test_front_doors_are_small_and_give_what_they_name() -> None:
    assert {f"fengping.{room}" for room in ORDER[1:8]} <= opened().keys()
    for place, door in opened().items():
        assert door
        assert len(door) <= 12 or place.count(".") > 1
        for name in door:
            assert getattr(importlib.import_module(place), name) is not None
            # A module of that name would stand in its place.
            assert importlib.util.find_spec(f"{place}.{name}") is None, f"{place}.{name}"


def test_others_come_in_by_the_front_door() -> None:
    named = {f"{at}.{name}": place for place, door in opened().items() for name, at in door.items()}
    tests = [(f"tests.{file.stem}", file) for file in Path(__file__).parent.rglob("*.py")]
    wrong = [
        f"{name} imports {imported}"
        for name, file in [*modules(), *tests]
        for imported in imports_of(file) & named.keys()
        if not f"{name}.".startswith(f"{named[imported]}.")
    ]
    assert wrong == []


def test_analysis_touches_no_network_or_database() -> None:
    barred = {"scrapy", "playwright", "elasticsearch", "tantivy", "sqlalchemy", "httpx2", "apscheduler"}
    for name, file in modules():
        if room_of(name) == "analysis":
            assert not barred & {imported.split(".")[0] for imported in named_by(file)}, name


def test_help_loads_nothing_heavy() -> None:
    heavy = ("playwright", "scrapy", "numba", "sklearn", "elasticsearch", "tantivy", "altair", "snownlp")
    code = (
        "import sys\nfrom fengping.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"sys.exit(', '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_command_has_little_of_it_walked_for_garbage() -> None:
    code = (
        "import atexit, gc\nfrom fengping.cli import main\n"
        "before = gc.get_threshold()\n"
        "atexit.register(lambda: print(gc.get_threshold() > before, gc.get_freeze_count() > 10_000))\n"
        "main(['--version'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[1:] == ["True True"], done.stderr


def test_the_console_starts_without_the_spiders() -> None:
    heavy = ("scrapy", "twisted.internet.reactor", "fengping.services.source_dev")
    code = (
        "import sys\nfrom fengping.web import app, pages\n"
        "assert list(app._routers(pages.__name__, pages.__path__))\n"
        f"sys.exit(', '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize(
    ("command", "light"),
    [
        ("search", ("sqlalchemy", "lxml", "rjieba", "httpx2", "numpy", "fengping.reports.building")),
        ("status", ("lxml", "rjieba", "httpx2", "aiohttp", "fengping.analysis.judge")),
        ("alerts.check", ("lxml", "rjieba", "httpx2", "aiohttp", "fengping.analysis.judge")),
        ("index", ("lxml", "rjieba", "httpx2", "fengping.analysis.judge", "fengping.reports.building")),
    ],
)
def test_a_command_begins_without_what_only_its_work_may_need(command: str, light: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom importlib import import_module\n"
        f"import_module('fengping.cli.app')\nimport_module('fengping.cli.{command}')\n"
        f"sys.exit(', '.join(name for name in {light!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
