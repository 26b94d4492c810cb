"""The terminal of a person: the message as plain text."""

from __future__ import annotations

from typing import ClassVar

from fengping.delivery.senders.channel import Channel, Office
from fengping.delivery.verdict import Outcome, Parcel, Verdict


class Stdout(Channel):
    """The screen of whoever runs the process; without one the message waits for a process that has one."""

    registered_as: ClassVar[str] = "stdout"
    needs_screen: ClassVar[bool] = True

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        if office.screen is None:
            return Verdict(Outcome.UNREACHED, "nobody looks at a screen here")
        try:
            office.screen.write(parcel.message.text() + "\n")
            office.screen.flush()
        except (OSError, ValueError) as error:  # ValueError: the screen is closed
            return Verdict(Outcome.UNKNOWN, f"the screen took no more ({type(error).__name__})")
        return Verdict(Outcome.ACCEPTED, "shown")
