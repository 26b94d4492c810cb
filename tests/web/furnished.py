"""A home in which everything has been done once, and the address of every page over it."""

from __future__ import annotations

import importlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from pkgutil import iter_modules

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from tests.making import document
from tests.web.conftest import HOST, HOSTILE, NOW, RULE
from tests.web.test_event_pages import matters

from fengping.delivery import Message, Outbox
from fengping.errors import NotInstalled
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document
from fengping.progress import Listener, Step
from fengping.services import alert, claiming, edition, events, queries, tagging
from fengping.services.report import Wanted
from fengping.web import pages
from fengping.web.working import Done

CUSTOM = Wanted("custom", first="2020-11-01", last="2020-11-12")
OTHER = "林小禾"
NOON = 'name = "午班"\nkind = "frequency"\nnum_events = 4\n'
FIRST, SECOND = "custom-20201101-20201112-1", "custom-20201101-20201112-2"
"""A signed edition and a draft."""


def furnish(stock: Path, root: Path) -> Home:
    """Documents, one of them hostile, events, an alarm, silences, letters, queries, tags, two editions."""
    shutil.copytree(stock, root)
    home = Home.open(root)
    with closing(open_store(home)) as store:
        store.put([document(9000, NOW, f"退款 {HOSTILE} " + "很长的标题" * 60, negative_hosts=(HOSTILE,))])
        store.put(matters())
        store.put(_spread())
    home.alerts.mkdir()
    (home.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    (home.alerts / "noon.toml").write_text(NOON, encoding="utf-8")
    (home.alerts / "torn.toml").write_text('name = "残"\n', encoding="utf-8")
    events.update(home)
    alert.check(home, NOW, NOW)
    alert.silence(home, [f"key={HOST}"], NOW, by="周", reason="已知", lasting=timedelta(hours=2))
    Outbox.open(home).enqueue(Message("夜班", "x"), ["file"], NOW)
    queries.save(home, "退货", "退款 OR 假货", NOW, note="样例")
    tagging.tag(home, [matters()[0].id], add=["要看"], by="周", now=NOW)
    formats = ("html", "md")
    first = edition.draft(home, CUSTOM, NOW, formats)
    key = edition.keys(home, first.number)[0][0]
    edition.edit(home, first.number, edition.Action.REWORD, key, "改过的一句。", by="甲", now=NOW)
    edition.advance(home, first.number, edition.EditionState.REVIEWED, "甲", NOW)
    edition.advance(home, first.number, edition.EditionState.SIGNED, "乙", NOW)
    edition.send(home, first.number, ["file"], NOW)
    edition.draft(home, CUSTOM, NOW, formats)
    return home


def _spread() -> Iterator[Document]:
    """One affair of several days and publishers, with an answer."""
    for n in range(24):
        at = NOW - timedelta(days=0 if n >= 10 else 1, minutes=11 * n)
        made = document(
            8500 + n, at, f"{OTHER}直播间卖的锅铲用一次就断了柄，第{n}家买到的也断，售后不理，退一赔三未果",
            hosts=(OTHER,), negative_hosts=(OTHER,), issues=("C03",), platforms=("抖音",),
            act=Act.RESPONSE if n == 20 else Act.COMPLAINT, keywords=("锅铲", "断柄"),
        )  # fmt: skip
        yield replace(made, group=f"{n % 5:032x}")


def affair(home: Home) -> events.Event:
    """The event of several documents."""
    found = events.listed(home, events.Asked(party=OTHER), limit=10)
    return max(found, key=lambda one: one.documents)


def places(home: Home, app: FastAPI) -> dict[str, list[str]]:
    """Addresses of every page, by the path of its route; work that runs and work that failed stand by."""
    one = affair(home).id
    text, accused = matters()[0].id, OTHER
    running, failed = (_work(app, title) for title in ("采集一轮", "载入演示数据"))
    return {
        "/": ["/"],
        "/search": ["/search?q=退款", f"/search?q=退款&open={text}", f"/search?q=锅铲&open={text}",
                    "/search?q=(退款", "/search?q=没有这样的词"],
        "/documents/{identity}": [f"/documents/{text}", f"/documents/{document(9000, NOW).id}"],
        "/events": ["/events", "/events?q=没有这样的词"],
        "/events/{identity}": [f"/events/{one}"],
        "/hosts": ["/hosts", "/hosts?sort=rise"],
        "/hosts/{name}": [f"/hosts/{HOST}", f"/hosts/{accused}"],
        "/registry": ["/registry", "/registry?name=羽绒服"],
        "/compare": ["/compare", "/compare?one=退款&other=客服"],
        "/crosstab": ["/crosstab"],
        "/words": ["/words"],
        "/peaks": ["/peaks", "/peaks?by=hour"],
        "/alerts": ["/alerts", f"/alerts?key={HOST}&rule=夜班"],
        "/alerts/{firing:int}": ["/alerts/1"],
        "/alerts/rule": ["/alerts/rule", "/alerts/rule?was=夜班", "/alerts/rule?kind=frequency&num_events=x"],
        "/sources": ["/sources"],
        "/sources/{name}": ["/sources/ccn"],
        "/correct": ["/correct?order=newest", "/correct?order=random"],
        "/reports": ["/reports"],
        "/reports/editions/{number}": [f"/reports/editions/{FIRST}", f"/reports/editions/{SECOND}"],
        "/reports/editions/{number}/review": [f"/reports/editions/{SECOND}/review"],
        "/reports/editions/{number}/diff": [f"/reports/editions/{SECOND}/diff?other={FIRST}"],
        "/progress/{id}": [f"/progress/{running}", f"/progress/{failed}"],
        "/jobs": ["/jobs"],
        "/settings": ["/settings"],
        "/settings/channel": ["/settings/channel", "/settings/channel?kind=mail"],
        "/settings/who": ["/settings/who"],
        "/settings/recipient": ["/settings/recipient", "/settings/recipient?name=a&to=fil"],
        "/settings/route": ["/settings/route", "/settings/route?name=a&to=file&severity=critical"],
        "/queries": ["/queries"],
        "/audit": ["/audit"],
        "/keys": ["/keys"],
        "/login": ["/login"],
        "/claim/{seal}": [f"/claim/{claiming.sealed(home, 1)}"],
        "": ["/nothing"],
    }  # fmt: skip


FILES = ("/reports/{name}", "/reports/editions/{number}/{name}", "/search/export")
"""Routes that send a file and are no page."""


def pages_of_console() -> set[str]:
    """Paths of all pages: the GET routes of the console that are no files."""
    modules = (
        importlib.import_module(f"{pages.__name__}.{one.name}") for one in iter_modules(pages.__path__)
    )
    return {
        route.path
        for module in modules
        for route in getattr(module, "router", APIRouter()).routes
        if isinstance(route, APIRoute)
        and "GET" in route.methods
        and not route.path.endswith((".json", ".csv", ".zip"))
        and route.path not in FILES
    }


def _work(app: FastAPI, title: str) -> str:
    """Work that is half done, or that failed where its title speaks of the sample."""
    begun = threading.Event()

    def make(show: Listener) -> Done:
        show(Step("x", note="crawl", done=3, total=9))
        begun.set()
        if "演示" in title:
            raise NotInstalled("It cannot be.")
        threading.Event().wait(600)
        return Done("/")

    work = app.state.desk.works.begin(title, NOW, make, here="/")
    begun.wait(10)
    return str(work.id)
