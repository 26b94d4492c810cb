"""Alert rules of a home: checked and sent, replayed over history, listed, taken care of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengping.alerts import check as watch
from fengping.alerts.check import Delivery
from fengping.alerts.evaluate import Firing
from fengping.alerts.rules import load_rules
from fengping.home import Home
from fengping.indexer import Store
from fengping.services.stores import the_store
from fengping.state import State


@dataclass(frozen=True)
class Checked:
    """Firings of a check, and the delivery of their messages."""

    firings: Sequence[Firing]
    delivery: Delivery


@dataclass(frozen=True)
class Replayed:
    """Firings of a replay."""

    firings: Sequence[Firing]
    rules: int


def check(
    home: Home, now: datetime, *, rule: str | None = None, quiet: bool = False, store: Store | None = None
) -> Checked:
    """Judges the rules (or one) at *now*, keeps what fires and sends what waits.

    With *quiet* the ``stdout`` channel counts as sent without printing.
    """
    state = _state(home)
    with the_store(home, store) as opened:
        raised = watch.check(load_rules(home.alerts, rule), opened, state, now)
    return Checked(raised, watch.deliver(state, home, now, quiet=quiet))


def replay(
    home: Home, since: datetime, until: datetime, *, rule: str | None = None, store: Store | None = None
) -> Replayed:
    """The firings of stored history in ``[since, until)``, in time order. Sends and keeps nothing."""
    rules = load_rules(home.alerts, rule)
    with the_store(home, store) as opened:
        return Replayed(list(watch.replay(rules, opened, since, until)), len(rules))


def listed(home: Home, limit: int) -> list[dict[str, Any]]:
    """The latest firings, newest first, with the messages that wait and who takes care."""
    return watch.history(_state(home), limit)


def acknowledge(home: Home, firing: int, by: str, now: datetime) -> None:
    """Writes down who takes care of a firing; raises :class:`UsageError` for an unknown number."""
    watch.acknowledge(_state(home), firing, by, now)


def _state(home: Home) -> State:
    return State.open(home)
