"""Documents tagged, kept as evidence and exported where they are found; queries saved."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse

from fengping.errors import UsageError
from fengping.home import Home
from fengping.progress import Listener
from fengping.services import evidence, queries, query_users, tagging
from fengping.services import search as services
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import MAX_QUERY, Question
from fengping.web.asking import chosen as one_of
from fengping.web.desk import AtDesk
from fengping.web.notices import go
from fengping.web.pages.correct import WAITING
from fengping.web.rendering import language, render, translate, way_back
from fengping.web.working import Done

router = APIRouter()
MOST = 500
"""Documents marked at once."""
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Ids = Annotated[list[str], Form()]
Text = Annotated[str, Form(max_length=MAX_QUERY)]


@router.post("/marks")
def mark(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    id: Ids = [],  # noqa: B006  FastAPI copies it
    act: Text = "tag",
    tags: Text = "",
    note: Text = "",
    back: Text = "",
) -> Response:
    """Tags, untags or keeps the chosen documents or events."""
    one_of(act, ("tag", "untag", "keep"), "act")
    chosen = list(dict.fromkeys(one for one in id if one))
    if not chosen:
        raise UsageError("No document is chosen.", remedy="Tick some, then say what to do with them.")
    if len(chosen) > MOST:
        raise UsageError(f"At most {MOST} documents are marked at once.", remedy="Choose fewer.")
    if act == "keep":
        return _keep(request, desk, by, chosen, back)
    names = [one.strip() for one in tags.replace("，", "、").replace(",", "、").split("、") if one.strip()]
    change = {"remove": names} if act == "untag" else {"add": names}
    with desk.store() as store:
        done = tagging.tag(desk.home, chosen, note=note, by=by, now=desk.now(), store=store, **change)
    write_down(desk, by, act, ", ".join(chosen), f"{'、'.join(names)} {note}".strip())
    lang = language(request)
    listed = translate("：", lang) + translate("、", lang).join(names) if names else ""
    said = translate("{n} 条已记下", lang, n=len(chosen)) + listed
    said += translate(WAITING, lang) if done.waiting else ""
    return go(request, way_back(back, f"/documents/{chosen[0]}"), said)


def _keep(request: Request, desk: AtDesk, by: str, chosen: list[str], back: str) -> Response:
    """Begins to keep what a page shows now: text, answer of the server, picture."""
    home, now, lang = desk.home, desk.now(), language(request)

    def make(show: Listener) -> Done:
        kept = evidence.keep(home, chosen, now)
        write_down(desk, by, "keep evidence", ", ".join(chosen))
        lacking = sum(bool(one.missing) for one in kept)
        said = translate("新存证 {n} 条，其中 {k} 条不全（原页取不到等）", lang, n=len(kept), k=lacking)
        return Done(way_back(back, f"/documents/{chosen[0]}"), said)

    title = translate("存证 {n} 条", lang, n=len(chosen)) + f" {chosen[0][:8]}"
    return RedirectResponse(f"/progress/{desk.works.begin(title, now, make, here='/search').id}", 303)


@router.get("/documents/{identity}/evidence.zip")
def evidence_of(desk: AtDesk, identity: str) -> Response:
    """Everything kept of a document, with the list of its hashes."""
    return zipped(desk.home, identity)


@router.post("/search/save")
def save(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    name: Text,
    query: Text,
    note: Text = "",
    replace: Text = "",
    back: Text = "",
) -> Response:
    """Keeps a query under a name, by which other queries, rules and reports may use it.

    One that is saved under it already is replaced only where *replace* says so. The page of one that is
    refused has what was typed.
    """
    name = name.strip()
    was = next((one.text for one in queries.saved(desk.home) if one.name == name), None)
    try:
        if not replace:
            query_users.check_free(desk.home, name)
        with desk.store() as store:
            queries.save(desk.home, name, query, desk.now(), note, store=store)
    except UsageError as error:
        typed = {"name": name, "query": query, "note": note, "replace": replace, "back": back}
        values = {"rows": queries.saved(desk.home), "refused": error, "typed": typed}
        return render(request, "queries", values, here="/search", status=400)
    if was is None:
        write_down(desk, by, "save query", name, query)
    else:
        write_down(desk, by, "replace query", name, f"{was} → {query}")
    said = translate("已存为 query:“{x}”", language(request), x=name)
    return go(request, way_back(back, "/search"), said)


@router.post("/search/forget")
def forget(request: Request, desk: AtDesk, by: Analyst, name: Text, back: Text = "") -> Response:
    """Removes a saved query that nothing else needs."""
    query_users.remove(desk.home, name)
    write_down(desk, by, "remove query", name)
    return go(request, way_back(back, "/search"), translate("已删去 {x}", language(request), x=name))


@router.post("/queries/rename")
def rename(request: Request, desk: AtDesk, by: Analyst, query: Text, name: Text) -> Response:
    """Calls a saved query by another name, wherever it is used."""
    query_users.rename(desk.home, query, name)
    write_down(desk, by, "rename query", query, name)
    said = translate("{x} 现在叫 {y}", language(request), x=query, y=name.strip())
    return go(request, "/queries", said)


@router.get("/queries")
def saved(request: Request, desk: AtDesk) -> Response:
    """The saved queries."""
    return render(request, "queries", {"rows": queries.saved(desk.home), "refused": None}, here="/search")


@router.get("/queries.json")
def saved_record(desk: AtDesk) -> Response:
    """The saved queries as JSON."""
    return as_json([one.to_record() for one in queries.saved(desk.home)])


@router.get("/queries.csv")
def saved_table(desk: AtDesk) -> Response:
    """The saved queries as a table."""
    columns = ("name", "query", "note", "saved_at")
    records = [one.to_record() for one in queries.saved(desk.home)]
    return as_csv(columns, [[one[name] for name in columns] for one in records], "queries")


@router.get("/search/export")
def export(desk: AtDesk, asked: Question, form: str = "csv") -> Response:
    """Every document that the address asks for, as one file that is whole or not at all."""
    if form not in FORMS:
        raise UsageError(f"Unknown form {form!r}.", remedy=f"There are {', '.join(FORMS)}.")
    path = _temporary(f".{form}")
    try:
        with desk.store() as store:
            services.export(desk.home, asked, form, path, store=store)
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    return _file(path, f"fengping-{desk.now():%Y%m%d-%H%M}.{form}", FORMS[form])


def zipped(home: Home, identity: str) -> Response:
    """All evidence of a document or an event as one file."""
    path = _temporary(".zip")
    evidence.export(home, [identity], path)
    return _file(path, f"evidence-{identity[:8]}.zip", "application/zip")


def _temporary(suffix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix="fengping-")) / f"export{suffix}"


def _file(path: Path, name: str, kind: str) -> Response:
    """The file, which is gone when it was sent."""
    gone = BackgroundTask(shutil.rmtree, path.parent)
    return FileResponse(path, media_type=kind, filename=name, background=gone)
