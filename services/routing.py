"""Recipients and routes as ``delivery.toml`` has them: listed, written from a form, ordered, removed.

Comments and other tables of the file stay as a person wrote them. Nothing is written that the program would
refuse to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable

from fengping.analysis import IssueRules
from fengping.analysis.hosts import load_names
from fengping.delivery import Book
from fengping.delivery.book import FILE, Route
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.channels import users
from fengping.services.hosts import load_registry
from fengping.services.sharing import handed_on
from fengping.toml import read_toml
from fengping.toml_edit import check_says, check_seen, open_toml, sum_of, write_toml

LABELS = ("host", "class", "platform", "rule")
"""Labels of messages that a form sets; conditions on others stay as they are."""
NAMED = re.compile(r"[^\s:]{1,128}")
_BETWEEN = re.compile(r"[、，,;；\s]+")

Given = Mapping[str, str]
"""The words of a form."""
Tables = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One ``[[routes]]`` of the file."""

    id: str
    """Stands for what the entry says, so that a form never changes another one."""
    route: Route
    movable: bool
    """True if a route of the same name is asked before it."""


@dataclass(frozen=True)
class Draft:
    """A file as it would be: its text, and the addresses in it."""

    name: str
    document: tomlkit.TOMLDocument
    book: Book


def recipients(home: Home) -> dict[str, tuple[str, ...]]:
    """Channels and addresses of each recipient, in the order of the file."""
    return dict(Book.load(home).recipients)


def routes(home: Home) -> list[Entry]:
    """Every route, in the order in which they are asked."""
    tables, found, met = _tables(home).get("routes", []), [], set[str]()
    for table, route in zip(tables, Book.load(home).routes, strict=True):
        found.append(Entry(_id(table), route, route.name in met))
        met.add(route.name)
    return found


def find(home: Home, id: str) -> Entry:
    """The route of that id; raises :class:`UsageError` where the file holds it no longer."""
    known = {entry.id: entry for entry in routes(home)}
    if id not in known:
        raise UsageError("The file holds this route no longer.", remedy="Look at the list again.")
    return known[id]


def draft_recipient(home: Home, name: str, to: str, was: str = "", seen: str | None = None) -> Draft:
    """The file with a recipient of a form: the new *name*, or the one that *was* there.

    Raises :class:`UsageError` or :class:`ConfigError` in a sentence for what cannot be, and where the file
    has another than the form showed (*seen*).
    """
    name = was or name.strip()
    before = recipients(home)
    if was and was not in before:
        raise UsageError(f"{FILE} has no recipient {was!r}.", remedy=did_you_mean(was, before))
    if not was:
        check_new(home, name, set(Book.load(home).names))
    else:
        check_seen(was, list(before[was]), seen)
    targets = _list(to)
    if not targets:
        raise UsageError("Nobody is named.", remedy="Write channels, with an address after a colon.")
    tables, document = _tables(home), open_toml(home.root / FILE)
    if "recipients" not in document:
        document["recipients"] = tomlkit.table()
    place: Any = document["recipients"]
    if place.get(name) != targets:
        place[name] = targets
    return _draft(
        home, name, document, tables | {"recipients": tables.get("recipients", {}) | {name: targets}}
    )


def draft_route(home: Home, given: Given, was: str = "") -> Draft:
    """The file with a route of a form: a new one at the end, or in the place of the one that *was* there."""
    tables, document = _tables(home), open_toml(home.root / FILE)
    rows = list(tables.get("routes", []))
    at = _place(rows, was) if was else len(rows)
    before = rows[at] if was else {}
    name = before.get("name") or given.get("name", "").strip()
    if not was:
        check_new(home, name, set(Book.load(home).names) - {row.get("name") for row in rows})
    table = _table(home, name, given, before)
    if "routes" not in document:
        document["routes"] = tomlkit.aot()
    place: Any = document["routes"]
    if not was:
        place.append(tomlkit.table() if isinstance(place, AoT) else tomlkit.inline_table())
    for key in [key for key in place[at] if key not in table]:
        del place[at][key]
    for key, value in table.items():
        if before.get(key) != value:
            place[at][key] = _inline(value) if isinstance(value, dict) else value
    return _draft(home, name, document, tables | {"routes": [*rows[:at], table, *rows[at + 1 :]]})


def keep(home: Home, draft: Draft) -> None:
    """Puts a drafted file in place."""
    with handed_on(home):
        write_toml(home.root / FILE, draft.document)


def remove_recipient(home: Home, name: str) -> None:
    """Takes a recipient out of the file; raises :class:`UsageError` while anything names it."""
    before = recipients(home)
    if name not in before:
        raise UsageError(f"{FILE} has no recipient {name!r}.", remedy=did_you_mean(name, before))
    _check_unused(home, name)
    tables, document = _tables(home), open_toml(home.root / FILE)
    del document["recipients"][name]
    rest = {key: targets for key, targets in tables["recipients"].items() if key != name}
    keep(home, _draft(home, name, document, tables | {"recipients": rest}))


def remove_route(home: Home, id: str) -> str:
    """Takes a route out of the file and returns its name; the last of a name only where nothing uses it."""
    name = find(home, id).route.name
    tables, document = _tables(home), open_toml(home.root / FILE)
    rows = tables["routes"]
    if sum(row["name"] == name for row in rows) == 1:
        _check_unused(home, name)
    at = _place(rows, id)
    del document["routes"][at]
    keep(home, _draft(home, name, document, tables | {"routes": [*rows[:at], *rows[at + 1 :]]}))
    return name


def move_up(home: Home, id: str) -> str:
    """Lets a route be asked before the one of its name above it; returns the name."""
    name = find(home, id).route.name
    tables, document = _tables(home), open_toml(home.root / FILE)
    rows = tables["routes"]
    at = _place(rows, id)
    above = max((number for number in range(at) if rows[number]["name"] == name), default=None)
    if above is None:
        raise UsageError(f"No route {name!r} stands above this one.")
    place: Any = document["routes"]
    moved = place[at]
    del place[at]
    place.insert(above, moved)
    kept = [row for number, row in enumerate(rows) if number != at]
    keep(home, _draft(home, name, document, tables | {"routes": [*kept[:above], rows[at], *kept[above:]]}))
    return name


def check_labels(home: Home, labels: Mapping[str, Sequence[str]]) -> None:
    """Raises :class:`UsageError` with the nearest known for a host, class, platform or rule that is none."""
    for label, values in labels.items():
        known = list(_known(home, label)) if values and label in LABELS else []
        for value in values:
            if known and value not in known:
                raise UsageError(f"There is no {label} {value!r}.", remedy=did_you_mean(value, known))


def _known(home: Home, label: str) -> Iterable[str]:
    if label == "host":
        return load_registry(home).by_name
    if label == "class":
        return IssueRules.load().names
    if label == "platform":
        return [one.name for one in load_names("platforms.toml").name]
    return [one.name for one in alert_rules.files(home) if one.rule]


def _table(home: Home, name: str, given: Given, before: Tables) -> Tables:
    """A route as the file would say it; what the form does not show stays as it was."""
    match = {key: value for key, value in before.get("match", {}).items() if key not in LABELS}
    labels = {label: _list(given.get(label, "")) for label in LABELS}
    check_labels(home, labels)
    match |= {label: values for label, values in labels.items() if values}
    to = _list(given.get("to", ""))
    if not to and not given.get("nobody"):
        raise UsageError("Nobody is named.", remedy="Write to whom, or say that such messages go nowhere.")
    if to and given.get("nobody"):
        raise UsageError("It goes to somebody and nowhere.", remedy="Choose one of both.")
    table: Tables = {"name": name, "match": match, "severity": given.get("severity", "")}
    table |= {"hours": given.get("hours", "").strip(), "to": to, "go_on": bool(given.get("go_on"))}
    plain = {"match": {}, "severity": "info", "hours": "", "go_on": False}
    return {
        key: value
        for key, value in table.items()
        if key in ("name", "to") or key in before or (value and value != plain.get(key))
    }


def _inline(table: Tables) -> InlineTable:
    made = tomlkit.inline_table()
    made.update(table)
    return made


def _draft(home: Home, name: str, document: tomlkit.TOMLDocument, wanted: Mapping[str, Any]) -> Draft:
    book = Book.of(document.unwrap(), home.root)
    check_says(document, wanted, FILE)
    return Draft(name, document, book)


def check_new(home: Home, name: str, taken: set[str]) -> None:
    """Raises :class:`UsageError` for a name that cannot be one, or is *taken*."""
    if not NAMED.fullmatch(name):
        raise UsageError(f"{name!r} is no name.", remedy="Take one without colon and space.")
    if name in taken:
        raise UsageError(f"{name!r} is a channel, recipient or route already.", remedy="Take another name.")


def _check_unused(home: Home, name: str) -> None:
    if found := next(users(home, name), ""):
        raise UsageError(f"{found} still sends to {name!r}.", remedy="Change that first.")


def _tables(home: Home) -> Tables:
    path = home.root / FILE
    return read_toml(path) if path.exists() else {}


def _place(rows: Sequence[Tables], id: str) -> int:
    for number, row in enumerate(rows):
        if _id(row) == id:
            return number
    raise UsageError("The file holds this route no longer.", remedy="Look at the list again.")


def _id(table: Mapping[str, Any]) -> str:
    return sum_of(table)


def _list(text: str) -> list[str]:
    return [part for part in _BETWEEN.split(text) if part]
