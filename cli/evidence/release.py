"""``evidence release``."""

from __future__ import annotations

import typer

from fengping.cli.evidence import Ids
from fengping.cli.terminal import open_home, remark
from fengping.services import evidence


def release(context: typer.Context, ids: Ids) -> None:
    """Ends the hold: the documents may be forgotten again; what is kept stays until then."""
    evidence.release(open_home(context), ids)
    remark("Released.")
