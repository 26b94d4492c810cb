"""``hosts audit``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from fengping.cli.hosts import Texts, counted
from fengping.cli.options import AsJson, Since, Until
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.services import hosts


def audit(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Only this host.")] = None,
    file: Texts = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """For each alias: where it counts, where it is refused and why, with samples."""
    found = hosts.audit_names(open_home(context), hosts.Texts(file, since, until), host)
    if as_json:
        write_json([asdict(one) for one in found.aliases])
        return
    rows = [
        (a.host, a.alias, a.hits, a.counted, counted(a.refused), "\n".join(a.samples[:4]))
        for a in found.aliases
    ]
    write_table(("host", "alias", "stands", "counts", "refused", "samples"), rows)
    if found.silent is not None:
        remark(f"{found.silent} hosts stood in none of these texts.")
