"""Contents of a wheel: every tracked file of the root folders, under ``fengping/``, and nothing else."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "hatch"
]["build"]["targets"]["wheel"]["sources"]


def tracked() -> list[PurePosixPath]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("This is no git checkout, so nothing says which files belong to it.")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [PurePosixPath(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a wheel built of the tracked files alone, without network."""
    tree = tmp_path_factory.mktemp("tree")
    for name in tracked():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [built] = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_tracked_files_and_nothing_else(wheel: set[str]) -> None:
    wanted = {
        str(PurePosixPath(FOLDERS[name.parts[0]], *name.parts[1:]))
        for name in tracked()
        if name.parts[0] in FOLDERS
    }
    assert {name for name in wheel if ".dist-info/" not in name} == wanted


def test_the_wheel_brings_one_name_its_command_and_its_licence(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fengping"}
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


def test_what_the_product_imports_is_declared_and_pinned() -> None:
    """Optional packages by an extra; ``dev`` is for the tests alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for name in extras if name != "dev" for one in extras[name])]
    declared = {_normal(re.split(r"[\[<>=~;, ]", one)[0]) for one in asked}
    homes = packages_distributions()
    imported = {
        _normal(home)
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _imports(node)
        for home in homes.get(name.partition(".")[0], ())
    }
    assert imported - declared == {"mcp-types", "pydantic-core"}, "parts of mcp and pydantic"
    pinned = {
        _normal(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    assert declared - pinned == set()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_no_file_of_the_product_is_hidden_from_git() -> None:
    """An ignored file would be there where it was written and missing in every checkout and wheel."""
    tracked()
    hidden = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", *FOLDERS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert [name for name in hidden if "__pycache__" not in name] == []
