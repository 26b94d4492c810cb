"""The one way out of the house: messages wait in a durable outbox until a channel has said yes.

``Outbox.open(home).enqueue(message, to=["duty"], now=now)`` writes down, :func:`deliver_due` sends.
Channels, recipients, routes and the places of secrets stand in ``delivery.toml`` of the home.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "Attachment": "message",
    "Book": "book",
    "Counts": "sending",
    "Message": "message",
    "Outbox": "outbox",
    "Outcome": "verdict",
    "Severity": "message",
    "Verdict": "verdict",
    "deliver_due": "sending",
    "escape": "message",
    "retry": "sending",
    "send_test": "sending",
}

if TYPE_CHECKING:
    from fengping.delivery.book import Book as Book
    from fengping.delivery.message import Attachment as Attachment
    from fengping.delivery.message import Message as Message
    from fengping.delivery.message import Severity as Severity
    from fengping.delivery.message import escape as escape
    from fengping.delivery.outbox import Outbox as Outbox
    from fengping.delivery.sending import Counts as Counts
    from fengping.delivery.sending import deliver_due as deliver_due
    from fengping.delivery.sending import retry as retry
    from fengping.delivery.sending import send_test as send_test
    from fengping.delivery.verdict import Outcome as Outcome
    from fengping.delivery.verdict import Verdict as Verdict
else:
    __getattr__ = front_door(__name__, DOOR)
