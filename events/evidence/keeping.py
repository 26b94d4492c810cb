"""Documents kept as evidence, looked at again later, held until they are released."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import delete, insert, select, update

from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.evidence.archive import Archive
from fengping.events.evidence.capture import Fetch, Picture, Refused, about, warc
from fengping.home import Home
from fengping.models import Document
from fengping.state import State

LOOKS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""After so long an address is looked at again."""
LARGEST = 10 << 30
"""Bytes of the whole archive."""
GONE = {404, 410, 451}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Kept:
    """Outcome for one document."""

    document: str
    kinds: tuple[str, ...]
    missing: tuple[str, ...]
    """Sentences on what could not be kept."""


def archive(home: Home) -> Archive:
    """The home's archive."""
    return Archive(home.var / "evidence")


def keep(
    home: Home, documents: Iterable[Document], now: datetime, fetch: Fetch, shoot: Picture, why: str = ""
) -> list[Kept]:
    """Keeps text, response and picture of each document and puts it on hold; one on hold stays as it is."""
    store, done = archive(home), []
    wanted = list(documents)
    with State.open(home).begin() as connection:
        held = set(connection.scalars(select(tables.holds.c.document)))
    for document in wanted:
        if document.id in held:
            continue
        done.append(_keep(store, document, now, fetch, shoot))
        with State.open(home).begin() as connection:
            connection.execute(insert(tables.holds).values(document=document.id, at=now, why=why, looks=0))
    return done


def _keep(store: Archive, document: Document, now: datetime, fetch: Fetch, shoot: Picture) -> Kept:
    kinds, missing = ["text"], []
    record = orjson.dumps(document.raw.to_record(), option=orjson.OPT_INDENT_2)
    store.add(document.id, "text", record, now)
    url = document.raw.url
    if store.size() > LARGEST:
        missing.append(f"The archive is full ({LARGEST >> 30} GB).")
    elif not url:
        missing.append("It has no address.")
    else:
        try:
            answer = fetch(url)
            store.add(document.id, "response", warc(url, answer, now), now)
            described = about(url, answer, now) | {"text_sha256": text_hash(answer.text)}
            store.add(document.id, "about", orjson.dumps(described), now)
            kinds += ["response", "about"]
            store.add(document.id, "picture", shoot(url), now)
            kinds.append("picture")
        except Refused as reason:
            missing.append(str(reason))
    for sentence in missing:
        store.add(document.id, "missing", None, now, sentence)
    return Kept(document.id, tuple(kinds), tuple(missing))


def text_hash(html: str) -> str:
    """A hash of what a page says, without its markup, scripts and spaces."""
    bare = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]+>", " ", html)
    return hashlib.sha256(_SPACES.sub("", bare).encode("utf-8", "replace")).hexdigest()


def look_again(home: Home, now: datetime, fetch: Fetch) -> list[tuple[str, str]]:
    """Looks at every address that is due: ``(document, unchanged | changed | gone | unknown)``."""
    store, found, state = archive(home), [], State.open(home)
    with state.begin() as connection:
        rows = connection.execute(select(tables.holds)).fetchall()
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
    kept = next((piece for piece in store.pieces(document) if piece.kind == "about"), None)
    if kept is None:
        return "unknown"
    described = orjson.loads(store.object(kept.sha256).read_bytes())
    try:
        answer = fetch(described["url"])
    except Refused:
        return "unknown"
    if answer.status in GONE:
        return "gone"
    if answer.status >= 400:
        return "unknown"
    return "unchanged" if text_hash(answer.text) == described["text_sha256"] else "changed"


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
        return sorted(set(documents) & set(connection.scalars(select(tables.holds.c.document))))


def release(home: Home, documents: Sequence[str]) -> None:
    """Ends the hold of *documents*. Raises :class:`UsageError` for one that is not held."""
    free = sorted(set(documents) - set(held(home, documents)))
    if free:
        raise UsageError(f"{free[0]} is not on hold.", remedy="fengping evidence verify lists what is held.")
    with State.open(home).begin() as connection:
        connection.execute(delete(tables.holds).where(tables.holds.c.document.in_(documents)))
