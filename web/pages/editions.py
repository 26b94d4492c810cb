"""报告的一版: read, reviewed sentence by sentence, compared, signed, sent."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import quote, unquote

import orjson
from fastapi import APIRouter, Form, HTTPException, Request, Response
from starlette.responses import RedirectResponse

from fengping.delivery import Book
from fengping.errors import FengpingError, UsageError
from fengping.progress import Listener
from fengping.reports.archive import Action, Change, Edition, Editions, EditionState, given_of
from fengping.reports.wording import clean
from fengping.services import edition as services
from fengping.services.edition_files import check_whole, export, faults_of
from fengping.services.edition_reviewing import untraced
from fengping.services.edition_sending import letters, settle
from fengping.web.accounts.door import Admin, Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.narrowing import cited
from fengping.web.notices import go
from fengping.web.pages.reports import SHOWN, STATES, file_of
from fengping.web.rendering import address, language, render, translate
from fengping.web.security import POLICY
from fengping.web.working import Done

router = APIRouter()
FATES = {
    "accepted": ("ok", "已收下"),
    "waiting": ("wait", "还没送到，会再试"),
    "claimed": ("wait", "正在送"),
    "dead": ("ill", "没有送到，不再试"),
}
"""Fates of a letter, in colour and words."""
ACTIONS = {"strike": "删去", "reword": "改写", "add": "在其后补充"}
PERSON = "fp_person"
"""Cookie with the name that somebody without an account reviewed or signed in last."""
QUICK = ("html", "json")
"""Files written at each change; the others follow when the edition is reviewed."""
Mark = Annotated[str, Form(max_length=64)]
"""The mark that the page showed; what was changed since is not reviewed, signed or changed by its form."""
_FRAMED = f"{POLICY}; frame-src 'self'"
"""The page that shows an edition within itself."""


def _edition(desk: Desk, number: str) -> Edition:
    """The edition of that number; 404 where there is none."""
    try:
        return Editions(desk.home).find(number)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None


@router.get("/reports/editions/{number}")
def one(request: Request, desk: AtDesk, number: str, moved: bool = False) -> Response:
    """The page; with *moved*, which takes its time, also what moved since it was drafted."""
    settle(desk.home)
    found = _edition(desk, number)
    archive = Editions(desk.home)
    folder = archive.folder(number)
    paths = [folder / f"{number}{suffix}" for suffix in SHOWN]
    data: dict[str, Any] = {}
    json_file = folder / f"{number}.json"
    altered = faults_of(archive, found)
    hidden = found.sealed or bool(altered)
    if json_file.is_file() and not hidden:
        data = orjson.loads(json_file.read_bytes())
    places: list[str] = []
    values: dict[str, Any] = {
        "untraced": (),
        "moved": None,
        "unmoved": None,
        "mark": services.mark(desk.home, number),
    }
    with suppress(FengpingError):  # the review page says what is wrong with its record
        values["untraced"] = untraced(desk.home, number)
    account = getattr(request.state, "account", None)
    if moved and found.state is EditionState.REVIEWED and (account is None or account.may("analyst")):
        try:
            values["moved"] = services.moved(desk.home, number, desk.now())
        except FengpingError as error:
            values["unmoved"] = error
    try:
        places = Book.load(desk.home).names
    except FengpingError as error:
        values["fault"] = error
    values |= {
        "e": found,
        "altered": altered,
        "provable": bool(given_of(found)) and not altered,
        "states": STATES,
        "files": [(path.name, SHOWN[path.suffix], path.stat().st_size) for path in paths if path.is_file()],
        "preview": f"{number}.html" if (folder / f"{number}.html").is_file() and not hidden else "",
        "instead": archive.successor(number) if found.sealed else None,
        "digest": data.get("digest", []),
        "others": [o for o in archive.all() if o.number != number and not (o.sealed or found.sealed)][:40],
        "series": [other for other in archive.all() if other.series == found.series],
        "edits": services.edits(desk.home, number),
        "actions": ACTIONS,
        "places": places,
        "imprint": data.get("edition", {"against": None, "changes_beyond": 0, "passed_over": []}),
        "lacking": [SHOWN[f".{name}"] for name in services.missing(desk.home, number)],
        "letters": letters(desk.home, number),
        "fates": FATES,
        "person": unquote(request.cookies.get(PERSON, "")),
    }
    answer = render(request, "edition", values, here="/reports")
    answer.headers["content-security-policy"] = _FRAMED
    return answer


@router.get("/reports/editions/{number}/review")
def review(request: Request, desk: AtDesk, number: str) -> Response:
    """Its sentences and cases, each with what a reviewer may do to it."""
    found = _edition(desk, number)
    mark = services.mark(desk.home, number)  # taken before what is shown, so never of something newer
    values: dict[str, Any] = {"e": found, "states": STATES, "actions": ACTIONS, "mark": mark}
    values |= dict.fromkeys(("rows", "edits", "passed", "untraced", "moved"), ())
    try:
        made = services.edits(desk.home, number)
        known = services.sentences(desk.home, number)
        values["rows"] = [
            (key, cited(text), [edit for edit in made if edit.target == key]) for key, text in known
        ]
        values |= {"edits": made, "passed": services.passed_over(desk.home, number)}
        values["untraced"] = untraced(desk.home, number)
        values["moved"] = services.moved(desk.home, number, desk.now())
    except FengpingError as error:
        values["fault"] = error
    return render(request, "review", values, here="/reports")


@router.post("/reports/editions/{number}/edit")
def edit(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    number: str,
    action: Annotated[str, Form(max_length=20)],
    target: Annotated[str, Form(max_length=300)] = "",
    text: Annotated[str, Form(max_length=4000)] = "",
    event: Annotated[str, Form(max_length=40)] = "",
    as_drafted: Annotated[bool, Form()] = False,
    seen: Mark = "",
) -> Response:
    """Strikes, rewords, or adds a sentence, or an event as a whole case."""
    _edition(desk, number)
    if action not in list(Action):
        raise UsageError(f"Unknown change {action!r}.", remedy="Choose strike, reword or add.")
    if event.strip() and action == Action.ADD:
        target = f"{services.CASE}{event.strip()}"
    services.edit(
        desk.home, number, Action(action), target, text.strip(), by, desk.now(), formats=QUICK,
        as_drafted=as_drafted, seen=seen,
    )  # fmt: skip
    # The beginning of an event's id is enough to name it; its row bears the whole one.
    target = services.edits(desk.home, number)[-1].target
    write_down(desk, by, f"{action} in edition", number, f"{target}: {text}")
    said = translate("已改。PDF 等文件在审阅完毕时重写。", language(request))
    return go(request, f"/reports/editions/{number}/review#{target}", said)


@router.post("/reports/editions/{number}/undo")
def undo(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    number: str,
    seen: Mark = "",
) -> Response:
    """Takes the latest change back, if it is the one that the page showed."""
    services.undo_edit(desk.home, number, formats=QUICK, seen=seen)
    write_down(desk, by, "undo change of edition", number)
    return go(request, f"/reports/editions/{number}/review", translate("已撤销。", language(request)))


@router.post("/reports/editions/{number}/advance")
def advance(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    number: str,
    to: Annotated[str, Form(max_length=20)],
    name: Annotated[str, Form(max_length=64)] = "",
    sure: Annotated[bool, Form()] = False,
    as_drafted: Annotated[bool, Form()] = False,
    seen: Mark = "",
) -> Response:
    """Reviewed, or signed, in the name of the account; without accounts in that which the form gives."""
    if to not in (EditionState.REVIEWED, EditionState.SIGNED):
        raise UsageError(f"An edition does not become {to!r} here.", remedy="Review it, then sign it.")
    account = getattr(request.state, "account", None)
    person = account.name if account else clean(name)
    if not person:
        raise UsageError("The name of who reviews or signs is missing.", remedy="Fill it in: it is printed.")
    if to == EditionState.SIGNED and not sure:
        raise UsageError(
            "Signing cannot be taken back and was not confirmed.", remedy="Tick the box beside the button."
        )
    home, now, lang = desk.home, desk.now(), language(request)

    def make(show: Listener) -> Done:
        said = translate(STATES[to][1], lang)
        if to == EditionState.REVIEWED:
            with suppress(FengpingError):
                if moved := services.moved(home, number, now):
                    said += translate("；起草之后有 {n} 项变了，见逐句审阅", lang, n=len(moved))
        services.advance(
            home, number, EditionState(to), person, now, show=show, seen=seen,
            as_drafted=as_drafted or to == EditionState.REVIEWED,
        )  # fmt: skip
        write_down(desk, by, f"edition {to}", number, "" if account else person)
        return Done(f"/reports/editions/{number}", said)

    # A review that changed sentences ends with PDF and the like being written, and before a signature all is
    # counted again: either takes its time.
    work = desk.works.begin(number, now, make, here="/reports")
    answer = RedirectResponse(f"/progress/{work.id}", 303)
    if not account:
        answer.set_cookie(PERSON, quote(person), httponly=True, samesite="strict")
    return answer


@router.post("/reports/editions/{number}/redraft")
def redraft(request: Request, desk: AtDesk, by: Analyst, number: str) -> Response:
    """Begins a new edition of the same days, and leads to the page that tells how far it is."""
    home, now, title = desk.home, desk.now(), _edition(desk, number).title

    def make(show: Listener) -> Done:
        made = services.redraft(home, number, now, show=show)
        write_down(desk, by, "draft edition", made.number)
        return Done(f"/reports/editions/{made.number}")

    return RedirectResponse(f"/progress/{desk.works.begin(title, now, make, here='/reports').id}", 303)


@router.post("/reports/editions/{number}/send")
def send(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    number: str,
    to: Annotated[list[str], Form()] = [],  # noqa: B006
    test: Annotated[str, Form()] = "",
) -> Response:
    """Hands it over, or sends a test that is marked as one."""
    made = services.send(desk.home, number, [name for name in to if name], desk.now(), test=bool(test))
    write_down(desk, by, "test edition" if test else "send edition", number, ", ".join(to))
    said = translate("写好 {n} 封，结果见投递记录。", language(request), n=made)
    return go(request, f"/reports/editions/{number}", said)


@router.get("/reports/editions/{number}/diff")
def diff(request: Request, desk: AtDesk, number: str, other: str = "") -> Response:
    """Differences from another edition."""
    found, before = _edition(desk, number), _edition(desk, other)
    query = {"other": other}
    values = {
        "e": found,
        "other": before,
        "changes": services.diff(desk.home, other, number),
        "left_out": services.left_out(desk.home, other, number),
        "twins": [
            (kind.upper(), address(f"/reports/editions/{number}/diff.{kind}", query))
            for kind in ("json", "csv")
        ],
    }
    return render(request, "diff", values, here="/reports")


@router.get("/reports/editions/{number}/diff.json")
def diff_record(desk: AtDesk, number: str, other: str) -> Response:
    """The differences as JSON."""
    return as_json(
        [{"what": c.what, "before": c.before, "after": c.after} for c in _changes(desk, number, other)]
    )


@router.get("/reports/editions/{number}/diff.csv")
def diff_table(desk: AtDesk, number: str, other: str) -> Response:
    """The differences as a table."""
    rows = [(c.what, c.before, c.after) for c in _changes(desk, number, other)]
    return as_csv(("what", "before", "after"), rows, "diff")


def _changes(desk: Desk, number: str, other: str) -> list[Change]:
    return services.diff(desk.home, _edition(desk, other).number, _edition(desk, number).number)


@router.get("/reports/editions/{number}/{name}")
def file(desk: AtDesk, number: str, name: str) -> Response:
    """One of its files, or all as ZIP; 403 for a sealed one, 400 for one that is not as it was printed."""
    found = _edition(desk, number)
    if found.sealed:
        raise HTTPException(403, f"{number} is sealed: something in it was forgotten.")
    if not name.startswith(f"{found.number}."):
        raise HTTPException(404)  # its record holds what was struck
    if name == f"{found.number}.zip":
        pack = io.BytesIO()
        export(desk.home, found.number, pack)
        kept = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(pack.getvalue(), media_type="application/zip", headers=kept)
    archive = Editions(desk.home)
    check_whole(archive, found)
    return file_of(archive.folder(number), name)


@router.post("/reports/editions/{number}/held")
def held(
    desk: AtDesk,
    by: Admin,
    number: str,
    name: Annotated[str, Form(max_length=200)],
    why: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """A file of a sealed edition, for whoever must look at what is held; written down with the reason."""
    found = _edition(desk, number)
    if not found.sealed:
        raise UsageError(f"{number} is not sealed.", remedy="Open its page.")
    if not clean(why):
        raise UsageError("The reason for opening a sealed edition is missing.", remedy="Write it down.")
    archive = Editions(desk.home)
    check_whole(archive, found)
    answer = file_of(archive.folder(number), name)
    write_down(desk, by, "open sealed edition", number, f"{name}: {clean(why)}")
    return answer
