"""Names in a silence that match nothing: refused with the nearest, or told where they may come to match."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from fengping.alerts import ledger
from fengping.alerts.silences import parse_matcher
from fengping.analysis import IssueRules
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.hosts import load_registry
from fengping.state import State

ALIKE = 0.6
"""Likeness from which a key that nobody knows is taken for a misspelt one."""


def check_matched(home: Home, matched: Mapping[str, Sequence[str]]) -> None:
    """Raises :class:`UsageError` for a rule or class that there is not, or a key that is nearly one."""
    with State.open(home).begin() as connection:
        rules, keys = ledger.known(connection)
    rules |= {one.name for one in alert_rules.files(home)}
    classes = IssueRules.load().names
    for value in matched.get("rule", ()):
        if value not in rules:
            raise UsageError(f"Unknown rule {value!r}.", remedy=did_you_mean(value, rules))
    for value in matched.get("class", ()):
        if value not in classes:
            near = next((code for code, name in classes.items() if name == value), "")
            remedy = f"Did you mean {near!r}?" if near else did_you_mean(value, classes)
            raise UsageError(f"Unknown class {value!r}.", remedy=remedy)
    for value in matched.get("key", ()):
        if value not in keys and (near := nearest(home, value, keys)):
            raise UsageError(
                f"No alarm has had the key {value!r}, and no host is called so.",
                remedy=f"Did you mean {near!r}?",
            )


def unseen(home: Home, matcher: Sequence[str]) -> list[str]:
    """Sentences on keys of a silence that it may wait for: nobody has heard of them yet."""
    with State.open(home).begin() as connection:
        _, keys = ledger.known(connection)
    names = {one.name for one in (*load_registry(home).hosts, *load_registry(home).brands)}
    return [
        f"No alarm has had the key {value!r} yet: the silence matches nothing until one has."
        for value in parse_matcher(matcher).get("key", ())
        if value not in keys and value not in names
    ]


def nearest(home: Home, value: str, keys: set[str]) -> str:
    """The key that is meant by another name or a misspelt one; empty where *value* is one, or like none."""
    registry = load_registry(home)
    if value in registry.by_name or any(brand.name == value for brand in registry.brands):
        return ""
    try:
        return registry.find(value).name
    except ConfigError:
        near = difflib.get_close_matches(value, sorted({*keys, *registry.by_name}), n=1, cutoff=ALIKE)
        return near[0] if near else ""
