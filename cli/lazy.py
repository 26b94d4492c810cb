"""Command groups that know their commands by name, and import one only when it runs."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

Table: TypeAlias = "Mapping[str, str | Group]"
"""``module:function`` of each command, or a group of commands, by name."""


@dataclass(frozen=True)
class Group:
    """Commands under one name."""

    help: str
    commands: Table


class LazyGroup(TyperGroup):
    """A group over :attr:`table`. Listing it reads the help of its commands from their source files."""

    table: ClassVar[Table] = {}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # Typer suggests near names out of these.
        self.commands = dict.fromkeys(self.table, TyperCommand(None))

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        if isinstance(entry, Group):
            return typer.main.get_command(group(cmd_name, entry))
        return TyperCommand(cmd_name, help=help_of(entry))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        entry = self.table.get(name or "")
        return name, load(name, entry) if isinstance(entry, str) else command, rest


def group(name: str, entry: Group) -> typer.Typer:
    """*entry* as a group of Typer's."""
    cls = type(f"{name.title()}Group", (LazyGroup,), {"table": entry.commands})
    made = typer.Typer(
        name=name, cls=cls, help=entry.help, no_args_is_help=True, add_completion=False,
        pretty_exceptions_enable=False,
    )  # fmt: skip
    made.callback()(_nothing)
    return made


def _nothing() -> None:
    pass


def load(name: str | None, target: str) -> Any:
    """The command whose function *target* names."""
    module, _, attribute = target.partition(":")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(getattr(importlib.import_module(module), attribute))
    return typer.main.get_command(alone)


def help_of(target: str) -> str:
    """The docstring of *target*, read without importing its module."""
    module, _, attribute = target.partition(":")
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None, module
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == attribute:
            return inspect.cleandoc(ast.get_docstring(node) or "")
    raise AttributeError(target)
