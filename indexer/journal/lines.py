"""Lines of the journal: a raw document each, written and read, or a fault with its reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import orjson

from fengping.errors import UsageError
from fengping.models import RawDocument

_REQUIRED = frozenset({"id", "source", "text", "fetched_at"})


class Fault(StrEnum):
    """Reason why a line holds no document."""

    DAMAGED = "damaged"
    """A closed segment that is missing, or is not what was written: none of it is read."""
    CORRUPT = "corrupt"
    """A line that is no raw document."""
    TORN = "torn"
    """The last line of a process that died while writing it."""
    ERASED = "erased"
    """A document that was forgotten on purpose."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal: a document, or a fault with its reason and bytes."""

    file: str
    number: int
    """Counted from 1, the header included, so that an editor finds it."""
    document: RawDocument | None
    fault: Fault | None = None
    reason: str = ""
    data: bytes = b""


def encode(document: RawDocument) -> bytes:
    """One line: the document's record without those empty fields that are read back as empty."""
    record = {
        name: value
        for name, value in document.to_record().items()
        if value not in ("", None) or name in _REQUIRED
    }
    record["engagement"] = {k: v for k, v in record["engagement"].items() if v is not None}
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # Half a surrogate pair, cut by some platform's length limit, is no text in any encoding.
        whole = {k: _mended(v) if isinstance(v, str) else v for k, v in record.items()}
        return orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)


def _mended(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def decode(file: str, number: int, data: bytes) -> Line:
    if data.isspace():
        return Line(file, number, None, Fault.ERASED)
    try:
        return Line(file, number, RawDocument.from_record(orjson.loads(data)))
    except (KeyError, ValueError, TypeError, AttributeError, UsageError) as error:
        kind = type(error).__name__
        return Line(file, number, None, Fault.CORRUPT, f"no raw document ({kind}: {error})", data)


def fingerprint(document: RawDocument) -> bytes:
    """8 bytes that are equal where two versions of a document say the same: title, text, time, engagement
    and place on a hot list."""
    said = [document.title, document.text, str(document.published_at), str(document.engagement)]
    if (document.rank, document.heat) != (None, None):  # others keep the print of earlier versions
        said.append(f"{document.rank} {document.heat}")
    return hashlib.blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=8).digest()
