"""``evidence key``."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from fengping import signing
from fengping.cli.terminal import open_home, stdout
from fengping.clock import now
from fengping.state import State
from fengping.web.accounts import book


def key(
    context: typer.Context,
    new: Annotated[
        bool, typer.Option("--new", help="Begin with a new key: the present one is lost.")
    ] = False,
) -> None:
    """Prints the public key (Ed25519) by which evidence and editions of this deployment are verified."""
    home = open_home(context)
    if new:
        book.note(State.open(home), getpass.getuser(), "new signing key", signing.renew(home), "", now())
    stdout.print(signing.fingerprint(home), highlight=False, soft_wrap=True)
