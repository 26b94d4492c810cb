"""``source login``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from fengping.cli.terminal import open_home, remark, stdout
from fengping.services import source


def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A browser source, or the session that one names.")],
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A browser state saved elsewhere, instead of a window."),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Where to log in; else the source's site.")] = None,
) -> None:
    """Opens a visible browser for your own login and saves it for the sources that name it."""

    async def until(page: Any) -> None:
        remark("Log in in the window that has opened, then press Enter here.")
        await asyncio.get_running_loop().run_in_executor(None, input)

    home = open_home(context)
    if file is not None:
        path = source.take_login(home, name, file)
    else:
        path = asyncio.run(source.login(home, name, url, until))
    stdout.print(f"Saved in {path}, readable by you alone.", highlight=False, soft_wrap=True)
