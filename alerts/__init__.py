"""Rules over documents, one decision function with the clock as argument, states, messages, back-tests.

A check goes through stages, a module each: ``match`` → ``decide`` → ``group`` → ``inhibit`` → ``silences`` →
``manners`` (quiet hours) → ``route`` → ``outbox``. ``decide`` is pure and serves the live check and the
replay alike; what it decides is written down in one transaction with the messages, which leave through
:mod:`fengping.delivery`.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.alerts.check import Checked, Moment
    from fengping.alerts.decide import Firing
    from fengping.alerts.replay import Ticks
    from fengping.alerts.rules import load_rules
    from fengping.alerts.rules.rule import Rule
else:
    __getattr__ = front_door(__name__)
