"""Values of keyword fields as people write them, and as a home's store holds them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from fengping.analysis import IssueRules
from fengping.analysis.hosts.registry import load_names
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search.query.words import keyword_value
from fengping.services.hosts import load_registry


def known_value(home: Home, store: Store, field: str, value: str) -> str:
    """*value* as the store holds it: the canonical name of a host or platform, a class's code.

    What only stored documents bear, from a registry of earlier days, counts too. Raises :class:`UsageError`
    with the nearest one where nothing is known under it.
    """
    said = keyword_value(field, value)
    try:
        match field:
            case "hosts" | "negative_hosts":
                return host_name(home, said)
            case "platforms":
                return platform_name(said)
            case "issues":
                return class_code(said)
    except UsageError:
        if store.count(Filter(where={field: (said,)})):
            return said
        raise
    return said


def host_name(home: Home, name: str) -> str:
    """The canonical name of a host. Raises :class:`UsageError` for one that the registry does not know."""
    registry = load_registry(home)
    if name in registry.by_name:
        return name
    try:
        return registry.find(name).name
    except ConfigError as error:
        raise UsageError(error.message, remedy=error.remedy) from None


def host_names(home: Home, names: Iterable[str]) -> tuple[str, ...]:
    """The canonical name of each host; raises as :func:`host_name`."""
    return tuple(host_name(home, name) for name in names)


def platform_name(name: str) -> str:
    """The canonical name of a platform that ships; raises :class:`UsageError`."""
    platforms = load_names("platforms.toml").name
    for one in platforms:
        if name == one.name or name in (*one.sure(), *one.ambiguous, *one.handles):
            return one.name
    known = [one.name for one in platforms]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    remedy = f"Did you mean {near[0]}?" if near else f"Known: {'、'.join(known)}."
    raise UsageError(f"Unknown platform {name!r}.", remedy=remedy)


def class_code(code: str) -> str:
    """The code of a complaint class; raises :class:`UsageError`."""
    known = IssueRules.load().names
    if code.upper() not in known:
        raise UsageError(f"Unknown complaint class {code!r}.", remedy=did_you_mean(code.upper(), known))
    return code.upper()
