"""``extract``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.terminal import remark, write_json
from fengping.clock import iso, now
from fengping.errors import UsageError
from fengping.spiders import extraction


def extract(
    file: Annotated[Path, typer.Argument(help="A saved HTML page.")],
    url: Annotated[str, typer.Option("--url", help="Where the page came from: for dates and links.")] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="The charset its HTTP header named.")] = "",
) -> None:
    """Reads title, time, author, source and body out of a saved page; exit 1 where no body is found."""
    try:
        data = file.read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder.", remedy="Name one saved HTML file.") from None
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist.", remedy="Name a saved HTML file.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    try:
        page = extraction.extract(data, url=url, encoding=encoding or None, fetched_at=now())
    except extraction.NotAPage as error:
        raise UsageError(f"{file}: {error}", remedy="Name a saved HTML file.") from None
    write_json(
        {
            "title": page.title,
            "published_at": iso(page.published_at),
            "author": page.author,
            "site": page.site,
            "text": page.text,
            "precision": page.precision,
            "engagement": asdict(page.engagement),
            "next_url": page.next_url,
            "canonical_url": page.canonical_url,
            "encoding": page.encoding,
            "methods": dict(page.methods),
        }
    )
    if not page.text:
        remark(f"No article was found in {file}.")
        raise typer.Exit(1)
