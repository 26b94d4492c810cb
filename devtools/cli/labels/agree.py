"""``labels agree``."""

from __future__ import annotations

import typer


def agree() -> None:
    """Prints the agreement of first and second readers for each head: F1 and number of items."""
    from devtools.labelling.agreement import agreement
    from devtools.labelling.store import read

    for head, (value, items) in agreement(read()).items():
        typer.echo(f"{head:16} {value:.3f}  n={items}")
