"""``source login``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.common import open_home, stderr, stdout
from fengping.cli.source import source

if TYPE_CHECKING:
    from fengping.spiders.sources import Catalogue


@source.command()
def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A browser source, or the session that one names.")],
    url: Annotated[str | None, typer.Option("--url", help="Where to log in; else the source's site.")] = None,
) -> None:
    """Opens a visible browser for your own login and saves it for the sources that name it."""
    import asyncio

    from fengping.spiders.browser import sessions
    from fengping.spiders.sources import Catalogue

    home = open_home(context)
    session, site = _session(Catalogue.load(home), name)

    async def until(page: Any) -> None:
        stderr.print("Log in in the window that has opened, then press Enter here.")
        await asyncio.get_running_loop().run_in_executor(None, input)

    path = asyncio.run(sessions.login(home, session, url or site, until))
    stdout.print(f"Saved in {path}, readable by you alone.", highlight=False, soft_wrap=True)


def _session(catalogue: Catalogue, name: str) -> tuple[str, str]:
    """The session that *name* stands for, and the front page of its site."""
    from urllib.parse import urlsplit

    from fengping.errors import UsageError, did_you_mean

    known = {}
    for found in catalogue.all.values():
        if found.browser is not None and found.browser.session:
            parts = urlsplit(found.urls[0])
            entry = (found.browser.session, f"{parts.scheme}://{parts.hostname}/")
            known[found.name] = known[found.browser.session] = entry
    if name not in known:
        remedy = did_you_mean(name, known) if known else "Name a session in a source's [browser] table."
        raise UsageError(f"No source uses a login {name!r}.", remedy=remedy)
    return known[name]
