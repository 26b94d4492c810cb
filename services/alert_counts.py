"""Counts of what a rule counts and leaves out over a time, for its explanation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fengping.alerts import Rule
from fengping.alerts.match import histogram
from fengping.clock import day_of
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.models import Channel
from fengping.services.hosts import load_registry

_MOST_KEYS = 1_000
"""Keys by which documents are asked for at once."""


def with_key(rule: Rule, store: Store, counted: Filter) -> dict[date, int] | None:
    """Documents that count for some key, by day; ``None`` where that is all of them, or the keys are too many
    to be named."""
    if not rule.key_field:
        return None
    keys = [key for key, _ in store.terms(counted, rule.key_field, limit=_MOST_KEYS)]
    if len(keys) == _MOST_KEYS:
        return None
    own = tuple(key for key in keys if key and (not rule.keys or key in rule.keys))
    if not own:
        return {}
    narrowed = replace(counted, where={**counted.where, rule.key_field: own})
    counts = histogram(rule, store, narrowed, Interval.DAY)
    return {day_of(bucket.start): bucket.count for bucket in counts}


def irrelevant(rule: Rule, store: Store, counted: Filter) -> int:
    """Documents left out for their relevance alone, once for each key, as the rule counts."""
    if rule.min_relevance <= 0:
        return 0
    asked = replace(counted, where={**counted.where, "relevant": ("false",)})
    if not rule.key_field:
        return store.count(asked)
    return sum(n for key, n in store.terms(asked, rule.key_field) if not rule.keys or key in rule.keys)


def agency_alone(home: Home, rule: Rule, store: Store, counted: Filter) -> int:
    """Negatives of the same selection that name an agency of the rule's hosts and none of these: a charge
    against the agency is none against the host, and is left out."""
    if "negative_hosts" not in counted.where:
        return 0
    known, hosts = load_registry(home).by_name, counted.where["negative_hosts"]
    agencies = {one.name for host in hosts if host in known for one in known[host].agencies}
    if not agencies:
        return 0
    rest = {key: values for key, values in counted.where.items() if key != "negative_hosts"}
    of_agency = replace(counted, where={**rest, "brands": tuple(sorted(agencies))})
    with_host = replace(of_agency, where={**of_agency.where, "hosts": hosts})
    return store.count(of_agency) - store.count(with_host)


def unknown_publishers(rule: Rule, store: Store, counted: Filter) -> int:
    """Documents that count and whose publisher nobody knows, where the rule asks for several publishers."""
    if rule.min_publishers < 2:
        return 0
    rows = store.columns(counted, ["author_id", "author", "channel", "tier"])
    edited = (Channel.NEWS, Channel.CLIENT)
    return sum(not (id or author or tier or channel in edited) for id, author, channel, tier in rows)
