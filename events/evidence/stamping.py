"""Time stamps of the manifest by a third party (RFC 3161): the last line's hash existed by then.

A stamp is an object of its own with a line in the manifest; its note is the hash that was stamped. As lines
are chained, it dates every line before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from fengping.errors import FengpingError
from fengping.events.evidence.archive import Archive, Piece

KIND = "stamp"
_SECONDS = 30

Ask = Callable[[bytes], bytes]
"""Sends a request in DER and gives the server's answer."""


class NotStamped(FengpingError):
    """No stamp was given; the message says why."""


def asker(url: str) -> Ask:
    """Asks the server at *url*. Raises :class:`NotStamped` where it gives no stamp."""

    def ask(request: bytes) -> bytes:
        import httpx2

        headers = {"Content-Type": "application/timestamp-query"}
        try:
            answer = httpx2.post(url, content=request, headers=headers, timeout=_SECONDS)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = error or type(error).__name__
            raise NotStamped(f"The time stamp server does not answer: {reason}.") from error
        if answer.status_code != 200:
            raise NotStamped(f"The time stamp server answers {answer.status_code}.")
        return answer.content

    return ask


def stamp(archive: Archive, now: datetime, ask: Ask) -> Piece | None:
    """Stamps the last line of the manifest; ``None`` where there is none or it is a stamp."""
    from rfc3161_client import TimestampRequestBuilder

    last = archive.last()
    if last is None or last.kind == KIND:
        return None
    answer = ask(TimestampRequestBuilder().data(last.own.encode()).build().as_bytes())
    piece_time(answer, last.own)
    return archive.add("", KIND, answer, now, last.own)


def piece_time(answer: bytes, own: str) -> datetime:
    """The time an *answer* gives for the line hash *own*. Raises :class:`NotStamped` for another's."""
    from rfc3161_client import decode_timestamp_response

    try:
        info = decode_timestamp_response(answer).tst_info
    except ValueError as error:
        raise NotStamped(f"The time stamp server gave no stamp: {error}.") from error
    algorithms = {64: hashlib.sha512, 32: hashlib.sha256}
    digest = info.message_imprint.message
    if len(digest) not in algorithms or algorithms[len(digest)](own.encode()).digest() != digest:
        raise NotStamped("The stamp is of something else.")
    return info.gen_time


def faults(archive: Archive) -> list[str]:
    """One sentence for every stamp that is not of the line it names."""
    found, lines = [], {piece.own: piece.number for piece in archive.pieces()}
    for piece in archive.pieces():
        if piece.kind != KIND or not archive.object(piece.sha256).exists():
            continue
        try:
            piece_time(archive.object(piece.sha256).read_bytes(), piece.note)
        except NotStamped:
            found.append(f"The time stamp of line {piece.number} is not of the line it names.")
        if lines.get(piece.note, piece.number) >= piece.number:
            found.append(f"The time stamp of line {piece.number} names no line before it.")
    return found
