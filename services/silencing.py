"""Names in a silence that match nothing: refused with the nearest, or told where they may come to match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fengping.alerts import ledger
from fengping.alerts.rules.watch import event_of, party_of
from fengping.alerts.silences import parse_matcher
from fengping.analysis import IssueRules
from fengping.errors import ConfigError, UsageError, did_you_mean, meant, nearest
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.hosts import load_registry
from fengping.state import State


def check_matched(home: Home, matched: Mapping[str, Sequence[str]]) -> None:
    """Raises :class:`UsageError` for a rule or class that there is not, or a key that is nearly one."""
    with State.open(home).begin() as connection:
        rules, keys = ledger.known(connection)
    keys |= {name for key in keys for name in (party_of(key), event_of(key)) if name}
    rules |= {one.name for one in alert_rules.files(home)}
    classes = IssueRules.load().names
    for value in matched.get("rule", ()):
        if value not in rules:
            raise UsageError(f"Unknown rule {value!r}.", remedy=did_you_mean(value, rules))
    for value in matched.get("class", ()):
        if value not in classes:
            code = next((code for code, name in classes.items() if name == value), "")
            remedy = f"Did you mean {code!r}?" if code else did_you_mean(value, classes)
            raise UsageError(f"Unknown class {value!r}.", remedy=remedy)
    for value in matched.get("key", ()):
        if value not in keys and (near := alike(home, value, keys)):
            raise UsageError(
                f"No alarm has had the key {value!r}, and no host is called so.",
                remedy=meant([repr(one) for one in near]),
            )


def unseen(home: Home, matcher: Sequence[str]) -> list[str]:
    """Sentences on keys of a silence that it may wait for: nobody has heard of them yet."""
    with State.open(home).begin() as connection:
        _, keys = ledger.known(connection)
    keys |= {name for key in keys for name in (party_of(key), event_of(key)) if name}
    names = {one.name for one in (*load_registry(home).hosts, *load_registry(home).brands)}
    return [
        f"No alarm has had the key {value!r} yet: the silence matches nothing until one has."
        for value in parse_matcher(matcher).get("key", ())
        if value not in keys and value not in names
    ]


def alike(home: Home, value: str, keys: set[str]) -> list[str]:
    """The keys meant by another name or a misspelt one; none where *value* is one, or like none."""
    registry = load_registry(home)
    if value in registry.by_name or any(brand.name == value for brand in registry.brands):
        return []
    try:
        return [registry.find(value).name]
    except ConfigError:
        return nearest(value, {*keys, *registry.by_name})
