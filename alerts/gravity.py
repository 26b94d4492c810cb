"""Gravity of a charge: by what its text is read to say, who publishes it, and how many complain. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from fengping.delivery import Severity
from fengping.events.answers.signals import reporting
from fengping.events.moves import GENERAL
from fengping.models import Act

LARGE = 10
"""Publishers from which on an event is large, whatever is usual for its party."""
FOOD = "C11"
"""The class of forbidden goods and of food and drugs that endanger."""
_CRITICAL = frozenset({
    "harm", "official.order", "official.fine", "official.ban", "official.detain", "official.prosecute",
    "official.judge",
})  # fmt: skip
_WARNING = frozenset({"test", "official.investigate", "official.summon", "official.warn"})
_PURSUED = frozenset({
    "official.fine", "official.ban", "official.detain", "official.prosecute", "official.investigate",
    "official.warn",
})  # fmt: skip
"""Acts of an authority that pursues a wrong; orders and judgments come of private debts and quarrels too."""
_COURTS = frozenset({"人民法院", "最高人民法院"})
_NATIONAL = frozenset({"central", "provincial", "authority", "association"})
"""Tiers of publishers by which a charge is news at once."""


class Gravity(IntEnum):
    """Gravity of an event, as its alarm is told: in the day's digest, as a warning, as critical."""

    DIGEST = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def severity(self) -> Severity:
        return list(Severity)[self - 1]


def gravity_of(values: Mapping[str, Any]) -> Gravity:
    """Gravity of one text by its fields.

    Of a text that no encoder read only the publisher, the class and the act count; it is no more than a
    warning. A field that is missing raises nothing.
    """
    signals = frozenset(values["signals"] or ())
    classes = values["issues"] or ()
    reports = reporting(values["tier"], values["channel"])
    danger = "test" in signals and FOOD in classes
    if reports and (danger or signals & _CRITICAL):
        return Gravity.CRITICAL
    listed = values["rank"] is not None
    told = signals & (_WARNING | _CRITICAL) or listed or values["tier"] in _NATIONAL
    grave = reports and (values["act"] is Act.PENALTY or FOOD in classes)
    return Gravity.WARNING if told or grave else Gravity.DIGEST


def of_trade(values: Mapping[str, Any]) -> bool:
    """True for a text about selling, business, tax or consumers, by its fields: it says so, has a complaint
    class or a facet, or names an authority other than those of other matters mostly; or it accuses
    a host whom an authority, not a court alone, pursues."""
    named = set(values["regulators"] or ())
    pursues = not _PURSUED.isdisjoint(values["signals"] or ()) and not (named and named <= _COURTS)
    said = values["consumer"] or values["relevant"] or values["issues"] or values["facets"]
    return bool(said or named - GENERAL or (pursues and values["negative_hosts"]))


def of_event(gravest: int, voices: int, publishers: int, several: float) -> Gravity:
    """Gravity of an event: that of its gravest text, raised where *several* complain or it is large.

    *voices* and *publishers*: those of a day.
    """
    found = Gravity(gravest)
    if voices >= several:
        found = max(found, Gravity.WARNING)
    if found is Gravity.WARNING and publishers >= max(LARGE, 3 * several):
        return Gravity.CRITICAL
    return found
