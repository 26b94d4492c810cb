"""词: words that rise against the period before, and rising names that no registry knows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from fengping.clock import parse_window
from fengping.errors import StoreError, UsageError
from fengping.indexer import Store
from fengping.indexer.search import Keyword, Term
from fengping.services.search import Asked
from fengping.services.trends import words
from fengping.services.trends.periods import Against
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import Days, Question, chosen, windowed
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen, window_of
from fengping.web.narrowing import chips, joined, narrowed
from fengping.web.rendering import address, render, state_of

router = APIRouter()
SHOWN = 60
LONGEST = 2_000
"""Words and names of the page, and of a file."""
QUICK = 4_000
"""Posts whose texts are read without being asked for it."""
SPANS = (7, 14, 28)
SHORTER = "Ask for a shorter period."
AGAINST = {"previous": "前一期", "year": "去年同期"}


@router.get("/words")
def page(
    request: Request,
    desk: AtDesk,
    asked: Question,
    days: Days = 7,
    against: str = "previous",
    names: str = "",
) -> Response:
    """The page; without days in the address the last *days* that hold posts.

    Names are looked for where that is quick, or where *names* asks for it: it reads every text.
    """
    values: dict[str, Any] = {
        "found": None,
        "refused": None,
        "days": days,
        "spans": SPANS,
        "against": against,
        "periods": {one.value: AGAINST[one.value] for one in Against},
        "window": None,
        "looked": False,
        "shown": SHOWN,
        "shorter": None,
    }
    try:
        chosen(against, AGAINST, "against")
        with desk.store() as store:
            given = asked
            asked = windowed(desk, store, asked, days)
            values["frozen"] = frozen(request, desk, "q", **window_of(given, asked))
            if asked.since or asked.until:
                found = _found(desk, store, asked, against, True if names else None, SHOWN)
                values["looked"] = bool(names) or found.n + found.n_before <= QUICK
                values |= {"found": found, "window": asked}
                since, until = parse_window(asked.since, asked.until)
                if since and until:
                    fitting = (span for span in reversed(SPANS) if timedelta(days=span) < until - since)
                    values["shorter"] = next(fitting, None)
    except UsageError as error:
        values["refused"] = error
    except StoreError as error:
        values["fault"] = error
    params = state_of(request)
    window = {"since": [asked.since or ""], "until": [asked.until or ""]}
    kept, query = narrowed({**params, **window}), asked.query

    def holding(word: str) -> str:
        """The address of the documents of which *word* is a key word."""
        return address("/search", kept, q=joined(query, Keyword("keywords", word)))

    def naming(name: str) -> str:
        """The address of the documents in which *name* stands."""
        return address("/search", kept, q=joined(query, Term(name)))

    values |= {"holding": holding, "naming": naming, "chips": chips("/words", params)}
    params |= {"days": [str(days)], **window, "names": []}
    values["twins"] = [(kind.upper(), address(f"/words.{kind}", params)) for kind in ("json", "csv")]
    values["asked_for"] = params
    return render(request, "words", values, here="/words")


@router.get("/words.json")
def as_record(desk: AtDesk, asked: Question, days: Days = 7, against: str = "previous") -> Response:
    """The same as JSON."""
    with desk.store() as store:
        asked = windowed(desk, store, asked, days)
        found = _found(desk, store, asked, against, True) if asked.since or asked.until else None
    if found is None:
        return as_json(None)
    return as_json(found.to_record(), found.words_left_out + found.names_left_out)


@router.get("/words.csv")
def as_table(desk: AtDesk, asked: Question, days: Days = 7, against: str = "previous") -> Response:
    """The words as a table."""
    with desk.store() as store:
        asked = windowed(desk, store, asked, days)
        found = _found(desk, store, asked, against, False) if asked.since or asked.until else None
    rising, left_out = (found.words, found.words_left_out) if found else ((), 0)
    rows = [(w.word, w.now.count, w.now.value, w.before.count, w.before.value, w.z) for w in rising]
    columns = ("word", "now", "share_now", "before", "share_before", "z")
    return as_csv(columns, rows, "words", left_out, SHORTER)


@router.get("/words/names.json")
def names_record(desk: AtDesk, asked: Question, days: Days = 7, against: str = "previous") -> Response:
    """Rising names that no registry knows, as JSON."""
    return as_json(*_names(desk, asked, days, against))


@router.get("/words/names.csv")
def names_table(desk: AtDesk, asked: Question, days: Days = 7, against: str = "previous") -> Response:
    """The same as a table."""
    columns = ("name", "now", "before", "first_seen", "beside", "sample")
    names, left_out = _names(desk, asked, days, against)
    records = [one | {"beside": "、".join(one["beside"])} for one in names]
    rows = [[one[name] for name in columns] for one in records]
    return as_csv(columns, rows, "names", left_out, SHORTER)


def _names(desk: Desk, asked: Asked, days: int, against: str) -> tuple[list[dict[str, Any]], int]:
    """The names, and how many a file leaves out."""
    with desk.store() as store:
        asked = windowed(desk, store, asked, days)
        found = _found(desk, store, asked, against, True) if asked.since or asked.until else None
    return ([one.to_record() for one in found.names], found.names_left_out) if found else ([], 0)


def _found(
    desk: Desk, store: Store, asked: Asked, against: str, names: bool | None, most: int | None = None
) -> words.Words:
    """Rising words; with *names*, or where it is ``None`` and the posts are few, names as well."""
    ask = partial(words.rising, desk.home, asked, against=against, limit=most or LONGEST, store=store)
    if names is not None:
        return ask(names=names)
    found = ask(names=False)
    return ask(names=True) if found.n + found.n_before <= QUICK else found
