"""``hosts list``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.services.hosts import load_registry


def list_hosts(context: typer.Context, as_json: AsJson = False) -> None:
    """Every host known: those that ship and those of this home."""
    registry = load_registry(open_home(context))
    if as_json:
        write_json([host.model_dump(by_alias=True, mode="json") for host in registry.hosts])
        return
    write_table(
        ("host", "kind", "platforms", "agencies", "names", "ambiguous"),
        [
            (
                host.name,
                host.kind,
                " ".join(host.platforms),
                " ".join(agency.name for agency in host.agencies),
                len(host.sure()),
                len(host.ambiguous),
            )
            for host in registry.hosts
        ],
        title=f"{len(registry.hosts)} hosts · {registry.version}",
    )
