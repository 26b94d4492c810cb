"""The manifest of an edition: hashes of its files, facts, end of the evidence, signer and time.

Once the edition is signed, the deployment's key signs its manifest. It stands in the state database and, with
the program that checks it, beside the files.
"""

from __future__ import annotations

import functools
import hashlib
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from fengping import signing
from fengping.clock import iso
from fengping.durable import sum_of
from fengping.events.evidence.anchors import anchors
from fengping.home import Home
from fengping.reports.archive import verify_edition
from fengping.reports.archive.editions import DONE, Edition, EditionState
from fengping.reports.archive.prints import GIVEN
from fengping.reports.archive.verify_edition import MANIFEST, SIGNATURE

CHECKER = "verify_edition.py"
_FRESH = 2_000_000_000
"""Nanoseconds within which a file may change twice without the clock of its changes showing it."""


def seal(home: Home, edition: Edition, folder: Path) -> Edition:
    """Writes manifest, signature and checker beside the files of an edition; the edition with both.

    Files that do not bear its number stay in the archive; the manifest lists them as ``inner``.
    """
    checker = Path(verify_edition.__file__).read_bytes()
    (folder / CHECKER).write_bytes(checker)
    sums = _sums(folder)
    given = {name: sum_ for name, sum_ in sums.items() if _is_given(edition, name)}
    signed = edition.state is EditionState.SIGNED
    value = {
        **_said_of(edition),
        "facts": verify_edition.sum_of_facts(orjson.loads((folder / f"{edition.number}.json").read_bytes())),
        "files": given,
        "inner": {name: sum_ for name, sum_ in sums.items() if name not in given},
        "evidence": [asdict(head) for head in anchors(home)],
        "key": signing.fingerprint(home) if signed else "",
    }
    manifest = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    signature = signing.sign(home, manifest.encode()) if signed else ""
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    if signature:
        (folder / SIGNATURE).write_text(f"{signature}\n", encoding="ascii")
    return replace(edition, manifest=manifest, signature=signature)


def faults(home: Home, edition: Edition, folder: Path, *, listed: bool = False) -> list[str]:
    """One sentence for everything that is not as it was printed, and once signed as it was signed; what is
    missing counts only where the edition is held.

    Of many that are *listed*, files whose size and times are those of an earlier look are not read again.
    """
    held, value = edition.is_held, _value(edition)
    if not folder.is_dir():
        return ["Its files are gone."] if held else []
    if not value:
        return _without_sums(edition, folder)
    sums = {**value["files"], **value.get("inner", {})}
    there = _sums(folder, listed=listed)
    if "inner" not in value:  # made of the sums that an earlier version kept: of no folders within
        there = {name: there[name] for name in there.keys() & sums}
    found = verify_edition.differing(there, sums, () if held else sums)
    if "inner" in value:
        signature = f"{edition.signature}\n" if edition.signature else None
        proofs = {MANIFEST: edition.manifest, SIGNATURE: signature}
        content = {name: _content(folder / name) for name in proofs}
        found += [
            f"{name} was changed since it was printed."
            for name, wanted in proofs.items()
            if content[name] != wanted and (held or content[name] is not None)
        ]
        if any(value.get(name) != said for name, said in _said_of(edition).items()):
            found.append(f"The state database says other than {MANIFEST} who made, reviewed or signed it.")
        if edition.state in DONE and not _is_signed(home, edition, value["key"]):
            found.append("Its signature is not that of the key of this deployment.")
    return found


def _said_of(edition: Edition) -> dict[str, str | None]:
    """What the state database and the manifest both say of an edition."""
    return {
        "number": edition.number, "issuer": edition.issuer, "made_at": iso(edition.made_at),
        "reviewed_by": edition.reviewed_by, "reviewed_at": iso(edition.reviewed_at),
        "signed_by": edition.signed_by, "signed_at": iso(edition.signed_at), "content": edition.hash,
    }  # fmt: skip


def _without_sums(edition: Edition, folder: Path) -> list[str]:
    """The same of an edition of a version that kept no sums but that of its JSON."""
    name = f"{edition.number}.json"
    try:
        data = orjson.loads((folder / name).read_bytes())
        data.pop("edition", None)
        content = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except FileNotFoundError:
        return [f"{name} is missing."] if edition.is_held else []
    except (ValueError, AttributeError):
        content = b""
    same = hashlib.sha256(content).hexdigest() == edition.hash
    return [] if same else [f"{name} was changed since it was printed."]


def heads_of(edition: Edition) -> list[dict[str, Any]]:
    """Ends of the archives of evidence when the edition was printed."""
    found: list[dict[str, Any]] = _value(edition).get("evidence", [])
    return found


def given_of(edition: Edition) -> list[str]:
    """Names of the files that are handed over, with those that prove them; none of an edition of a version
    that wrote no manifest."""
    if "inner" not in (value := _value(edition)):
        return []
    return [*value["files"], MANIFEST, *([SIGNATURE] if edition.signature else [])]


def _is_given(edition: Edition, name: str) -> bool:
    return name == CHECKER or name.startswith((f"{edition.number}.", f"{edition.number}-figures/"))


def _sums(folder: Path, *, listed: bool = False) -> dict[str, str]:
    """Hashes of the files in an edition's folder, without those that it was made from."""
    there = verify_edition.files_in(folder).items()
    own = {name: path for name, path in there if not name.startswith(f"{GIVEN}/")}
    return {name: _sum_seen(path) if listed else sum_of(path) for name, path in own.items()}


def _value(edition: Edition) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(edition.manifest or "{}")
    return value


def _is_signed(home: Home, edition: Edition, key: str) -> bool:
    manifest = edition.manifest.encode()
    return key in signing.keys(home) and signing.is_signed(manifest, edition.signature, [key])


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None


def _sum_seen(path: Path) -> str:
    found = path.stat()
    # The time of the last change of any kind (ctime) cannot be put back, as that of the content can.
    if time.time_ns() - found.st_ctime_ns < _FRESH:
        return sum_of(path)
    return _sum_of_state(path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@functools.lru_cache(8192)
def _sum_of_state(path: Path, _state: tuple[int, ...]) -> str:
    return sum_of(path)
