"""``edition list``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record, tell_faults
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.reports.archive import Editions
from fengping.services.edition_files import faults_of
from fengping.services.edition_sending import settle


def list_editions(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Every edition of the archive, the newest first; exit 1 where one is not as it was printed or signed."""
    home = open_home(context)
    settle(home)
    archive = Editions(home)
    found = [(edition, faults_of(archive, edition)) for edition in archive.all()]
    if as_json:
        write_json([record(edition) | {"faults": faults} for edition, faults in found])
    else:
        for edition, faults in found:
            stdout.print(line(edition), highlight=False, soft_wrap=True)
            tell_faults(edition, faults)
    if any(faults for _, faults in found):
        raise typer.Exit(1)
