"""登记: a host, or further names of one, tried on real posts before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from fengping.errors import ConfigError, FengpingError, StoreError, UsageError
from fengping.progress import Listener, Step
from fengping.services import naming
from fengping.services.hosts import add_host, load_registry
from fengping.web.accounts.door import Analyst, Filled, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.rendering import address, language, render, translate, without_token
from fengping.web.showing import row
from fengping.web.working import Done

router = APIRouter()
FIELDS = {
    "aliases": "别名",
    "misspellings": "常见错字",
    "handles": "账号名（@ 后才算）",
    "platforms": "平台",
    "context": "佐证词",
    "not": "包含它的别的词",
    "unless": "旁边有这些就不是",
}
"""Keys of the home's file that a form sets, each a list."""
REASONS = {
    "not after @": "不在 @ 之后",
    "out of its dates": "不在有效日期内",
    "no context": "旁边没有佐证词",
    "a number": "只是一个数字",
    "another bearer of the name": "是同名的别人",
    "part of a longer name": "是更长的名字的一部分",
}
Line = Annotated[str, Query(max_length=1000)]
Field = Annotated[str, Form(max_length=1000)]


@router.get("/registry")
def registry(request: Request, desk: AtDesk, name: Line = "", ambiguous: Line = "") -> Response:
    """The form, and its names where they stand in stored posts."""
    if (clean := without_token(request)) is not None:
        return clean
    given = {key: request.query_params.get(key, "")[:1000] for key in FIELDS}
    return _page(request, desk, name, given, ambiguous)


def _page(
    request: Request,
    desk: Desk,
    name: str,
    given: Mapping[str, str],
    ambiguous: str,
    refused: FengpingError | None = None,
) -> Response:
    """The page with what was typed into its form, and why that was *refused*."""
    known = load_registry(desk.home)
    values: dict[str, Any] = {
        "name": name,
        "given": given,
        "ambiguous": ambiguous,
        "fields": FIELDS,
        "reasons": REASONS,
        "tried": None,
        "refused": refused,
        "hosts": [host.name for host in known.hosts],
        "kept": known.by_name.get(name.strip()),
        "size": len(known.hosts),
        "bearing": 0,
    }
    if name.strip() and refused is None:
        try:
            with desk.store() as store:
                tried = naming.try_host(desk.home, store, _table(name, given), _pairs(ambiguous))
                if values["kept"]:
                    values["bearing"] = naming.waiting(desk.home, store, values["kept"].name)
            values["tried"] = tried
            values["rows"] = {
                one.name: [(row(place.document), place) for place in one.places] for one in tried.names
            }
        except FengpingError as error:
            values["refused"] = error
    return render(request, "registry", values, here="/hosts", status=400 if refused else 200)


@router.get("/registry.json")
def as_record(desk: AtDesk) -> Response:
    """The registry as JSON."""
    return as_json([host.model_dump(mode="json") for host in load_registry(desk.home).hosts])


@router.get("/registry.csv")
def as_table(desk: AtDesk) -> Response:
    """The registry as a table."""
    columns = ("name", "kind", "aliases", "misspellings", "handles", "platforms", "context")
    hosts = [host.model_dump() for host in load_registry(desk.home).hosts]
    rows = [["、".join(c) if isinstance(c := h[n], tuple | list) else c for n in columns] for h in hosts]
    return as_csv(columns, rows, "registry")


@router.post("/registry")
def keep(
    request: Request, desk: AtDesk, by: Analyst, form: Filled, name: Field = "", ambiguous: Field = ""
) -> Response:
    """Writes it into the home's hosts.toml."""
    given = {key: form.get(key, "")[:1000] for key in FIELDS}
    try:
        if not name.strip():
            raise UsageError("The name is missing.", remedy="Give the name under which figures are counted.")
        known = add_host(desk.home, _table(name, given), _pairs(ambiguous))
    except (UsageError, ConfigError) as error:
        return _page(request, desk, name, given, ambiguous, error)
    write_down(desk, by, "add names" if known else "add host", name, f"{given} {ambiguous}")
    try:
        with desk.store() as store:
            left = naming.waiting(desk.home, store, name.strip())
    except StoreError:
        left = 1  # it cannot tell
    said = f"已写入 hosts.toml，以后入库的都算{'；已入库的要重判一次。' if left else '。'}"
    said = translate(said, language(request))
    return go(request, address("/registry", name=name.strip()), said)


@router.post("/registry/rejudge")
def judge_anew(request: Request, desk: AtDesk, by: Analyst, name: Field) -> Response:
    """Begins to judge what names the host by the registry as it is now."""
    home, now, lang = desk.home, desk.now(), language(request)
    naming.spoken_of(home, name)
    write_down(desk, by, "judge anew", name)

    def make(show: Listener) -> Done:
        show(Step("index", 0, 1, "index"))
        done = naming.judge_anew(home, name)
        said = translate("重判了 {n} 条，{k} 条变了。", lang, n=f"{done.read:,}", k=f"{done.changed:,}")
        if not done.read:
            said = translate("没有要重判的：说到 {name} 的都已按现在的登记判过。", lang, name=name)
        return Done(f"/hosts/{quote(name)}", said)

    title = translate("重判说到 {name} 的信息", lang, name=name)
    return RedirectResponse(f"/progress/{desk.works.begin(title, now, make, here='/hosts').id}", 303)


def _table(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The form in the words of the home's file."""
    return {"name": name.strip()} | {key: _words(text) for key, text in given.items()}


def _words(text: str) -> list[str]:
    parts = text.replace("，", "、").replace(",", "、").split("、")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _pairs(text: str) -> list[str]:
    """``小明=直播间、带货；阿明=橱窗`` as ``ALIAS=WORD,WORD`` each."""
    pairs = [pair.strip() for pair in text.replace(";", "；").replace("\n", "；").split("；") if pair.strip()]
    return [pair.replace("，", ",").replace("、", ",") for pair in pairs]
