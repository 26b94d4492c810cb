"""``evidence key``."""

from __future__ import annotations

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.signing import fingerprint


def key(context: typer.Context) -> None:
    """Prints the public key (Ed25519) by which evidence and editions of this deployment are verified."""
    stdout.print(fingerprint(open_home(context)), highlight=False, soft_wrap=True)
