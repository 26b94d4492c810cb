"""Affairs as a file for other programs: JSON Lines, an affair a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import orjson

from fengping.errors import UsageError
from fengping.events import Asked, Event, as_record
from fengping.events.building.candidates import Member
from fengping.events.matching.sketch import Part
from fengping.home import Home
from fengping.services import events
from fengping.services.search import one_of

FORMS = ("jsonl",)


def export(home: Home, asked: Asked, form: str, to: Path | IO[bytes]) -> int:
    """Writes every affair *asked* for, those told by most publishers first; gives their number.

    A file takes its name when it is whole. Raises :class:`UsageError` for a form that there is not, and a
    file that cannot be written.
    """
    one_of(form, FORMS, "--format")
    if not isinstance(to, Path):
        return _write(home, asked, to)
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as file:
            written = _write(home, asked, file)
        part.replace(to)
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return written


def _write(home: Home, asked: Asked, file: IO[bytes]) -> int:
    written = 0
    for event, members in events.with_members(home, asked):
        file.write(orjson.dumps(_record(event, members), option=orjson.OPT_APPEND_NEWLINE))
        written += 1
    return written


def _record(event: Event, members: Sequence[Member]) -> dict[str, Any]:
    told = [{"id": one.document, "role": _role(one.part), "parties": one.parties} for one in members]
    return {**as_record(event), "members": told}


def _role(part: Part) -> str:
    if Part.ACT in part:
        return "answer"
    return "charge" if Part.CHARGE in part else "other"
