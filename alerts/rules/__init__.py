"""Alert rules as TOML files under ``alerts/`` of a home, in ElastAlert2's words; one file a kind.

name = "host-negatives"
kind = "watch"              # or any, frequency, spike, flatline, percentage_match, new_term
hosts = []                  # canonical names; empty: every host of the registry
realert = "24h"             # cool-down of a key, not of the whole rule
channels = ["stdout", "file"]   # channels, recipients, routes of delivery.toml
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Collection, Mapping
from pathlib import Path

from fengping.alerts.rules.rule import Rule, with_new_keys
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.indexer.search import Lookup, parse, render
from fengping.toml import read_toml, validate
from fengping.toml_lines import Place, at

__all__ = ["Rule", "check_inhibits", "kinds", "load_rules", "make_rule", "read_rules", "resolve_query"]

_NO_KINDS = {"rule", "counting"}


@functools.cache
def kinds() -> dict[str, type[Rule]]:
    """Every kind of rule by its names: the modules of this folder, and what was registered beside them."""
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _NO_KINDS:
            importlib.import_module(f"{__name__}.{module.name}")
    return Rule.registered


def make_rule(data: dict[str, object], where: str | Place) -> Rule:
    """A rule out of the keys of its TOML; raises :class:`ConfigError` naming *where* and the remedy."""
    data = with_new_keys(data)
    kind = data.get("kind", "frequency")
    known = kinds()
    if not isinstance(kind, str) or kind not in known:
        raise ConfigError(
            f"{at(where, 'kind')}: unknown kind {kind!r}.", remedy=did_you_mean(str(kind), known)
        )
    return validate(known[kind], data, where)


def resolve_query(data: dict[str, object], names: Lookup | None, where: str | Place) -> dict[str, object]:
    """*data* with the saved queries and word lists of its query filled in; raises :class:`ConfigError`."""
    query = data.get("query")
    if names is None or not isinstance(query, str):
        return data
    try:
        return data | {"query": render(parse(query, names))}
    except UsageError as error:
        raise ConfigError(f"{at(where, 'query')}: query: {error}") from None


def read_rules(folder: Path, names: Lookup | None = None) -> tuple[dict[str, Rule], dict[str, ConfigError]]:
    """The rules in ``folder/*.toml`` by name, in the order of the files, and the faults of those that are
    none by the name of the rule, else of the file.

    A fault is a bad file, a name given twice, an unknown rule that one inhibits, or the last of some that
    inhibit each other. *names* fills saved queries and word lists into a rule's query; without it, a query
    may name none.
    """
    rules: dict[str, Rule] = {}
    faults: dict[str, ConfigError] = {}
    for path in sorted(folder.glob("*.toml")):
        name = path.stem
        try:
            data = read_toml(path)
            name = str(data.get("name", name))
            rule = make_rule(resolve_query(data, names, Place(path)), Place(path))
            if rule.name in rules:
                name = path.stem
                raise ConfigError(f"{path}: a rule named {rule.name!r} stands in another file too.")
            rules[rule.name] = rule
        except ConfigError as error:
            faults[name] = error
    sound: dict[str, Rule] = {}
    for rule in rules.values():
        try:
            check_inhibits(rule, sound, {*rules, *faults})
            sound[rule.name] = rule
        except ConfigError as error:
            faults[rule.name] = error
    return sound, faults


def check_inhibits(rule: Rule, others: Mapping[str, Rule], known: Collection[str]) -> None:
    """Raises :class:`ConfigError` where *rule* inhibits one that is not *known*, or by *others* itself."""
    if unknown := next((name for name in rule.inhibits if name not in known), None):
        raise ConfigError(
            f"The rule {rule.name!r} inhibits the unknown rule {unknown!r}.",
            remedy=did_you_mean(unknown, known),
        )
    ways: list[tuple[str, ...]] = [(rule.name, name) for name in rule.inhibits]
    seen = set()
    while ways:
        way = ways.pop()
        if way[-1] == rule.name:
            raise ConfigError(
                f"The rule {rule.name!r} inhibits itself ({' → '.join(way)}): nothing of it would be told.",
                remedy="Take one of these names out of inhibits.",
            )
        if way[-1] in others and way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, name) for name in others[way[-1]].inhibits]


def load_rules(folder: Path, names: Lookup | None = None) -> list[Rule]:
    """The enabled rules of a folder; raises the first fault of :func:`read_rules`."""
    rules, faults = read_rules(folder, names)
    for fault in faults.values():
        raise fault
    return [rule for rule in rules.values() if rule.enabled]
