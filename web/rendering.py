"""Pages as HTML: templates with their words in two languages, the frame around them, and the forms' token."""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from fengping import sentences
from fengping.clock import exactly, local
from fengping.errors import FengpingError
from fengping.indexer import Filter
from fengping.visible import visible
from fengping.web import charts, notices
from fengping.web.showing import charged, grounds

FOLDER = Path(__file__).parent
NAV = (
    (
        "查看",
        (
            ("/", "今日"),
            ("/search", "检索"),
            ("/events", "事件"),
            ("/hosts", "主播"),
            ("/compare", "对比"),
            ("/crosstab", "交叉表"),
            ("/words", "词"),
            ("/peaks", "峰值"),
        ),
    ),
    ("值守", (("/alerts", "预警"), ("/sources", "来源"), ("/correct", "校正"))),
    ("产出", (("/reports", "报告"),)),
    ("管理", (("/jobs", "任务"), ("/settings", "设置"), ("/audit", "审计"))),
)
TABS = (("/", "今日"), ("/search", "检索"), ("/events", "事件"), ("/alerts", "预警"), ("#menu", "更多"))
HEALTH = {"ok": "正常", "degraded": "变差", "failing": "失败", "silent": "沉默"}
"""Words for how a source is."""
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
KEYS = ("on", "off")
CHOSEN = {"lang": LANGUAGES, "theme": THEMES, "keys": KEYS}
"""Choices of a reader, remembered by the browser."""
PLACES = ("offset", "watched", "fired", "silenced", "logged", "open", "why", "exact")
"""Parameters that say where in a list a reader is: another question begins at its first page."""
TOKEN = "fp_token"
_INSIDE = re.compile(r"/(?![/\\])")
"""The beginning of a path that no browser reads as another host."""
_YEAR = 365 * 24 * 3600
PAUSE = Markup("<!-- -->")
"""Stands in a template where what comes next takes long: what was written so far is sent."""
Answer = TypeVar("Answer", bound=Response)
_ONE = re.compile(
    r"(?<![\d.,])1 (alarm|day|document|event|host|hour|week|minute|name|post|publisher|source|rule|text|time"
    r"|word)s\b"
)
"""One of what the English words have many of."""
WEEKDAYS = "一二三四五六日"


@functools.cache
def english() -> dict[str, str]:
    """The English words of the pages, by the Chinese ones that stand in the templates."""
    return tomllib.loads((FOLDER / "english.toml").read_text(encoding="utf-8"))


def translate(text: str, lang: str, **values: Any) -> str:
    """*text* in the page's language, with *values* put into it."""
    said = english().get(text, text) if lang == "en" else text
    if not values:
        return said
    return _ONE.sub(r"1 \1", said.format(**values)) if lang == "en" else said.format(**values)


def phrase(text: str, lang: str) -> str:
    """A text of the program that comes with its numbers in it, in the page's language."""
    if lang != "en" or text in english():
        return translate(text, lang)
    found = next(((m, said) for one, said in _phrases() if (m := one.fullmatch(text))), None)
    if found is None:
        return text
    said = found[1].format(**{name: phrase(part, lang) for name, part in found[0].groupdict().items()})
    return _ONE.sub(r"1 \1", said)


_HOLES = {"n": r"[\d.,]+"}
"""The hole that numbers alone go into."""


@functools.cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of the words that have holes, those with more words of their own first."""
    holed = [(re.split(r"\{(\w+)\}", chinese), said) for chinese, said in english().items() if "{" in chinese]
    holed.sort(key=lambda one: -sum(map(len, one[0][::2])))
    patterns = ["".join(map(_piece, parts, range(len(parts)))) for parts, _ in holed]
    return [(re.compile(pattern), said) for pattern, (_, said) in zip(patterns, holed, strict=True)]


def _piece(part: str, at: int) -> str:
    """A piece of a pattern: the words between holes, and every second one the name of a hole."""
    return f"(?P<{part}>{_HOLES.get(part, '.+?')})" if at % 2 else re.escape(part)


def number(value: float | None) -> str:
    """``12,345``; a dash for what is not known."""
    return "–" if value is None else f"{value:,.0f}"


def median(value: float | None) -> str:
    """A median of counts, which may lie halfway between two: ``8.5``, ``9``."""
    return "–" if value is None else f"{value:,.{0 if value == int(value) else 1}f}"


def percent(value: float | None, places: int = 1) -> str:
    """A share as ``12.3%``; a dash for what is not known."""
    return "–" if value is None else f"{value:.{places}%}"


def moment(value: datetime | None, form: str = "%m-%d %H:%M") -> str:
    """A time in Chinese time; a dash for none."""
    return "–" if value is None else local(value).strftime(form)


class Published(Protocol):
    """A document or a row of it, as far as its time is shown."""

    @property
    def published_at(self) -> datetime | None: ...
    @property
    def precision(self) -> str: ...


def dated(document: Published, lang: str = "zh") -> str:
    """The time a document was published, no finer than it is known."""
    if document.published_at is None:
        return translate("日期不明", lang)
    told = exactly(document.published_at, document.precision)
    return told.replace("时", "h") if lang == "en" else told


def address(path: str, params: Mapping[str, Any] | None = None, /, **more: Any) -> str:
    """*path* with the parameters that are set."""
    given = {
        name: value for name, value in {**(params or {}), **more}.items() if value not in (None, "", [], ())
    }
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def within(given: str, otherwise: str = "/") -> str:
    """An address of this console; *otherwise* for any other."""
    try:
        parts = urlsplit(given)
    except ValueError:  # half an address in brackets
        return otherwise
    inside = not parts.scheme and not parts.netloc and _INSIDE.match(parts.path)
    return parts.geturl() if inside else otherwise


def way_back(given: str, otherwise: str) -> str:
    """The page of this console that a form came from."""
    parts = urlsplit(within(given, otherwise))
    return address(parts.path, parse_qs(parts.query))


def state_of(request: Request) -> dict[str, list[str]]:
    """The parameters of an address that say what its page shows, and not how its reader wants it."""
    given = request.query_params
    return {name: given.getlist(name) for name in given if name not in (*CHOSEN, "token")}


def without_token(request: Request) -> Response | None:
    """The way to the same address without the token of a form whose other button was pressed."""
    if "token" not in request.query_params:
        return None
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "token" and value]
    return RedirectResponse(f"{request.url.path}?{urlencode(kept)}", 303)


def page_of(request: Request, back: str = "") -> str:
    """The page that a form stood on: as the browser names it, else *back*, the form's own word."""
    host, came = request.headers.get("host", ""), request.headers.get("referer", "").partition("://")[2]
    return way_back(came.removeprefix(host) if came.startswith(f"{host}/") else back, "/")


def _place(request: Request, here: str) -> tuple[str, dict[str, list[str]]]:
    """Path and parameters of the address at which the page is found again: of a form's answer, the form's."""
    if request.method in ("GET", "HEAD"):
        return request.url.path, state_of(request)
    parts = urlsplit(page_of(request, here))
    params = parse_qs(parts.query)
    return parts.path, {name: values for name, values in params.items() if name not in (*CHOSEN, "token")}


def web_link(url: str) -> str:
    """*url* where it leads to the web; nothing for a scheme that a browser would run."""
    return url if url.lower().startswith(("http://", "https://")) else ""


@functools.cache
def version_of(name: str) -> str:
    """A mark of a static file's content, so that it may be kept for ever."""
    return hashlib.blake2b((FOLDER / "static" / name).read_bytes(), digest_size=5).hexdigest()


_MARKS = str.maketrans(
    {"，": ", ", "：": ": ", "；": "; ", "（": " (", "）": ")", "、": ", ", "。": ". ", "\u3000": " "}
)
"""The punctuation of the templates on English pages."""


class _English(Extension):
    """Gives what stands between the words of a template the punctuation of English."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            marks = token.type == "data" or (token.type == "string" and token.value == "、")
            yield Token(token.lineno, token.type, token.value.translate(_MARKS)) if marks else token


@functools.cache
def environment(lang: str = "zh") -> Environment:
    """The templates; everything that is put into one is escaped, and spelled out where it is no text."""
    made = Environment(
        extensions=[_English] if lang == "en" else [],
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters |= {"n": number, "pct": percent, "usual": median, "when": moment, "web": web_link}
    made.filters["dated"] = functools.partial(dated, lang=lang)
    made.globals |= {
        "charts": charts,
        "address": address,
        "static": version_of,
        "health": HEALTH,
        "charged": charged,
        "grounds": grounds,
    }
    return made


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def language(request: Request) -> str:
    """The page's language: asked for, remembered, else Chinese."""
    return chosen(request, "lang") or "zh"


def chosen(request: Request, name: str) -> str:
    """A choice of the reader: asked for, remembered, else nothing, which follows the system."""
    asked = request.query_params.get(name) or request.cookies.get(f"fp_{name}", "")
    return asked if asked in CHOSEN[name] else ""


def render(
    request: Request, name: str, values: Mapping[str, Any], *, here: str, status: int = 200
) -> HTMLResponse:
    """The page *name* with *values*, in the reader's language and theme."""
    template, context = _page(request, name, values, here)
    return _remembering(request, HTMLResponse(template.render(context), status), context)


def stream(request: Request, name: str, values: Mapping[str, Any], *, here: str) -> StreamingResponse:
    """The same piece by piece: each ends where the template says :data:`PAUSE`, and is sent at once."""
    template, context = _page(request, name, values, here)
    pieces = _pieces(template.generate(context | {"pause": PAUSE}))
    return _remembering(request, StreamingResponse(pieces, media_type="text/html"), context)


def _pieces(written: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    for text in written:
        held.append(text)
        if text == PAUSE:
            yield "".join(held)
            held.clear()
    yield "".join(held)


def _page(
    request: Request, name: str, values: Mapping[str, Any], here: str
) -> tuple[Template, dict[str, Any]]:
    """The template of a page, and everything that it can name."""
    lang = language(request)
    token = request.cookies.get(TOKEN) or secrets.token_urlsafe(24)
    account = getattr(request.state, "account", None)
    params = state_of(request)
    with_ = functools.partial(address, *_place(request, here))
    context: dict[str, Any] = {
        "_": functools.partial(translate, lang=lang),
        "phrase": functools.partial(phrase, lang=lang),
        "told": functools.partial(sentences.told, lang=lang),
        "subject": functools.partial(sentences.subject, lang=lang),
        "put": functools.partial(sentences.put, lang=lang),
        "lang": lang,
        "theme": chosen(request, "theme"),
        "keys_off": chosen(request, "keys") == "off",
        "here": here,
        "nav": NAV,
        "tabs": TABS,
        "token": token,
        "account": account,
        "q": request.query_params.get("q", ""),
        "self_with": with_,
        "params": params,
        "places": PLACES,
        "path": request.url.path,
        "back": str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        "twins": (),
        "frozen": "",
        "linkable": request.method == "GET",
        "fault": "",
        "notice": notices.waiting(request),
        "bare": functools.partial(_bare, request),
        "may_write": account is None or account.may("analyst"),
    }
    return environment(lang).get_template(f"{name}.html"), context | dict(values)


def _bare(request: Request) -> bool:
    """True if nothing is stored, which is then the reason of every empty list."""
    try:
        with request.app.state.desk.store() as store:
            return not store.count(Filter())
    except FengpingError:
        return False


def _remembering(request: Request, answer: Answer, context: Mapping[str, Any]) -> Answer:
    """*answer* with the cookies of the page: the forms' token, what the reader chose, no notice any more."""
    if TOKEN not in request.cookies:
        answer.set_cookie(TOKEN, context["token"], httponly=True, samesite="strict")
    if context["notice"]:
        answer.delete_cookie(notices.COOKIE)
    for name, known in CHOSEN.items():
        if (value := request.query_params.get(name)) in known:
            answer.set_cookie(f"fp_{name}", value, max_age=_YEAR, httponly=True, samesite="lax")
    return answer
