"""Parties put under watch: a rule for each person, brand, shop or saved query; and what nobody watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.alerts import Rule
from fengping.alerts.affairs import matches_of_rule
from fengping.alerts.rules import make_rule, read_rules, resolve_query
from fengping.alerts.rules.watch import Watch
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search import Lookup, SavedQueries, Term
from fengping.indexer.search.query.lexer import named_queries
from fengping.services import alert_rules
from fengping.services.hosts import load_registry
from fengping.services.sharing import handed_on
from fengping.services.stores import the_store
from fengping.toml_edit import open_toml, write_toml

LOOKED_BACK = timedelta(days=90)
_PROPOSED = 5
_FIELDS = ("parties", "accused", "brands")


@dataclass(frozen=True)
class Watched:
    """A party that is watched now."""

    rule: str
    kind: str
    """``host``, ``brand``, ``query``, or ``name`` for one that no registry knows."""
    aliases: Sequence[str]
    proposed: Sequence[str]
    """Further names in stored texts that may mean the same."""
    counted: int
    """Texts of the last 90 days that the rule would have counted."""
    nothing: str = ""
    """A sentence where that is none."""


def watch(
    home: Home,
    name: str,
    now: datetime,
    *,
    aliases: Sequence[str] = (),
    channels: Sequence[str] = (),
    store: Store | None = None,
) -> Watched:
    """Writes a rule of kind ``watch`` for a party, and says what it would have counted.

    Raises :class:`UsageError` for a name that a rule has, :class:`ConfigError` for a channel that is none.
    """
    kind, known = _kind_of(home, name)
    if aliases and kind != "name":
        raise UsageError(
            f"{known!r} is known as a {kind}; a watch takes no further names for it.",
            remedy="Add them to the registry: fengping hosts add NAME --alias ALIAS",
        )
    values: dict[str, object] = {"name": known, "kind": "watch"}
    own: dict[str, dict[str, object]] = {"query": {"query": f'query:"{known}"'}, "host": {"hosts": [known]}}
    values |= own.get(kind, {"parties": [known], **({"aliases": {known: list(aliases)}} if aliases else {})})
    if channels:
        values["channels"] = list(channels)
    rules, _ = read_rules(home.alerts, Lookup(home))
    if kind == "host":  # who is watched by name is told by that rule alone
        values["inhibits"] = [rule.name for rule in rules.values() if _is_of_all(rule)]
    rule = make_rule(resolve_query(values, Lookup(home), "The rule"), "The rule")
    with the_store(home, store) as opened:
        alert_rules.check_names(home, opened, rule)
        path = alert_rules.new_path(home, rule.name)
        document = open_toml(path)
        for key, value in values.items():
            document[key] = value
        home.alerts.mkdir(exist_ok=True)
        with handed_on(home):
            write_toml(path, document)
        proposed = _alike(opened, known, aliases) if kind == "name" else []
        counted = count(rule, opened, now)
        said = "" if counted else _why_nothing(rule, opened, now)
    return Watched(rule.name, kind, aliases, proposed, counted, said)


def count(rule: Rule, store: Store, now: datetime) -> int:
    """Texts of the last 90 days that *rule* would have counted."""
    found = matches_of_rule(rule, store, now - LOOKED_BACK, now)
    return len({match.id for matches in found.values() for match in matches if match.hit})


def nothing_counted(rule: Rule, store: Store, now: datetime) -> str:
    """The sentence that *rule* would have counted no text of the last 90 days, with the likely reason; empty
    where it would have counted any."""
    return "" if count(rule, store, now) else _why_nothing(rule, store, now)


def _why_nothing(rule: Rule, store: Store, now: datetime) -> str:
    whole = Filter(since=now - LOOKED_BACK, until=now)
    chosen = store.count(rule.selection(now - LOOKED_BACK, now))
    if not store.count(whole):
        return f"The rule {rule.name!r} was tried on nothing: no text of the last 90 days is stored."
    if chosen:
        return (
            f"The rule {rule.name!r} would have counted none of {chosen:,} texts of the last 90 days that it "
            'selects: none names a key that it counts by. Try key_by = "none", or a watch.'
        )
    return (
        f"The rule {rule.name!r} would have counted no text of the last 90 days: its query, names and limits "
        "select none."
    )


def unwatched(home: Home) -> list[str]:
    """Saved queries that no enabled rule goes by, and "hosts" where no rule watches every host."""
    files = [one for one in alert_rules.files(home) if one.rule and one.rule.enabled]
    found = [] if any(one.rule and _is_of_all(one.rule) for one in files) else ["hosts"]
    asked = set[str]().union(*(named_queries(str(one.data.get("query", ""))) for one in files))
    return [*found, *(one.name for one in SavedQueries(home).all() if one.name not in asked)]


def _is_of_all(rule: Rule) -> bool:
    return isinstance(rule, Watch) and rule.enabled and rule.is_of_registry


def _kind_of(home: Home, name: str) -> tuple[str, str]:
    """What *name* is to this home, and the name by which it is counted."""
    if any(one.name == name for one in SavedQueries(home).all()):
        return "query", name
    registry = load_registry(home)
    with suppress(ConfigError):
        return "host", registry.find(name).name
    brands: Mapping[str, str] = {
        word: brand.name for brand in registry.brands for word in (brand.name, *brand.aliases)
    }
    return ("brand", brands[name]) if name in brands else ("name", name)


def _alike(store: Store, name: str, aliases: Sequence[str]) -> list[str]:
    """Names of parties in the texts that have *name*, which hold it or are held by it."""
    where = Filter(text=Term(name))
    found = (word for field in _FIELDS for word, _ in store.terms(where, field, limit=200))
    alike = (one for one in found if one not in (name, *aliases) and (name in one or one in name))
    return list(dict.fromkeys(alike))[:_PROPOSED]
