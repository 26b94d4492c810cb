"""A folder with one folder a message: its text, its HTML and its attachments."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import orjson

from fengping.clock import local
from fengping.delivery.mail_page import page
from fengping.delivery.senders.channel import Channel, Office
from fengping.delivery.verdict import Outcome, Parcel, Verdict


class Folder(Channel):
    """Puts each message into a folder of its own, which appears complete; a repeat finds it there."""

    registered_as: ClassVar[str] = "folder"
    path: str
    """Taken from the home."""

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        message, root = parcel.message, office.root / self.path
        try:
            root.mkdir(parents=True, exist_ok=True)
            if there := next(root.glob(f"*-{message.id}"), None):
                return Verdict(Outcome.ACCEPTED, f"{there} is there already")
            place = root / f"{local(parcel.now):%Y-%m-%d}-{message.id}"
            half = Path(tempfile.mkdtemp(prefix=".", dir=root))
            try:
                half.chmod(0o755)
                (half / "message.json").write_bytes(orjson.dumps(message.to_record()))
                (half / "message.txt").write_text(message.text() + "\n", encoding="utf-8")
                (half / "message.html").write_text(page(message), encoding="utf-8")
                for number, attachment in enumerate(message.attachments, start=1):
                    (half / f"{number}-{attachment.name}").write_bytes(attachment.content)
                half.rename(place)
            finally:
                shutil.rmtree(half, ignore_errors=True)
        except OSError as error:
            return Verdict(Outcome.REFUSED, f"{root}: {error.strerror or error}")
        return Verdict(Outcome.ACCEPTED, f"written to {place}")
