"""Checks that ``doctor`` makes of what a home holds: a name and a function each.

A function returns what it found, in words, and raises :class:`FengpingError` where something is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from fengping.analysis import HostRegistry
from fengping.durable import refused
from fengping.errors import Damaged, Failed, user_name
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.journal import manifest
from fengping.indexer.pipeline.cursor import damaged
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.indexer.pipeline.refusing import another_topic
from fengping.indexer.pipeline.standing import check_groups
from fengping.indexer.pipeline.unjudged import elsewhere
from fengping.indexer.search import Folder
from fengping.reports.archive import Editions
from fengping.services.deployment import check_clocks, check_deployment, check_frontier, check_judge
from fengping.services.edition_files import faults_of
from fengping.services.evidence import verify
from fengping.state import State
from fengping.state.comparison import missing

Check = Callable[[Home], str]
_NAMED = 3
"""Files that a sentence names."""


def check_state(home: Home) -> str:
    """Compares the state database with what this version writes."""
    state = State.open(home)
    if lacking := missing(state):
        raise Damaged(
            f"The state database {state.url} lacks {', '.join(lacking)}.",
            remedy="fengping repair adds it, empty; a copy may hold what stood there.",
        )
    return f"{state.url}, schema {state.schema()}"


def check_state_whole(home: Home) -> str:
    """Compares the state database with what this version writes, and on SQLite looks at all its pages."""
    found = check_state(home)
    state = State.open(home)
    if not state.is_shared:
        with state.begin() as connection:
            said = connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
        if said != ["ok"]:
            raise Damaged(
                f"The state database {state.url} is damaged: {'; '.join(map(str, said))}.",
                remedy="Put back a copy of it.",
            )
    return found


def check_journal(home: Home) -> str:
    """Compares the closed segments' sizes on disk with the manifest."""
    return _journal(home, whole=False)


def check_journal_whole(home: Home) -> str:
    """Compares all content of the closed segments with the manifest."""
    return _journal(home, whole=True)


def _journal(home: Home, *, whole: bool) -> str:
    journal = open_journal(home)
    found = damaged(home, whole=whole)
    if found and journal.shared:
        raise another_topic(found)
    if whole and (left := journal.outlived()):
        raise Failed(left, remedy="Look at log.cleaner.enable of the brokers, and at their disks.")
    if found:
        raise Damaged(
            f"{len(found):,} segments of the journal are damaged: {'; '.join(found.values())}.",
            remedy="Put back copies of them, which are then read; or see fengping repair.",
        )
    known = manifest.load(home.journal)
    if known.damaged:
        raise Damaged(
            f"{known.damaged:,} lines of {home.journal / manifest.NAME} are damaged.",
            remedy="The segments they spoke of were read anew; fengping repair --yes writes it anew.",
        )
    facts = journal.facts()
    if large := journal.aside().too_large:
        raise Failed(f"{large} {facts}.")
    return facts


def check_index_whole(home: Home) -> str:
    """Compares the files of an embedded index with their checksums."""
    scheme, rest = home.path_url(home.config.store)
    if scheme != "tantivy":
        return f"{scheme} looks after its own files"
    folder = Folder(Path(rest), owner=home.identity)
    if found := folder.damaged():
        raise Damaged(
            f"{', '.join(found)} of the index {rest} is not what was written: its figures may be wrong.",
            remedy="Build it anew with: fengping reindex",
        )
    if lost := folder.columns().lost:
        raise Failed(
            f"Changes of {', '.join(sorted(lost))} may be lost.", remedy="Set them again with: fengping index"
        )
    return "all files are what was written"


def check_registry(home: Home) -> str:
    """Reads the registry of hosts as the judge does."""
    own = (*home.config.analysis.hosts, *home.registries)
    return f"{len(HostRegistry.load(own).hosts):,} hosts"


def check_judged(home: Home) -> str:
    """Counts the documents that could not be judged."""
    here = unjudged(home)
    if found := [*([here.sentence] if here.count else []), *(one.sentence for one in elsewhere(home))]:
        raise Failed(" ".join(found))
    return "every document that was read could be judged"


def check_own(home: Home) -> str:
    """Looks for files of the home that this user cannot read or write."""
    refuse_foreign(home)
    return "this user can read and write all"


def refuse_foreign(home: Home) -> None:
    """Raises :class:`Failed` where this user cannot read or write a file below ``var``."""
    found = list(refused(home.var))
    if found:
        rest = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        raise Failed(
            f"This user cannot read or write {len(found):,} files of the home: "
            f"{'; '.join(found[:_NAMED])}{rest}.",
            remedy=f"chown -R {user_name(os.geteuid())} {home.root}",
        )


def check_permissions(home: Home) -> str:
    """Looks whether others on this machine can read what the home holds."""
    names = (
        "salt",
        "signing.pem",
        "identity",
        "state.db",
        "journal",
        "quarantine",
        "alerts",
        "log",
        "index",
        "groups",
    )
    held = [home.var / name for name in names]
    open_to_all = [path.name for path in held if path.exists() and path.stat().st_mode & 0o007]
    if open_to_all and home.var.stat().st_mode & 0o007:
        raise Failed(
            f"Others on this machine can read {', '.join(open_to_all)} in {home.var}.",
            remedy=f"chmod -R o= {home.var}",
        )
    return "others cannot read it"


def check_evidence(home: Home) -> str:
    """Compares the archive of evidence with what the state database knows of it."""
    return _evidence(home, whole=False)


def check_evidence_whole(home: Home) -> str:
    """Compares also all that is kept with its hashes, and the lines with their signatures."""
    return _evidence(home, whole=True)


def _evidence(home: Home, *, whole: bool) -> str:
    found = verify(home, whole=whole)
    if found.faults:
        raise Damaged(
            f"The evidence is not as it was kept: {' '.join(found.faults[:_NAMED])}",
            remedy="fengping evidence verify names everything; put back a copy of var/evidence.",
        )
    return f"{found.lines:,} lines"


def check_editions(home: Home) -> str:
    """Compares the files of all editions with their manifests, and signatures with the deployment's key."""
    archive = Editions(home)
    every = archive.all()
    if wrong := {one.number: found for one in every if (found := faults_of(archive, one))}:
        said = "; ".join(f"{number}: {' '.join(found)}" for number, found in wrong.items())
        raise Damaged(
            f"{len(wrong):,} editions are not as they were printed: {said}",
            remedy="Put back their files from a backup.",
        )
    return f"{len(every):,} as they were printed"


CHECKS: dict[str, Check] = {
    "state database": check_state,
    "journal": check_journal,
    "host registry": check_registry,
    "repost groups": check_groups,
    "quarantine": check_judged,
    "files of the home": check_own,
    "permissions": check_permissions,
    "deployment": check_deployment,
    "judge": check_judge,
    "frontier": check_frontier,
    "clocks": check_clocks,
    "evidence": check_evidence,
    "editions": check_editions,
}
"""Made by every ``doctor``."""

DEEP: dict[str, Check] = {
    "state database": check_state_whole,
    "journal": check_journal_whole,
    "index files": check_index_whole,
    "evidence": check_evidence_whole,
}
"""Made by ``doctor --deep`` in their place or beside them: they read everything that is stored."""
