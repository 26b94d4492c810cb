"""报告: numbered editions and files on disk; one is made here while a page tells how far it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Request, Response, UploadFile
from starlette.responses import FileResponse, RedirectResponse

from fengping.clock import iso
from fengping.errors import UsageError
from fengping.home import Home
from fengping.progress import Listener
from fengping.reports.archive import Edition, Editions, unsealed
from fengping.services import edition as editions
from fengping.services import outlines
from fengping.services.edition_files import faults_of, keep_given
from fengping.services.edition_files import file_of as file_of_edition
from fengping.services.edition_sending import settle
from fengping.services.report import Wanted, check
from fengping.web.accounts.door import LargeForm, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import chosen
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import language, render, translate
from fengping.web.working import Done

router = APIRouter()
KINDS = {
    "weekly": "周报",
    "daily": "日报",
    "monthly": "月报",
    "double11": "双 11",
    "618": "618",
    "holiday": "假日",
    "custom": "自选期间",
    "host": "一位主播",
    "event": "一件事",
}
STATES = {
    "draft": ("draft", "草稿"),
    "reviewed": ("wait", "已审阅"),
    "signed": ("ok", "已签发"),
    "sent": ("done", "已送出"),
}
TYPED = ("kind", "first", "last", "focus", "query", "title", "source", "min_publishers", "previous")
"""Fields of the form that come back with a refusal."""
SHOWN = {".html": "HTML", ".pdf": "PDF", ".docx": "DOCX", ".md": "Markdown", ".json": "JSON", ".xlsx": "XLSX"}
_NAME = re.compile(r"[\w.-]+")
_WORD = re.compile(r"[^\s,，、]+")
_SHUT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-popups; "
    "frame-ancestors 'self'"
)
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
    return _page(request, desk)


def _page(
    request: Request, desk: Desk, typed: Mapping[str, str] = MappingProxyType({}), refused: Any = None
) -> Response:
    """The page, with what was *typed* into its form where that was *refused*."""
    settle(desk.home)
    every = _all(desk.home)
    values: dict[str, Any] = {
        "typed": dict.fromkeys((*TYPED, "dropped"), "") | dict(typed),
        "refused": refused,
        "rows": list(_made(desk.home.reports)),
        "kinds": KINDS,
        "outlines": outlines.listed(desk.home),
        "states": STATES,
        "editions": [one for one, _ in every],
        "altered": {one.number for one, altered in every if altered},
        "works": desk.works.at("/reports"),
    }
    return render(request, "reports", values, here="/reports", status=400 if refused else 200)


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


@router.get("/reports.json")
def as_record(desk: AtDesk) -> Response:
    """The editions as JSON."""
    settle(desk.home)
    return as_json([_row(*one) for one in _all(desk.home)])


@router.get("/reports.csv")
def as_table(desk: AtDesk) -> Response:
    """The editions as a table."""
    settle(desk.home)
    rows = [_row(*one) for one in _all(desk.home)]
    columns = (
        "number", "title", "issuer", "state", "made_at", "reviewed_by", "signed_by", "signed_at", "sent_at",
        "sealed", "redacts", "hash", "altered",
    )  # fmt: skip
    return as_csv(columns, [[row[name] for name in columns] for row in rows], "editions")


def _all(home: Home) -> list[tuple[Edition, bool]]:
    """All editions, each with whether a file of it is not as it was printed."""
    archive = Editions(home)
    return [(one, bool(faults_of(archive, one, listed=True))) for one in archive.all()]


def _row(one: Edition, altered: bool) -> dict[str, Any]:
    return {
        "number": one.number, "title": one.title, "issuer": one.issuer, "state": one.state.value,
        "made_at": iso(one.made_at), "reviewed_by": one.reviewed_by, "signed_by": one.signed_by,
        "signed_at": iso(one.signed_at), "sent_at": iso(one.sent_at), "sealed": one.sealed,
        "hash": one.hash, "redacts": one.redacts, "changes": [] if one.sealed else list(one.changes),
        "altered": altered,
    }  # fmt: skip


@router.get("/reports/{name}")
def one(desk: AtDesk, name: str) -> Response:
    """One file of a report; a page of it runs nothing."""
    return file_of(desk.home.reports, name)


def file_of(folder: Path, name: str) -> Response:
    """A file of a report; 404 where there is none of that name in *folder*."""
    path = folder / name
    if not _NAME.fullmatch(name) or path.suffix not in SHOWN or not path.is_file():
        raise HTTPException(404, f"There is no report {name}.")
    shown = path.suffix in (".html", ".pdf", ".json")
    kept = {"content-security-policy": _SHUT} if path.suffix == ".html" else {}
    return FileResponse(path, headers=kept, filename=None if shown else name)


@router.post("/reports")
def make(
    request: Request,
    desk: AtDesk,
    by: LargeForm,
    kind: Annotated[str, Form(max_length=40)],
    first: Annotated[str, Form(max_length=40)] = "",
    last: Annotated[str, Form(max_length=40)] = "",
    focus: Annotated[str, Form(max_length=200)] = "",
    query: Annotated[str, Form(max_length=4000)] = "",
    title: Annotated[str, Form(max_length=200)] = "",
    source: Annotated[str, Form(max_length=1000)] = "",
    min_publishers: Annotated[str, Form(max_length=4)] = "",
    previous: Annotated[str, Form(max_length=200)] = "",
    background: Annotated[UploadFile | None, File()] = None,
    official: Annotated[UploadFile | None, File()] = None,
    reference_docx: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Begins a numbered draft, and leads to the page that tells how far it is."""
    own = {one.name: one for one in outlines.listed(desk.home)}
    home, now = desk.home, desk.now()
    try:
        chosen(kind, KINDS.keys() | own.keys(), "report")
        if kind in own and own[kind].fault:
            raise UsageError(own[kind].fault)
        if min_publishers and not (
            min_publishers.isascii() and min_publishers.isdigit() and int(min_publishers)
        ):
            raise UsageError(f"{min_publishers!r} is no number of publishers.", remedy="Write 1, 2, 3 …")
        archive = Editions(home)
        earlier = unsealed(archive.find(previous)) if previous else None
        wanted = Wanted(
            kind, first or None, last or None, title.strip() or None,
            min_publishers=int(min_publishers) if min_publishers else None,
            background=_kept(home, background),
            previous=file_of_edition(archive, earlier.number, "json") if earlier else None,
            focus=focus.strip(), query=query.strip(), sources=tuple(_WORD.findall(source)),
            official=_kept(home, official), outline=home.root / kind if kind in own else None,
            reference_docx=_kept(home, reference_docx),
        )  # fmt: skip
        with desk.store() as store:
            check(home, wanted, now, store=store)
    except UsageError as error:
        given = (kind, first, last, focus, query, title, source, min_publishers, previous)
        typed = dict(zip(TYPED, given, strict=True))
        files = (background, official, reference_docx)
        typed["dropped"] = "、".join(one.filename for one in files if one and one.filename)
        return _page(request, desk, typed, error)

    def draft(show: Listener) -> Done:
        made = editions.draft(home, wanted, now, show=show)
        write_down(desk, by, "draft edition", made.number)
        return Done(f"/reports/editions/{made.number}")

    days = " – ".join(part for part in (first, last) if part)
    called = own[kind].title if kind in own else translate(KINDS[kind], language(request))
    name = " ".join(part for part in (called, wanted.focus, days) if part)
    return RedirectResponse(f"/progress/{desk.works.begin(name, now, draft, here='/reports').id}", 303)


def _kept(home: Home, file: UploadFile | None) -> Path | None:
    """Keeps a file that the browser sent for the report, and for those that are drafted by it again."""
    if file is None or not file.filename:
        return None
    return keep_given(home, file.filename, file.file.read())
