"""``serve``."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from fengping.cli.options import BeginAnew
from fengping.cli.terminal import open_home, remark


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8300,
    host: Annotated[str, typer.Option("--host", help="Another address needs accounts.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A further name under which it is called.")
    ] = None,
    begin_anew: BeginAnew = False,
) -> None:
    """Serves the console and the API of the home until it is stopped (Ctrl-C)."""
    from fengping.scheduler.taking import beside_console
    from fengping.web import serving

    home = open_home(context)
    bound = serving.bind(home, host, port, name or ())
    remark(f"Console at {bound.url}, stop it with Ctrl-C.")
    if bound.said:
        remark(bound.said, style="yellow")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with beside_console(home):
        bound.run()
