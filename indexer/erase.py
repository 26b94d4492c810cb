"""Erasure in the indexer: stores, repost groups, corrections, imports, side files, journal."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import delete

from fengping.erasure import Erased, Erasure, Holder, Stage, in_parts
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import arrivals, changes, corrections, tags
from fengping.indexer.drawn import drawn
from fengping.indexer.groups import log as groups_log
from fengping.indexer.importing.run import forget_imported, side_file_time
from fengping.indexer.journal import remembered
from fengping.indexer.journal.opening import open_journal
from fengping.indexer.pipeline import cursor as cursors
from fengping.indexer.pipeline.cursor import Regroups, StoredCursor
from fengping.indexer.pipeline.standing import check_groups, groups_folder, note_reached, open_groups, recover
from fengping.indexer.search import regrouping
from fengping.indexer.search.backends.opening import open_store, open_store_url
from fengping.indexer.search.protocol import Filter, Store
from fengping.state import State


def erase_stores(erasure: Erasure, *, come_again: bool = False) -> Erased:
    """Takes documents out of the home's store, of those it had before, and out of the repost groups; some
    may *come_again*, as other versions."""
    home, ids = erasure.home, erasure.ids
    cursor = StoredCursor(home.config.store)
    state = erasure.state()
    check_groups(home)  # before anything is removed
    with closing(open_store(home)) as store:
        store.fence(erasure.right.token)
        recover(state, cursor, store)
        if not come_again and _are_all(store, ids):
            with state.begin() as connection:
                arrivals.note_held(connection, holds=False)
        stored = store.delete(ids)
        changed = _leave_groups(home, state, cursor, store, ids)
        later = list(_clean_stores(home, state, store, ids, changed))
    return Erased({"stored": stored, "regrouped": len(changed)}, later=later)


def erase_state(erasure: Erasure) -> Erased:
    """Deletes corrections, draws, tags and notes; of imports it leaves nothing that brings documents back."""
    corrected, made = 0, corrections.corrections
    with erasure.state().begin() as connection:
        for part in in_parts(erasure.ids):
            corrected += connection.execute(delete(made).where(made.c.document_id.in_(part))).rowcount
            connection.execute(delete(drawn).where(drawn.c.document_id.in_(part)))
        changes.forget(connection, erasure.ids)
        forget_imported(connection, erasure.ids)
        tags.forget(connection, erasure.ids)
    return Erased({"corrections": corrected})


def erase_side_files(erasure: Erasure) -> Erased:
    """Takes lines about them out of the quarantine and of what imports set aside."""
    count = 0
    for path in sorted(erasure.home.quarantine.glob("*.jsonl")):
        at = side_file_time(path)
        with path.open("rb") as lines:
            read = list(lines)
        kept = [line for line in read if not _speaks(erasure, plain(line), at)]
        if len(kept) < len(read):
            part = path.with_name(path.name + ".part")
            part.write_bytes(b"".join(kept))
            part.replace(path)
            count += len(read) - len(kept)
    return Erased({"lines": count})


def erase_journal(erasure: Erasure) -> Erased:
    """Takes their lines out of the journal."""
    journal = open_journal(erasure.home)
    journal.erase(
        lambda document: document.id in erasure.ids,
        lambda line: _speaks(erasure, readings(line), None),
        at=erasure.now,
    )
    remembered.keep(erasure.home)
    return Erased(later=journal.lasting())


HOLDERS = (
    Holder(
        Stage.STORES,
        erase_stores,
        ("index_positions", "index_regroups", "index_grouped", "index_addresses", "index_unjudged"),
    ),
    Holder(
        Stage.STATE,
        erase_state,
        ("changes", "corrections", "imported", "imported_again", "tags"),
    ),
    Holder(Stage.FILES, erase_side_files),
    Holder(Stage.JOURNAL, erase_journal, ("journal_segments",)),
)


def refused_rows(home: Home) -> Iterator[tuple[str, datetime | None]]:
    """Rows that imports set aside, as text, and when."""
    for path in sorted(home.quarantine.glob("import-*.jsonl")):
        with path.open("rb") as lines:
            yield from ((plain(line), side_file_time(path)) for line in lines)


def plain(line: bytes) -> str:
    """A line of a side file with the escapes of its row undone."""
    cells: Collection[object] = ()
    with suppress(orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        data = orjson.loads(line)["data"]
        line += b"\n" + data.encode()
        cells = orjson.loads(data).values()
    return "\n".join([readings(line), *map(str, cells)])


def readings(line: bytes) -> str:
    """*line*, which need not be JSON or UTF-8, in every way in which its bytes may be meant."""
    raw = _BYTE.sub(lambda found: bytes([int(found[1], 16)]), line)
    texts = [line.decode("utf-8", "replace"), *(raw[at:].decode(code, "replace") for code, at in _CODES)]
    return "\n".join(html.unescape(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)) for text in texts)


_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BYTE = re.compile(rb"(?:\\+x|%)([0-9a-fA-F]{2})")
"""A byte as addresses have it, and as a side file has one that is no UTF-8."""
_CODES = (("utf-8", 0), ("gb18030", 0), *((f"utf-16-{order}", at) for order in ("le", "be") for at in (0, 1)))


def _speaks(erasure: Erasure, line: str, at: datetime | None) -> bool:
    return erasure.traces.within(line) or erasure.names(line, at)


def _are_all(store: Store, ids: Collection[str]) -> bool:
    """True where the store holds documents, and none but *ids*."""
    there = Filter()
    return 0 < store.count(there) <= len(ids) and all(id in ids for (id,) in store.columns(there, ("id",)))


def _leave_groups(
    home: Home, state: State, cursor: StoredCursor, store: Store, ids: Collection[str]
) -> Regroups:
    """Takes *ids* out of the repost groups; the other documents whose group that changes."""
    folder = groups_folder(home)
    if not folder.exists():
        return {}
    journal = open_journal(home)
    groups = open_groups(home, state, journal)
    with state.begin() as connection:
        reached = cursor.load(connection)
    if not groups.holds(ids):
        groups.close()
        return {}
    fresh = groups_log.fresh_of(folder)
    shutil.rmtree(fresh, ignore_errors=True)
    groups, changed = groups.without(ids, fresh)
    groups.close()
    with state.begin() as connection:
        # Noted first: killed after this, the next index run tells the store.
        cursor.note(connection, changed, groups.log, groups.count)
    groups_log.install(folder)
    note_reached(folder, reached, journal)
    store.update(regrouping(changed))
    with state.begin() as connection:
        cursor.rest(connection)
    return changed


def _clean_stores(
    home: Home, state: State, store: Store, ids: Collection[str], changed: Regroups
) -> Iterator[str]:
    """Takes *ids* out of the files of this store, and of others that the home had before; what must wait, in
    words."""
    if not store.expunge():
        yield (
            "Elasticsearch keeps deleted documents in its files until every copy of the index has caught up; "
            "they go with its next merges, or now with POST INDEX/_forcemerge?only_expunge_deletes=true."
        )
    with state.begin() as connection:
        urls = cursors.other_stores(connection, home.config.store)
    for url in urls:
        scheme, rest = home.path_url(url)
        if scheme == "memory" or (scheme == "tantivy" and not Path(rest).exists()):
            continue
        try:
            other = open_store_url(f"{scheme}:{rest}")
            other.delete(ids)
            other.update(regrouping(changed))
            other.expunge()
            other.close()
        except FengpingError as error:
            yield f"The store {url}, which this home had before, may still hold it: {error.message}"
