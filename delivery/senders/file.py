"""A file of JSON lines, one message each, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import re
import time
from contextlib import suppress
from typing import IO, ClassVar

import orjson
from pydantic import field_validator

from fengping.clock import iso
from fengping.delivery.senders.channel import Channel, Office
from fengping.delivery.verdict import Outcome, Parcel, Verdict

NAME = "messages.jsonl"


class File(Channel):
    """Appends to a file in ``var/delivery/``."""

    registered_as: ClassVar[str] = "file"
    path: str = NAME
    """A plain name: a path would lead to the files that the home lives by."""

    @field_validator("path")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if not re.fullmatch(r"[\w-][\w.-]{0,127}", value):
            raise ValueError(
                f"{value!r} is no plain name. A file channel writes into var/delivery/ alone: "
                f"write the name of a file there, such as {NAME}"
            )
        return value

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        path = office.folder / self.path
        record = parcel.message.to_record() | {"sent_at": iso(parcel.now), "text": parcel.message.text()}
        line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "ab", buffering=0, opener=_no_link) as file:
                _lock(file, self.timeout)
                whole = file.seek(0, os.SEEK_END)
                try:
                    while line:
                        line = line[file.write(line) :]
                    os.fsync(file.fileno())
                except OSError:
                    with suppress(OSError):
                        file.truncate(whole)  # half a line would spoil the next one
                    raise
        except OSError as error:
            return Verdict(Outcome.REFUSED, f"{path}: {error.strerror or error}")
        return Verdict(Outcome.ACCEPTED, f"written to {path}")


def _no_link(path: str, flags: int) -> int:
    """Opens no symbolic link, which may lead to any file of the machine."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def _lock(file: IO[bytes], seconds: float) -> None:
    """Locks *file*; raises ``OSError`` where another program holds it for so long. Who waited beyond the end
    of the attempt would write the message beside the next one."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise OSError("another program holds it") from None
            time.sleep(0.02)
