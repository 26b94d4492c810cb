"""``hosts show``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.services.hosts import load_registry


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or alias.")],
    as_json: AsJson = False,
) -> None:
    """All that the registry says of one host."""
    host = load_registry(open_home(context)).find(name)
    record = host.model_dump(by_alias=True, mode="json")
    if as_json:
        write_json(record)
        return
    rows = [(key, _plain(value)) for key, value in record.items() if value]
    write_table(("key", "value"), rows, title=host.name)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key} ← {' '.join(map(str, words))}" for key, words in value.items())
    if isinstance(value, list):
        return " ".join(
            _plain(v) if not isinstance(v, dict) else " ".join(map(str, v.values())) for v in value
        )
    return str(value)
