"""Documents kept as evidence, looked at again later, held until they are released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import delete, insert, select, update

from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.building.chunks import batched
from fengping.events.evidence.archive import Archive
from fengping.events.evidence.capture import NO_ANSWER, Fetch, Picture, Refused, about, text_of, warc
from fengping.events.evidence.comparing import compare
from fengping.home import Home
from fengping.models import Document
from fengping.state import State

LOOKS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""After so long an address is looked at again."""
TRIES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(days=1))
"""After so long an address that gave no answer is asked again."""
WAITING = -1
"""``looks`` of a document that is wanted and not kept yet: it is on no hold."""
_IN = 500
GONE = {404, 410, 451}
_COMPARED = ("text", "response", "about")
"""Pieces that a later answer of the address is compared with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Outcome for one document."""

    document: str
    kinds: tuple[str, ...]
    missing: tuple[str, ...]
    """Sentences on what could not be kept."""
    size: int
    """Bytes."""


def archive(home: Home) -> Archive:
    """The home's archive."""
    return Archive(home)


def want(home: Home, documents: Collection[str], now: datetime, why: str) -> None:
    """Has documents kept by the next run of the schedule; those on hold or waiting stay as they are."""
    holds = tables.holds
    with State.open(home).begin() as connection:
        known: set[str] = set()
        for chunk in batched(documents, _IN):
            known |= set(connection.scalars(select(holds.c.document).where(holds.c.document.in_(chunk))))
        rows = [
            {"document": id, "at": now, "why": why[:255], "looks": WAITING}
            for id in dict.fromkeys(documents) if id not in known
        ]  # fmt: skip
        if rows:
            connection.execute(insert(holds), rows)


def waiting(home: Home, limit: int) -> list[tuple[str, str]]:
    """Documents that are wanted, longest first, with what for."""
    holds = tables.holds.c
    query = select(holds.document, holds.why).where(holds.looks == WAITING)
    with State.open(home).begin() as connection:
        return [
            tuple(row) for row in connection.execute(query.order_by(holds.at, holds.document).limit(limit))
        ]


def unwant(home: Home, documents: Sequence[str]) -> None:
    """Takes documents that there are no more from those that wait."""
    holds = tables.holds.c
    with State.open(home).begin() as connection:
        for chunk in batched(documents, _IN):
            gone = holds.document.in_(chunk) & (holds.looks == WAITING)
            connection.execute(delete(tables.holds).where(gone))


def keep(
    home: Home, documents: Iterable[Document], now: datetime, fetch: Fetch, shoot: Picture, why: str = ""
) -> list[Kept]:
    """Keeps text, response and picture of each document and puts it on hold; one on hold stays as it is."""
    store, done, holds = archive(home), [], tables.holds
    room = int(home.config.evidence.largest_gb * (1 << 30)) - store.size()
    with State.open(home).begin() as connection:
        known = {row.document: row for row in connection.execute(select(holds))}
    for document in documents:
        before = known.get(document.id)
        if before is not None and before.looks != WAITING:
            continue
        kept = _keep(store, document, now, fetch, shoot, full=room <= 0)
        room -= kept.size
        done.append(kept)
        with State.open(home).begin() as connection:
            connection.execute(delete(holds).where(holds.c.document == document.id))
            values = {"document": document.id, "at": now, "why": why or (before.why if before else "")}
            connection.execute(insert(holds).values(**values, looks=0))
    return done


def _keep(
    store: Archive, document: Document, now: datetime, fetch: Fetch, shoot: Picture, *, full: bool
) -> Kept:
    record = orjson.dumps(document.raw.to_record(), option=orjson.OPT_INDENT_2)
    size = store.add(document.id, "text", record, now).size
    page = _keep_page(store, document, now, fetch, shoot, full=full)
    return replace(page, kinds=("text", *page.kinds), size=size + page.size)


def _keep_page(
    store: Archive, document: Document, now: datetime, fetch: Fetch, shoot: Picture, *, full: bool
) -> Kept:
    kinds, missing, size = list[str](), list[str](), 0
    url = document.raw.url
    if full:
        missing.append("The archive is full (evidence.largest_gb).")
    elif not url:
        missing.append("It has no address.")
    else:
        try:
            answer = fetch(url)
            size += store.add(document.id, "response", warc(url, answer, now), now).size
            store.add(document.id, "about", orjson.dumps(about(url, answer, now)), now)
            kinds += ["response", "about"]
            size += store.add(document.id, "picture", shoot(url), now).size
            kinds.append("picture")
        except Refused as reason:
            missing.append(str(reason))
    for sentence in missing:
        store.add(document.id, "missing", None, now, sentence)
    return Kept(document.id, tuple(kinds), tuple(missing), size)


def unanswered(home: Home, now: datetime) -> list[str]:
    """Documents on hold whose address gave no answer and is due to be asked again, longest first."""
    asked: dict[str, list[str]] = {}
    for piece in archive(home).pieces():
        if piece.kind == "missing" and piece.note.startswith(NO_ANSWER):
            asked.setdefault(piece.document, []).append(piece.at)
        elif piece.kind == "response" or piece.kind == "missing":  # it answered, or refuses for good
            asked.pop(piece.document, None)
    due = [
        id
        for id, times in asked.items()
        if len(times) <= len(TRIES) and parse_moment(times[-1]) + TRIES[len(times) - 1] <= now
    ]
    on_hold = set(held(home, due))
    return [id for id in due if id in on_hold]


def keep_again(
    home: Home, documents: Iterable[Document], now: datetime, fetch: Fetch, shoot: Picture
) -> list[Kept]:
    """Response and picture of documents whose text is kept; what is missing again is said again."""
    store = archive(home)
    room = int(home.config.evidence.largest_gb * (1 << 30)) - store.size()
    done = []
    for document in documents:
        if room <= 0:  # said of each once, when it was kept first
            break
        done.append(_keep_page(store, document, now, fetch, shoot, full=False))
        room -= done[-1].size
    return done


def look_again(home: Home, now: datetime, fetch: Fetch) -> list[tuple[str, str]]:
    """Looks at every address that is due: ``(document, unchanged | changed | gone | unknown)``.

    Changed is what the post says and its page does not show any more, whatever else moves on the page.
    """
    store, found, state = archive(home), [], State.open(home)
    with state.begin() as connection:
        rows = connection.execute(select(tables.holds).where(tables.holds.c.looks >= 0)).fetchall()
    for row in rows:
        if row.looks >= len(LOOKS) or row.at + LOOKS[row.looks] > now:
            continue
        finding = _look(store, row.document, fetch)
        store.add(row.document, "look", None, now, finding)
        found.append((row.document, finding))
        passed = sum(row.at + after <= now for after in LOOKS)
        with state.begin() as connection:
            holds = tables.holds
            connection.execute(update(holds).where(holds.c.document == row.document).values(looks=passed))
    return found


def _look(store: Archive, document: str, fetch: Fetch) -> str:
    kept = {
        piece.kind: store.object(piece.sha256) for piece in store.pieces(document) if piece.kind in _COMPARED
    }
    if len(kept) < len(_COMPARED):
        return "unknown"
    raw, described = (orjson.loads(kept[kind].read_bytes()) for kind in ("text", "about"))
    try:
        answer = fetch(described["url"])
    except Refused:
        return "unknown"
    if answer.status in GONE:
        return "gone"
    if answer.status >= 400:
        return "unknown"
    return compare(raw["title"], raw["text"], text_of(kept["response"].read_bytes()), answer.text)


def kept_states(home: Home) -> dict[str, tuple[str, str]]:
    """Documents kept as evidence with the last finding (kept, unchanged, changed, gone) and since when."""
    found: dict[str, tuple[str, str]] = {}
    for piece in archive(home).pieces():
        if piece.kind == "text":
            found[piece.document] = ("kept", piece.at)
        elif piece.kind == "look" and piece.note != "unknown":
            if found.get(piece.document, ("", ""))[0] != piece.note:
                found[piece.document] = (piece.note, piece.at)
        elif piece.kind == "erased":
            found.pop(piece.document, None)
    return found


def held(home: Home, documents: Collection[str]) -> list[str]:
    """Those of *documents* that are on hold."""
    with State.open(home).begin() as connection:
        kept = select(tables.holds.c.document).where(tables.holds.c.looks >= 0)
        return sorted(set(documents) & set(connection.scalars(kept)))


def awaited(home: Home, documents: Collection[str]) -> list[str]:
    """Those of *documents* that are wanted and not kept yet."""
    with State.open(home).begin() as connection:
        wanted = select(tables.holds.c.document).where(tables.holds.c.looks == WAITING)
        return sorted(set(documents) & set(connection.scalars(wanted)))


@dataclass(frozen=True, slots=True)
class Held:
    """The evidence of a home in numbers."""

    held: int
    waiting: int
    partly: int
    """Documents of which a part could not be kept."""
    reasons: tuple[tuple[str, int], ...]
    """Reasons with documents, the most frequent first."""

    @property
    def sentence(self) -> str:
        """The numbers in words."""
        said = f"{self.held:,} documents on hold as evidence, {self.waiting:,} wait to be kept"
        if not self.partly:
            return f"{said}."
        reasons = "; ".join(f"{why.rstrip('.')} ({count:,})" for why, count in self.reasons[:3])
        return f"{said}; of {self.partly:,} a part could not be kept: {reasons}."


def counted(home: Home) -> Held:
    """Counts of what is held, waits, and could not be kept."""
    with State.open(home).begin() as connection:
        rows = connection.execute(select(tables.holds.c.document, tables.holds.c.looks)).fetchall()
    kept = {row.document for row in rows if row.looks >= 0}
    lacking: dict[str, str] = {}
    for piece in archive(home).pieces():
        if piece.kind == "missing" and piece.document in kept:
            lacking[piece.document] = piece.note
        elif piece.kind == "response":
            lacking.pop(piece.document, None)
    reasons = Counter(lacking.values()).most_common()
    return Held(len(kept), len(rows) - len(kept), len(lacking), tuple(reasons))


def release(home: Home, documents: Sequence[str]) -> None:
    """Ends the hold of *documents*. Raises :class:`UsageError` for one that is not held."""
    free = sorted(set(documents) - set(held(home, documents)))
    if free:
        raise UsageError(f"{free[0]} is not on hold.", remedy="fengping evidence verify lists what is held.")
    with State.open(home).begin() as connection:
        connection.execute(delete(tables.holds).where(tables.holds.c.document.in_(documents)))
