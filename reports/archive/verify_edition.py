"""Checks a signed edition of a report without fengping: Python 3.9 or later, and ``cryptography``.

    python verify_edition.py [FOLDER] [--key FINGERPRINT]

FOLDER (by default the one of this file) is an edition as it was exported: its files, ``manifest.json`` with
their hashes, and ``manifest.sig``. FINGERPRINT is the issuer's public key as ``fengping evidence key`` prints
it; ask the issuer for it by another way than the edition came by. Take this file, too, from where you trust
it: whoever alters an edition can alter the copy beside it. Exit 0: it is as it was signed; 1: it is not.

Signed is what was printed, by whom and when, and how long the archive of evidence was. Evidence is unchanged
since it was captured there; whether a page told the truth is not said.
"""

# ruff: noqa: T201
import sys

if __name__ == "__main__" and __file__.startswith(sys.path[0]):
    sys.path.pop(0)  # what was put beside this file is checked, and not run as json.py would be

import argparse
import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


def sum_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sum_of_facts(report: Mapping[str, Any]) -> str:
    """SHA-256 of the facts of a report's JSON: keys sorted, no spaces, UTF-8."""
    facts = json.dumps(report["facts"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(facts.encode()).hexdigest()


def files_in(folder: Path) -> dict[str, Path]:
    """Files of an edition by their names within its folder; hidden ones are left out."""
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path for name, path in sorted(names.items()) if not f"/{name}".count("/.")}


def differing(
    there: Mapping[str, str], listed: Mapping[str, str], may_lack: Collection[str] = ()
) -> list[str]:
    """One sentence for each file that is not *there* with the hash that is *listed*, or not listed at all."""
    found = [f"{name} is missing." for name in sorted(set(listed) - set(there) - set(may_lack))]
    for name in sorted(set(there) - {MANIFEST, SIGNATURE}):
        if name not in listed:
            found.append(f"{name} is not listed in {MANIFEST}.")
        elif there[name] != listed[name]:
            found.append(f"{name} was changed since it was printed.")
    return found


def faults(folder: Path, key: str = "") -> list[str]:
    """One sentence for everything in *folder* that is not as it was signed, by *key* where one is given."""
    try:
        content, signature = ((folder / name).read_bytes() for name in (MANIFEST, SIGNATURE))
    except FileNotFoundError as error:
        return [f"{Path(error.filename).name} is missing: the edition is not signed."]
    try:
        manifest = json.loads(content)
        if not is_signed(content, signature, manifest["key"]):
            return [f"The signature is not that of {MANIFEST}."]
    except (ValueError, KeyError, TypeError):
        return [f"{MANIFEST} cannot be read."]
    found = []
    if key and key.strip().lower() != manifest["key"]:
        found.append(f"It is signed by another key: {manifest['key']}.")
    there = {name: sum_of(path) for name, path in files_in(folder).items()}
    found += differing(there, {**manifest["files"], **manifest["inner"]}, manifest["inner"])
    report = folder / f"{manifest['number']}.json"
    if not found and report.is_file() and sum_of_facts(json.loads(report.read_bytes())) != manifest["facts"]:
        found.append(f"The facts of {report.name} are not those that were signed.")
    return found


def is_signed(content: bytes, signature: bytes, key: str) -> bool:
    """True where *signature*, 128 small hexadecimal digits and the line's end, is *key*'s of *content*."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        plain = bytes.fromhex(signature.decode("ascii"))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(plain, content)
    except (InvalidSignature, ValueError):
        return False
    return f"{plain.hex()}\n".encode() == signature


def main() -> int:
    """Prints what was found; the exit code."""
    parser = argparse.ArgumentParser(description="Checks a signed edition of a report.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", default="", help="public key of the issuer, 64 hexadecimal digits")
    given = parser.parse_args()
    found = faults(given.folder, given.key)
    if found:
        print("NOT AS SIGNED 与签发时不符", *found, sep="\n")
        return 1
    signed = json.loads((given.folder / MANIFEST).read_bytes())
    print(f"AS SIGNED 与签发时一致: {signed['number']}, {signed['signed_by']}, {signed['signed_at']}")
    print(
        f"key 公钥: {signed['key']}", "" if given.key else "(compare with the issuer's 请与出具方公布的核对)"
    )
    for head in signed["evidence"]:
        print(f"evidence 证据清单: {head['length']} lines, head {head['head']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
