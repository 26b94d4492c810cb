"""Alert rules as the files they are: read, drafted from a form, tried, written, switched on and off."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fengping.alerts import Rule, Ticks
from fengping.alerts.rules import check_inhibits, kinds, make_rule, read_rules, resolve_query
from fengping.alerts.rules.rule import OLD_KEYS, with_new_keys
from fengping.analysis import IssueRules
from fengping.analysis.hosts import load_names
from fengping.delivery import Book
from fengping.errors import ConfigError, FengpingError, UsageError, did_you_mean, meant, nearest
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search import Lookup
from fengping.services.hosts import load_registry
from fengping.services.sharing import handed_on
from fengping.services.stores import the_store
from fengping.spiders.sources import Catalogue
from fengping.toml import read_toml
from fengping.toml_edit import open_toml, write_toml
from fengping.toml_lines import Place

FORM = (
    "name", "kind", "query", "hosts", "classes", "platforms", "sources", "key_by", "negative", "preset",
    "num_events", "threshold", "max_percentage", "min_percentage", "min_denominator", "min_publishers",
    "min_relevance", "timeframe", "realert", "severity", "channels",
)  # fmt: skip
"""Keys that a form sets; others of a file stay as they are."""
LISTS = ("hosts", "classes", "platforms", "sources", "channels")
NUMBERS = (
    "num_events", "threshold", "max_percentage", "min_percentage", "min_denominator", "min_publishers",
    "min_relevance",
)  # fmt: skip


class RuleChanged(UsageError):
    """A rule was changed since the form was opened that would be written over it."""


@dataclass(frozen=True)
class RuleFile:
    """One file under ``alerts/``, readable or not."""

    path: Path
    data: Mapping[str, Any]
    """Its keys, those of 0.1 under today's names."""
    rule: Rule | None
    fault: str = ""

    @property
    def name(self) -> str:
        """The rule's name, else the file's."""
        return self.rule.name if self.rule else self.path.stem

    @property
    def mark(self) -> str:
        """A short text that is another one once a key of :data:`FORM` is."""
        shown = json.dumps([self.data.get(key) for key in FORM], ensure_ascii=False, default=str)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Usable:
    """The rules of a home that can be checked."""

    rules: Sequence[Rule]
    left_out: Mapping[str, str]
    """A sentence on each of the others, by its name."""
    beside: Sequence[Rule] = ()
    """Enabled rules that were not asked for."""


def usable(home: Home, store: Store, only: str | None = None) -> Usable:
    """The home's enabled rules (or one, also a disabled), each name in them known; one with a fault hides no
    others.

    Raises the fault where none is left, :class:`UsageError` where *only* names no rule.
    """
    found, faults = read_rules(home.alerts, Lookup(home))
    beside = [rule for rule in found.values() if rule.enabled and only not in (None, rule.name)]
    if only is not None:
        if only not in found and only not in faults:
            raise UsageError(f"Unknown rule {only!r}.", remedy=did_you_mean(only, {*found, *faults}))
        found, faults = ({}, {only: faults[only]}) if only in faults else ({only: found[only]}, {})
    wanted = [rule for rule in found.values() if rule.enabled or only is not None]
    unknown = _unknown(home, store, wanted)
    rules, faults = [rule for rule in wanted if rule.name not in unknown], faults | unknown
    if faults and not rules:
        raise next(iter(faults.values()))
    return Usable(rules, _sentences(faults), beside)


def left_out(home: Home) -> dict[str, str]:
    """Sentences on enabled rules that are left out of every check, for a name in them that is not known, by
    their names. A source is known if the home or any stored document knows it."""
    rules, _ = read_rules(home.alerts, Lookup(home))
    enabled = [rule for rule in rules.values() if rule.enabled]
    known = Catalogue.load(home).all
    if all(known.keys() >= set(rule.sources) for rule in enabled):
        return _sentences(_unknown(home, None, enabled))
    with the_store(home) as opened:
        return _sentences(_unknown(home, opened, enabled))


def wrongly_inhibiting(home: Home) -> dict[str, str]:
    """The same on rules that inhibit an unknown rule, or each other."""
    _, faults = read_rules(home.alerts, Lookup(home))
    readable = {one.name for one in files(home) if one.rule}
    return _sentences({name: fault for name, fault in faults.items() if name in readable})


def _unknown(home: Home, store: Store | None, rules: Iterable[Rule]) -> dict[str, ConfigError]:
    """Faults of those of *rules* that name what is not known, by their names."""
    Book.load(home)  # a bad delivery.toml is no fault of every rule
    faults = {}
    for rule in rules:
        try:
            check_names(home, store, rule)
        except ConfigError as error:
            faults[rule.name] = error
    return faults


def _sentences(faults: Mapping[str, ConfigError]) -> dict[str, str]:
    return {name: f"Not checked: {error}" for name, error in faults.items()}


def check_names(home: Home, store: Store | None, rule: Rule) -> None:
    """Raises :class:`ConfigError` that names each unknown host, class, platform, source or channel.

    Without a store, which may hold documents of sources that are no more, sources are left out.
    """
    faults = dict(_faults(home, store, rule))
    if len(faults) == 1:
        raise next(iter(faults.values()))
    if faults:
        raise ConfigError(
            f"The rule {rule.name!r} has names that are not known: {', '.join(faults)}.",
            remedy=_hints(faults),
        )


def _hints(faults: Mapping[str, ConfigError]) -> str:
    """Hints on each name; one that several names have comes once."""
    of_hint: dict[str, list[str]] = {}
    for name, fault in faults.items():
        of_hint.setdefault(fault.remedy, []).append(name)
    said = [f"For {', '.join(names)}: {hint}" for hint, names in of_hint.items() if hint]
    return " ".join(one if one.endswith((".", "?")) else f"{one}." for one in said)


def _faults(home: Home, store: Store | None, rule: Rule) -> Iterator[tuple[str, ConfigError]]:
    """A fault for each name that is not known, by that and its key."""
    where = f"The rule {rule.name!r}"
    for name, (values, known) in _names(home, rule).items():
        stored: list[str] = []
        if values and name == "sources":
            if store is None:
                continue
            stored = [value for value, _ in store.terms(Filter(), "source")]
        for value in values:
            if value not in known and value not in stored:
                yield (
                    f"{name} {value!r}",
                    ConfigError(
                        f"{where} names {value!r} in {name}, which is not known.",
                        remedy=_nearest(home, name, value, [*known, *stored]),
                    ),
                )
    book = Book.load(home)
    for channel in dict.fromkeys(rule.channels):
        try:
            book.check([channel], where)
        except ConfigError as error:
            yield f"channels {channel!r}", error


def ticks(home: Home, now: datetime | None = None) -> Ticks:
    """The ticks at which the home's schedule checks; with *now* one at this moment as well."""
    return Ticks(timedelta(minutes=home.config.schedule.index_every_minutes), now)


def files(home: Home) -> list[RuleFile]:
    """Every rule file of a home, those that cannot be read with the reason."""
    found = []
    for path in sorted(home.alerts.glob("*.toml")):
        data: dict[str, Any] = {}
        try:
            data = with_new_keys(read_toml(path))
            full = resolve_query(data, Lookup(home), Place(path))
            found.append(RuleFile(path, data, make_rule(full, Place(path))))
        except FengpingError as error:
            found.append(RuleFile(path, data, None, str(error)))
    return found


def find(home: Home, name: str) -> RuleFile:
    """The file of that rule; raises :class:`UsageError` with the nearest."""
    known = {one.name: one for one in files(home)}
    if name not in known:
        raise UsageError(f"Unknown rule {name!r}.", remedy=did_you_mean(name, known))
    return known[name]


def draft(home: Home, store: Store, given: Mapping[str, Any], was: str = "") -> Rule:
    """The rule that a form describes, over the file of the rule *was* where it is one; writes nothing.

    An empty value stands for the default of the kind. Raises :class:`ConfigError` for what no rule may be.
    """
    data = _merged(find(home, was).data if was else {}, given)
    rule = make_rule(resolve_query(data, Lookup(home), "The rule"), "The rule")
    check_names(home, store, rule)
    others, faults = read_rules(home.alerts, Lookup(home))
    others = {name: one for name, one in others.items() if name != was}
    check_inhibits(rule, others, {*others, *faults, rule.name})
    return rule


def keep(home: Home, store: Store, given: Mapping[str, Any], was: str = "", seen: str = "") -> Rule:
    """Writes the rule of a form into its file, in a person's order; comments of the file stay.

    *seen* is the :attr:`RuleFile.mark` of the rule *was* when the form was opened. Raises
    :class:`RuleChanged` where it is another one now, :class:`UsageError` for a name that another rule has.
    """
    if was and seen and seen != find(home, was).mark:
        raise RuleChanged(
            f"The rule {was!r} was changed since this form was opened; nothing was written.",
            remedy="Open it again, and repeat what is still wanted.",
        )
    rule = draft(home, store, given, was)
    path = find(home, was).path if was else new_path(home, rule.name)
    document = open_toml(path)
    merged = _merged({}, given)
    plain = {name: field.default for name, field in type(rule).model_fields.items()}
    for old, new in OLD_KEYS.items():
        if old in document:
            document[new] = document.pop(old)
    stays = model_of(rule.kind).idle if document.get("kind", "frequency") == rule.kind else ()
    for key in FORM:
        if key in stays:
            continue
        # A number is written as it was typed: another key, the preset, may say another one for none.
        if key in merged and (key in document or key in NUMBERS or getattr(rule, key) != plain[key]):
            document[key] = merged[key]
        elif key in document:
            document.remove(key)
    with handed_on(home):
        write_toml(path, document)
    return rule


def switch(home: Home, name: str, *, on: bool) -> None:
    """Enables or disables a rule in its file."""
    path = find(home, name).path
    document = open_toml(path)
    if on and "enabled" in document:
        document.remove("enabled")
    elif not on:
        document["enabled"] = False
    with handed_on(home):
        write_toml(path, document)


def tell_too(home: Home, channel: str) -> list[str]:
    """Lets every enabled rule tell *channel* as well; names of the rules that did not before."""
    found = [one for one in files(home) if one.rule and one.rule.enabled and channel not in one.rule.channels]
    with handed_on(home):
        for one in found:
            document = open_toml(one.path)
            document["channels"] = [*one.rule.channels, channel] if one.rule else [channel]
            write_toml(one.path, document)
    return [one.name for one in found]


def fields_of(kind: str) -> Sequence[str]:
    """Keys of :data:`FORM` that hold for rules of a kind."""
    model = model_of(kind)
    return [key for key in FORM if key in model.model_fields and key not in model.idle]


def model_of(kind: str) -> type[Rule]:
    """The rules of a kind; ``spike`` for an unknown one."""
    return kinds().get(kind) or kinds()["spike"]


def _merged(data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a file under those of a form: what the form leaves empty is the default again.

    A key that is idle in the kind is not in the form, and stays while the kind does.
    """
    kind = str(given.get("kind", ""))
    stays = model_of(kind).idle if data.get("kind", "frequency") == kind else ()
    kept = {key: value for key, value in data.items() if key not in FORM or key in stays}
    known = fields_of(kind)
    return kept | {
        key: value for key, value in given.items() if key in known and value not in ("", [], (), None)
    }


def new_path(home: Home, name: str) -> Path:
    """The file for a new rule; raises :class:`UsageError` where there is one of its name."""
    if any(one.name == name for one in files(home)):
        raise UsageError(
            f"There is a rule {name!r} already.", remedy="Change that one, or take another name."
        )
    stem = re.sub(r"[^\w-]+", "-", name).strip("-")[:80]
    path = home.alerts / f"{stem or 'rule'}.toml"
    if path.exists():
        raise UsageError(f"alerts/{path.name} is there already.", remedy="Take another name.")
    return path


def _names(home: Home, rule: Rule) -> Mapping[str, tuple[Sequence[str], Iterable[str]]]:
    """Names that the rule uses and those that are known, by the key of the rule."""
    return {
        "hosts": (rule.hosts, load_registry(home).by_name if rule.hosts else ()),
        "classes": (rule.classes, IssueRules.load().names if rule.classes else ()),
        "platforms": (
            rule.platforms,
            [one.name for one in load_names("platforms.toml").name] if rule.platforms else (),
        ),
        "sources": (rule.sources, Catalogue.load(home).all if rule.sources else ()),
    }


def _nearest(home: Home, name: str, value: str, known: Sequence[str]) -> str:
    if name == "hosts":
        try:
            return f"Did you mean {load_registry(home).find(value).name!r}?"
        except ConfigError as error:
            return error.remedy
    if name == "classes":
        of_word = {code: f"{code} {called}" for code, called in IssueRules.load().names.items()}
        of_word |= {one.partition(" ")[2]: one for one in of_word.values()}
        near = [repr(of_word[word]) for word in nearest(value, of_word)]
        return meant(near) if near else f"Known: {', '.join(sorted({*of_word.values()}))}."
    return did_you_mean(value, known)
