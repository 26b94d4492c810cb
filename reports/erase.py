"""Erasure in printed reports: a report goes in all its formats, with its figures."""

from __future__ import annotations

from pathlib import Path

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import delete_quoting, files_in


def erase_prints(erasure: Erasure) -> Erased:
    """Deletes reports that quote them."""
    return delete_quoting(erasure, files_in(erasure.home.reports), _report)


HOLDERS = (Holder(Stage.FILES, erase_prints),)


def _report(path: Path) -> str:
    """The report that a file is part of."""
    if path.parent.name.endswith("-figures"):
        return str(path.parent).removesuffix("-figures")
    return str(path.with_suffix(""))
