"""The one way out of the house: messages wait in a durable outbox until a channel has said yes.

``Outbox.open(home).enqueue(message, to=["duty"], now=now)`` writes down, :func:`deliver_due` sends.
Channels, recipients, routes and the places of secrets stand in ``delivery.toml`` of the home.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.delivery.book import Book
    from fengping.delivery.message import Attachment, Message, Severity, escape
    from fengping.delivery.outbox import Outbox
    from fengping.delivery.sending import Counts, deliver_due, retry, send_test
    from fengping.delivery.verdict import Outcome, Verdict
else:
    __getattr__ = front_door(__name__)
