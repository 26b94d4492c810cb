"""校正: a queue of documents, one key a label, undo; accuracy is measured on a random sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.datastructures import ImmutableMultiDict

from fengping.errors import StoreError, UsageError
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.corrections import Correction
from fengping.indexer.search import COLUMNS, Range, flat
from fengping.models import Act, Document, Polarity
from fengping.reading import FACETS
from fengping.services import correct as services
from fengping.services import label_sample
from fengping.services.correct import Changes
from fengping.visible import visible
from fengping.web.accounts.door import Analyst, Filled, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.pages.documents import stored
from fengping.web.rendering import address, language, render, translate, way_back
from fengping.web.showing import ACTS, SIGNAL_WORDS, charged, cut, issue_names, pieces, row

router = APIRouter()
ORDERS = {"uncertain": "最没把握", "newest": "最新", "random": "随机抽样"}
LOW, HIGH = 0.35, 0.65
LOOKED = 300
"""Documents looked at for the queue."""
NEXT = 6
"""Documents of the queue on the page."""
SHORT = 40
"""Characters of a text that is only named."""
LISTED = 50
"""Drawn documents in a file."""
FIGURES = {"label": "倾向", "precision": "负面（查准）", "recall": "负面（查全）"}
YES = {"yes": True, "no": False}
LABELS = ("relevant", "consumer", "act", "target", "issue", "signal", "facet")
"""Fields of a form beside the polarity; of each it also sends what it showed, as ``had_act``."""
SAID = {
    "neg": "negative", "neu": "neutral", "pos": "positive", services.UNRELATED: "unrelated", "": "not judged",
}  # fmt: skip
"""Words of a refusal for the labels of the field ``polarity``."""
TONE_KEYS = {"neg": "1", "neu": "2", "pos": "3"}
WAITING = "（正在入库，结束后生效）"
"""Said of what an indexer at work takes in when it ends."""
HOST_KEYS, ISSUE_KEYS = "qwert", "asdf"


@router.get("/correct")
def correct(
    request: Request, desk: AtDesk, id: str = "", order: str = "uncertain", skip: int = 0
) -> Response:
    """The page: one document, its labels preset to the model's."""
    order, skip = order if order in ORDERS else "uncertain", max(0, skip)
    values: dict[str, Any] = {
        "d": None,
        "order": order,
        "orders": ORDERS,
        "skip": skip,
        "names": issue_names(),
        "acts": ACTS,
        "queue": [],
        "accuracy": {},
        "skipped": 0,
        "population": 0,
        "undo": request.query_params.get("undo", ""),
        "number": request.query_params.get("number", ""),
        "made": services.listed(desk.home)[-8:][::-1],
        "left": 0,
        "behind": 0,
        "tone_keys": TONE_KEYS,
        "twins": [(k.upper(), address(f"/correct.{k}", order=order)) for k in ("json", "csv")],
    }
    try:
        with desk.store() as store:
            drawn = label_sample.sample(desk.home, store, ahead=skip + NEXT if order == "random" else 0)
            values["accuracy"] = {FIGURES[name]: one for name, one in drawn.figures.items()}
            values["skipped"] = drawn.skipped
            values["population"] = store.count(label_sample.POPULATION)
            if order == "random":
                queue = store.get(drawn.waiting[skip : skip + NEXT])
            else:
                whole, values["behind"] = _queue(desk, store, order)
                queue = whole[skip : skip + NEXT]
                values |= {"left": len(whole), "looked": LOOKED}
            found = stored(store, id) if id else next(iter(queue), None)
        if found:
            values |= _choices(desk, found)
        after = [one for one in queue if not found or one.id != found.id][: NEXT - 1]
        values["queue"] = [replace(row(one), snippet=cut(pieces(one), SHORT)) for one in after]
    except StoreError as error:
        values["fault"] = error
    return render(request, "correct", values, here="/correct")


@router.get("/correct.json")
def as_record(desk: AtDesk, order: str = "uncertain") -> Response:
    """The queue as JSON."""
    queue, behind = _listed(desk, order)
    return as_json([document.to_record() for document in queue], behind)


@router.get("/correct.csv")
def as_table(desk: AtDesk, order: str = "uncertain") -> Response:
    """The queue as a table."""
    queue, behind = _listed(desk, order)
    return as_csv(COLUMNS, map(flat, queue), "queue", behind, "They come once these are corrected.")


def _listed(desk: Desk, order: str) -> tuple[list[Document], int]:
    with desk.store() as store:
        if order == "random":
            whole = label_sample.sample(desk.home, store, ahead=LISTED)
            found = store.get(whole.waiting[:LISTED])
            return found, label_sample.unanswered(desk.home, store) - len(found)
        return _queue(desk, store, order)


def _queue(desk: Desk, store: Store, order: str) -> tuple[list[Document], int]:
    """Documents to be looked at, without those that somebody corrected; how many older ones come after."""
    done = set(services.corrected_ids(desk.home))
    where = Filter(ranges=(Range("negative", LOW, HIGH),)) if order == "uncertain" else Filter()
    hits = store.search(where, limit=LOOKED, sort=Sort.NEWEST)
    found, behind = list(hits.documents), max(0, hits.total - LOOKED)
    left = [document for document in found if document.id not in done and document.first_in_group]
    if order == "uncertain":
        left.sort(key=lambda document: abs((document.judgement.negative or 0) - 0.5))
    return left, behind


def tone_of(desk: Desk, document: Document) -> str:
    """The label that a document bears: unrelated where a person said so, else its polarity."""
    if said := services.label_of(services.in_force(desk.home, document.id)):
        return said  # the store may not have it yet
    return document.judgement.polarity.value if document.judgement.polarity else ""


def _choices(desk: Desk, document: Document) -> dict[str, Any]:
    judged = document.judgement
    named = (*judged.hosts, *(judged.brands or ()), *(judged.parties or ()))
    hosts = list(dict.fromkeys([*charged(judged), *named]))
    return {
        "d": document,
        "pieces": pieces(document),
        "tone": tone_of(desk, document),
        "hosts": list(zip(HOST_KEYS + " " * len(hosts), hosts, strict=False)),
        "issues": list(zip(ISSUE_KEYS + " " * 14, judged.issues, strict=False)),
        "others": [code for code in issue_names() if code not in judged.issues],
        "further": (
            ("signal", "信号", "添加信号", judged.signals or (), SIGNAL_WORDS),
            ("facet", "专题", "添加专题", judged.facets or (), {name: name for name in FACETS}),
        ),
    }


@router.post("/correct")
def save(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    document: Annotated[str, Form()],
    polarity: Annotated[str, Form()],
    form: Filled,
    order: Annotated[str, Form()] = "uncertain",
    skip: Annotated[int, Form()] = 0,
    note: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keeps the labels that were changed in the form and goes on to the next document."""
    with desk.store() as store:
        before = stored(store, document)
        given, had = _labels(form, before)
        shown, stands = form.get("had_polarity"), tone_of(desk, before)
        other = shown not in (None, stands) and polarity != stands
        # Where somebody else changed it, the preset of an older form is nobody's word.
        tone = "" if other and polarity == (shown or Polarity.NEU) else polarity
        changes = _changes(tone, given, had, unrelated=_said_unrelated(desk, document))
        if other and (tone or not changes):
            raise UsageError(
                f"The polarity was changed meanwhile: it is {SAID[stands]} now, the form says"
                f" {SAID.get(polarity, polarity)}; nothing was written.",
                remedy="Look at it again, and repeat what is still wanted.",
            )
        settled = services.correct(
            desk.home, document, changes, by=by, note=note.strip() or "校正台", now=desk.now(),
            drawn=order == "random" and _was_drawn(desk, store, document, skip), store=store,
        )  # fmt: skip
    judged = before.judgement.polarity.value if before.judgement.polarity else ""
    # The log outlives what is forgotten: of those charged it names the hosts of a registry alone.
    hosts = {*before.judgement.hosts, *settled.correction.add_targets}
    named = ", ".join(name for name in given["target"] if name in hosts)
    write_down(
        desk, by, "correct", document,
        f"{judged or '–'} → {tone or stands}; {named}; {', '.join(given['issue'])}" + _also(changes),
    )  # fmt: skip
    lang = language(request)
    number = settled.correction.number
    begun = "".join(text for _, text, _ in cut(pieces(before), SHORT)) or document
    said = translate("已记下", lang) + translate("：", lang) + begun
    said += translate(WAITING, lang) if settled.waiting else ""
    if back:
        return go(request, way_back(back, "/correct"), said)
    return go(
        request, address("/correct", order=order, skip=skip or None, undo=document, number=number), said
    )


def _was_drawn(desk: Desk, store: Store, document: str, skip: int) -> bool:
    """True if the draw has come to *document*, or does with the next ones on the page."""
    return document in label_sample.sample(desk.home, store, ahead=max(0, skip) + NEXT).waiting


def _also(changes: Changes) -> str:
    flags = (("relevant", changes.relevant), ("consumer", changes.consumer))
    said = "".join(f"; {name} {flag}".lower() for name, flag in flags if flag is not None)
    return said + (f"; {changes.act}" if changes.act else "")


def _said_unrelated(desk: Desk, document: str) -> Correction | None:
    """The correction by which the last word of a person on its relevance is that it has none."""
    made = services.in_force(desk.home, document)
    last = next((one for one in reversed(made) if one.relevant is not None), None)
    return last if last and last.relevant is False else None


Labels = Mapping[str, Sequence[str]]
"""Values of :data:`LABELS`, none where a field is empty."""


def _labels(form: ImmutableMultiDict[str, str], document: Document) -> tuple[Labels, Labels]:
    """The labels that a form brings, and those that it showed when it was opened.

    Somebody else may have changed a label since. A form that does not tell what it showed is taken to have
    shown *document* as it stands.
    """
    judged = document.judgement
    words = {value: word for word, value in YES.items()}
    now: dict[str, list[str]] = {
        "relevant": [words[judged.relevant]],
        "consumer": [] if judged.consumer is None else [words[judged.consumer]],
        "act": [judged.act.value] if judged.act else [],
        "target": charged(judged),
        "issue": list(judged.issues),
        "signal": list(judged.signals or ()),
        "facet": list(judged.facets or ()),
    }
    every = (*judged.hosts, *charged(judged), *(judged.brands or ()), *(judged.parties or ()))
    names = {visible(name): name for name in every}

    def read(field: str) -> list[str]:
        return [names.get(value, value) for value in form.getlist(field) if value]

    had = {name: read(f"had_{name}") if f"had_{name}" in form else now[name] for name in LABELS}
    return {name: read(name) for name in LABELS}, had


def _changes(polarity: str, given: Labels, had: Labels, *, unrelated: Correction | None) -> Changes:
    """The labels that are otherwise in a form than it showed them.

    What is called unrelated concerns no consumer either, unless the form says so: reports count by that.
    A polarity given to what a person had called *unrelated* takes both words back; an empty one says nothing.
    """
    relevant, consumer, act = ("".join(given[name][:1]) for name in ("relevant", "consumer", "act"))
    wrong = [one for one in (relevant, consumer) if one not in ("", *YES)]
    wrong += [act] if act not in ("", *Act) else []
    if wrong:
        raise UsageError(f"Unknown label {wrong[0]!r}.", remedy="Choose one of the form.")
    if polarity not in ("", "none", *Polarity):
        raise UsageError(f"Unknown polarity {polarity!r}.", remedy="Choose neg, neu, pos or none.")
    chosen = {name: bool(given[name]) and given[name] != had[name] for name in LABELS[:3]}
    related = None if polarity != "none" else False
    concerns = YES[consumer] if chosen["consumer"] else None
    if chosen["relevant"]:
        related = YES[relevant]
    elif related is None and polarity and unrelated and not relevant:
        related = True
    if concerns is None and polarity == "none" and related is False and had["consumer"] != ["no"]:
        concerns = False
    elif concerns is None and related and unrelated and unrelated.consumer is False:
        concerns = True
    lists = {"accused": "target", "issues": "issue", "signals": "signal", "facets": "facet"}
    return Changes(
        polarity=None if polarity in ("", "none") else Polarity(polarity),
        relevant=related,
        consumer=concerns,
        act=Act(act) if chosen["act"] else None,
        **{f"add_{many}": [v for v in given[one] if v not in had[one]] for many, one in lists.items()},
        **{f"remove_{many}": [v for v in had[one] if v not in given[one]] for many, one in lists.items()},
    )


@router.post("/correct/undo")
def undo(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    document: Annotated[str, Form()],
    order: Annotated[str, Form()] = "uncertain",
    skip: Annotated[int, Form()] = 0,
    number: Annotated[int | None, Form()] = None,
) -> Response:
    """Takes the latest correction of a document back, if it is that *number*, and shows the document again,
    in the order it was met in."""
    with desk.store() as store:
        undone = services.undo(desk.home, document, by=by, now=desk.now(), store=store, number=number)
    write_down(desk, by, "undo correction", document)
    link = address("/correct", id=document, order=order, skip=skip or None)
    lang = language(request)
    said = translate("已撤销。", lang)
    return go(request, link, said + (translate(WAITING, lang) if undone.waiting else ""))
