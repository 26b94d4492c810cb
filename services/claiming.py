"""Answers to alarms: by a signed link without an account; how many alarms were useful, week by week."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from fengping.alerts import ledger
from fengping.alerts.feedback import Verdict, Week, say, weeks
from fengping.alerts.ledger import Kept
from fengping.errors import UsageError
from fengping.events import by_hand, events_of_documents
from fengping.home import Home
from fengping.privacy import seal
from fengping.state import State

LIFE = timedelta(days=7)
"""Time for which a link can be used."""
_DIGITS = 24


def sealed(home: Home, number: int) -> str:
    """The last part of the address at which the alarm of a number is claimed."""
    return f"{number}-{seal(home.salt, 'claim', str(number))[:_DIGITS]}"


def address(home: Home, number: int) -> str:
    """That address; empty where nobody else reaches the console."""
    return home.config.serve.link("claim", sealed(home, number))


def opened(home: Home, sent: str, now: datetime) -> Kept:
    """The alarm of a link; raises :class:`UsageError` for one that is none or too old."""
    number = int(sent.partition("-")[0]) if sent.partition("-")[0].isdecimal() else 0
    if not hmac.compare_digest(sent.encode(), sealed(home, number).encode()):
        raise UsageError("This link belongs to no alarm.", remedy="Open the link of a message whole.")
    with State.open(home).begin() as connection:
        kept = ledger.find(connection, number)
    if now >= kept.firing.fired_at + LIFE:
        raise UsageError("This link is older than 7 days.", remedy="Sign in, and open the alarm under 预警.")
    return kept


def answer(home: Home, number: int, verdict: Verdict, by: str, now: datetime) -> None:
    """Keeps what *by* says of an alarm; raises :class:`UsageError` where that was said before."""
    if not by.strip():
        raise UsageError("An answer needs a name.", remedy="Write who takes care of it.")
    with State.open(home).exclusive() as connection:
        say(connection, number, verdict, by.strip()[:64], now)


def quality(home: Home, first: datetime) -> list[Week]:
    """Weeks of alarms from *first* on."""
    decisions = [one for one in by_hand.decisions(home) if one.undone_at is None and one.at >= first]
    events = events_of_documents(home, [one.document for one in decisions])
    decided = [(events[one.document].id, one.at) for one in decisions if one.document in events]
    with State.open(home).begin() as connection:
        return weeks(connection, first, decided)
