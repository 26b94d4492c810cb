"""Golden records: named JSON values, kept one a line so that a version control shows them well."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Any

Records = Mapping[str, Any]
SLICE = 500
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_TYPES = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}


def load(file: Path) -> dict[str, Any]:
    """Records of *file*; none where it does not exist."""
    found: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
    return found


def save(file: Path, records: Records) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{_compact(name)}: {_compact(value)}" for name, value in records.items())
    file.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def plain(records: Records) -> dict[str, Any]:
    """Records as they come back from a file: tuples as lists, keys as text."""
    found: dict[str, Any] = json.loads(_compact(records))
    return found


def sliced(prefix: str, rows: Iterable[tuple[str, Any]], *, every: int) -> Iterator[tuple[str, Any]]:
    """One row of *every* as it is, and a digest of each :data:`SLICE` rows: many rows in few lines."""
    waiting = iter(rows)
    while part := list(islice(waiting, SLICE)):
        for key, value in part[::every]:
            yield f"{prefix} {key}", value
        yield f"{prefix} {part[0][0]} … {part[-1][0]}", digest(part)


def digest(value: Any) -> str:
    return hashlib.blake2b(_compact(value).encode(), digest_size=8).hexdigest()


def form(value: Any) -> Any:
    """The form of a JSON value: names with types; of a list that of all its members as one.

    Names that are data, such as those of hosts, stand as ``*``; one that not every member has ends in ``?``.
    """
    if isinstance(value, dict):
        named: dict[str, Any] = {}
        for name, one in value.items():
            key = name if _NAME.fullmatch(name) else "*"
            named[key] = _joined(named[key], form(one)) if key in named else form(one)
        return named
    if isinstance(value, list):
        forms = [form(one) for one in value]
        return [reduce(_joined, forms)] if forms else []
    return _TYPES[type(value)]


def _joined(one: Any, other: Any) -> Any:
    """The form that holds for values of both forms."""
    if isinstance(one, dict) and isinstance(other, dict):
        bare, others = ({name.removesuffix("?"): name for name in form} for form in (one, other))
        joined = {}
        for name in (*bare, *(name for name in others if name not in bare)):
            both = [form[names[name]] for form, names in ((one, bare), (other, others)) if name in names]
            certain = name in one and name in other
            joined[name if certain or name == "*" else f"{name}?"] = reduce(_joined, both)
        return joined
    if isinstance(one, list) and isinstance(other, list):
        return [_joined(one[0], other[0])] if one and other else one or other
    if isinstance(one, str) and isinstance(other, str):
        return "|".join(sorted({*one.split("|"), *other.split("|")}))
    return one if one == other else f"{_compact(one)} or {_compact(other)}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
