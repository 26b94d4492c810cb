"""``evidence stamp``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import now
from fengping.services import evidence


def stamp(context: typer.Context, as_json: AsJson = False) -> None:
    """Has the last line of the manifest stamped by evidence.timestamp (RFC 3161)."""
    line = evidence.stamp(open_home(context), now())
    if as_json:
        write_json({"stamped": line})
    else:
        remark(f"Line {line:,} of the manifest is stamped." if line else "Nothing came since the last stamp.")
