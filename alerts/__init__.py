"""Rules over documents, one decision function with the clock as argument, states, messages, back-tests.

``decide`` is pure and serves the live check and the replay alike; what it decides is written down in one
transaction with the messages, which leave through :mod:`fengping.delivery`.
"""

from fengping.alerts.decide import Firing, Standing, Status, decide
from fengping.alerts.replay import replay
from fengping.alerts.rules import Rule, kinds, load_rules

__all__ = ["Firing", "Rule", "Standing", "Status", "decide", "kinds", "load_rules", "replay"]
