"""Commands of ``golden``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.errors import UsageError

Subjects = Annotated[list[str] | None, typer.Argument(help="E.g. judgements/events; all by default.")]


def known(subjects: list[str] | None) -> list[str]:
    """Subjects by their names or the beginnings of these; raises :class:`UsageError` where there is none."""
    from devtools.golden.sets import SUBJECTS

    found = [name for name in SUBJECTS if name.startswith(tuple(subjects or [""]))]
    if not found:
        raise UsageError(
            f"No such subject: {', '.join(subjects or [])}.", remedy=f"Known: {', '.join(SUBJECTS)}"
        )
    return found
