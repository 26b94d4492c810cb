"""报告: what was made, by file; one is read, or made anew, here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from starlette.responses import FileResponse, RedirectResponse

from fengping.errors import FengpingError
from fengping.services import report
from fengping.services.report import Wanted
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.desk import AtDesk
from fengping.web.rendering import address, render

router = APIRouter()
KINDS = ("weekly", "daily", "monthly", "double11", "618", "holiday", "custom")
SHOWN = {".html": "HTML", ".pdf": "PDF", ".docx": "DOCX", ".md": "Markdown", ".json": "JSON", ".xlsx": "XLSX"}
_NAME = re.compile(r"[\w.-]+")
_SHUT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-popups"
"""A report is a page of its own with styles inside; it runs nothing and reaches nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report on disk."""

    stem: str
    at: datetime
    files: tuple[tuple[str, str, int], ...]
    """Name, form and bytes."""


@router.get("/reports")
def reports(request: Request, desk: AtDesk) -> Response:
    """The page."""
    values: dict[str, Any] = {"rows": list(_made(desk.home.reports)), "kinds": KINDS}
    return render(request, "reports", values, here="/reports")


def _made(folder: Path) -> Iterator[Made]:
    """Reports of a folder, the newest first."""
    groups: dict[str, list[Path]] = {}
    for path in folder.glob("*.*") if folder.is_dir() else ():
        if path.is_file() and path.suffix in SHOWN:
            groups.setdefault(path.stem, []).append(path)
    times = {stem: max(path.stat().st_mtime for path in paths) for stem, paths in groups.items()}
    for stem in sorted(groups, key=lambda stem: -times[stem]):
        files = sorted(groups[stem], key=lambda path: list(SHOWN).index(path.suffix))
        rows = tuple((path.name, SHOWN[path.suffix], path.stat().st_size) for path in files)
        yield Made(stem, datetime.fromtimestamp(times[stem], UTC), rows)


@router.get("/reports/{name}")
def one(desk: AtDesk, name: str) -> Response:
    """One file of a report; a page of it runs nothing."""
    path = desk.home.reports / name
    if not _NAME.fullmatch(name) or path.suffix not in SHOWN or not path.is_file():
        raise HTTPException(404, f"There is no report {name}.")
    shown = path.suffix in (".html", ".pdf", ".json")
    kept = {"content-security-policy": _SHUT} if path.suffix == ".html" else {}
    return FileResponse(path, headers=kept, filename=None if shown else name)


@router.post("/reports")
def make(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    kind: Annotated[str, Form()],
    first: Annotated[str, Form()] = "",
    last: Annotated[str, Form()] = "",
) -> Response:
    """Makes a report now, in the configured forms."""
    try:
        wanted = Wanted(kind, first or None, last or None)
        _, written = report.make(desk.home, wanted, report.formats_of(desk.home, None), desk.now())
    except FengpingError as error:
        values = {"rows": list(_made(desk.home.reports)), "kinds": KINDS, "fault": str(error)}
        return render(request, "reports", values, here="/reports", status=400)
    names = ", ".join(path.name for path in written.paths.values())
    write_down(desk, by, "make report", kind, names)
    return RedirectResponse(address("/reports", said=names), 303)
