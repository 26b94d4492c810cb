"""The documents keep up with the program, and the repository holds what it may hold."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from fengping.cli.app import COMMAND_MODULES, app
from fengping.config import Config

ROOT = Path(__file__).parent.parent
LARGEST = 8_000_000


def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("This is no git checkout, so nothing says which files belong to it.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def commands(group: typer.Typer, before: str = "fengping") -> Iterator[tuple[str, str]]:
    """Every command with its help."""
    for command in group.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.strip("_").replace("_", "-")
        yield f"{before} {name}", command.help or command.callback.__doc__ or ""
    for part in group.registered_groups:
        assert part.typer_instance is not None
        yield from commands(part.typer_instance, f"{before} {part.name}")


def test_every_command_has_a_help() -> None:
    for name in COMMAND_MODULES:
        importlib.import_module(f"fengping.cli.{name}")
    found = dict(commands(app))
    assert {"fengping search", "fengping alerts test", "fengping source list"} <= found.keys()
    assert [name for name, text in found.items() if len(text.split()) < 3] == []


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


def test_links_between_documents_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_no_file_is_large() -> None:
    assert [file.name for file in tracked() if file.stat().st_size > LARGEST] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Spelled so that this file does not find itself.
    foreign = re.compile(
        rb"(?:/" + rb"work/|/root" + rb"/\.|--(?:extra-)?index" + rb"-url|pypi\." + rb"org/simple)"
    )
    assert [file.name for file in tracked() if foreign.search(file.read_bytes())] == []
