"""``edition show``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, passed, record, tell_faults
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.errors import UsageError
from fengping.reports.archive import Edit, Editions
from fengping.services.edition import keys, missing, passed_over
from fengping.services.edition_files import faults_of
from fengping.services.edition_sending import letters, settle


def show(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """An edition with its changes and the keys of its sentences; exit 1 where it is not as it was printed."""
    home = open_home(context)
    settle(home)
    archive = Editions(home)
    edition = archive.find(number)
    sentences: list[tuple[str, str]] = []
    gone: list[Edit] = []
    try:
        sentences, gone = keys(home, number), passed_over(home, number)
    except UsageError as error:
        # Its state is told all the same.
        remark(str(error))
    faults = faults_of(archive, edition)
    sent = letters(home, number)
    instead = archive.successor(number)
    if as_json:
        write_json(
            record(edition)
            | {"faults": faults}
            | {"sentences": [{"key": key, "text": text} for key, text in sentences]}
            | {"passed_over": passed(gone), "missing": list(missing(home, number))}
            | {"redacted_by": instead.number if instead else None}
            | {"letters": [{"to": one.address or one.channel, "status": one.status} for one in sent]}
        )
        raise typer.Exit(bool(faults))
    stdout.print(line(edition), highlight=False, soft_wrap=True)
    tell_faults(edition, faults)
    for change in edition.changes if not edition.sealed else ():
        stdout.print(f"  {change}", highlight=False)
    if instead:
        remark(f"{instead.number} was issued in place of it, without what was forgotten.")
    for key, text in sentences:
        stdout.print(f"{key}　{text}", highlight=False, markup=False, soft_wrap=True)
    if lacking := missing(home, number):
        remark(
            f"{number} has no {', '.join(lacking).upper()}: made when it is reviewed, where it can be made."
        )
    for one in gone:
        remark(f"This change finds nothing to change in {number}: {one}")
    for letter in sent:
        remark(f"{letter.address or letter.channel}: {letter.status} {letter.reply}".rstrip())
    raise typer.Exit(bool(faults))
