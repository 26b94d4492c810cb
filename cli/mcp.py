"""``mcp``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home
from fengping.clock import now


def mcp(
    context: typer.Context,
    console: Annotated[
        str,
        typer.Option(
            "--console",
            help="Address of the console, where links lead; else serve.public_url, else http://127.0.0.1:8300.",
        ),
    ] = "",
) -> None:
    """Speaks MCP on stdio, so that an assistant can ask this home; its tools read only."""
    home = open_home(context)
    from fengping.web.mcp.server import make_server

    make_server(home, now, console).run("stdio")
