"""A rule, channel, recipient or route under another name: whatever names it follows, or nothing changes.

Files are edited as text where a key of TOML is renamed and by tomlkit elsewhere, so that comments and order
stay; an edit that would not say exactly what is meant is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import tomlkit

from fengping.alerts import renaming as ledger
from fengping.alerts.rules import make_rule, resolve_query
from fengping.delivery import Book
from fengping.delivery import renaming as outbox
from fengping.delivery.book import FILE
from fengping.durable import write_whole
from fengping.errors import ConfigError, FengpingError, UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer.search import Lookup
from fengping.services import alert_rules, channels, outlines, routing
from fengping.services.sharing import handed_on
from fengping.state import State
from fengping.toml import read_toml
from fengping.toml_edit import check_says, write_toml

Tables = Any
"""A TOML file, as plain tables or as tomlkit has it: both are changed by the same steps."""
Change = Callable[[Tables], None]
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def rename_rule(home: Home, was: str, name: str) -> None:
    """Renames a rule in its file and wherever it is named: routes, rules that it inhibits, silences, alarms.

    Raises :class:`UsageError` or :class:`ConfigError` in a sentence; nothing is changed then.
    """
    rules, name = readable(home), name.strip()
    if was not in rules:
        raise UsageError(f"Unknown rule {was!r}.", remedy=did_you_mean(was, rules))
    if name in rules:
        raise UsageError(f"There is a rule {name!r} already.", remedy="Take another name.")
    own = rules[was].path
    make_rule(resolve_query({**rules[was].data, "name": name}, Lookup(home), "The rule"), "The rule")

    def in_rule(path: Path) -> Change:
        def change(tables: Tables) -> None:
            if path == own:
                tables["name"] = name
            _swap(tables.get("inhibits"), was, name)

        return change

    def in_delivery(tables: Tables) -> None:
        for route in tables.get("routes", ()):
            _swap(route.get("match", {}).get("rule"), was, name)

    edits = edits_of([(one.path, in_rule(one.path)) for one in rules.values()])
    edits |= edits_of([(home.root / FILE, in_delivery)])
    with State.open(home).begin() as connection:
        ledger.rename(connection, was, name)
        with handed_on(home):
            write_all(edits)


def rename_target(home: Home, was: str, name: str) -> None:
    """Renames a channel, recipient or route of ``delivery.toml`` and wherever messages are sent to it.

    These are recipients, routes, rules, ``fengping.toml``, outlines in the home, what waits to be sent, and
    the secrets that were typed for a channel. Raises as :func:`rename_rule`.
    """
    name = name.strip()
    path = home.root / FILE
    tables = read_toml(path) if path.exists() else {}
    known = [*tables.get("channels", {}), *tables.get("recipients", {})]
    known += dict.fromkeys(route["name"] for route in tables.get("routes", ()))
    if was not in known:
        raise UsageError(f"{FILE} names no {was!r}.", remedy=did_you_mean(was, known))
    routing.check_new(home, name, set(Book.load(home).names))
    own = tables.get("channels", {}).get(was, {})
    secrets = {
        key: channels.reference_of(name, key) for key in own if own[key] == channels.reference_of(was, key)
    }

    def in_delivery(tables: Tables) -> None:
        # In a document the keys were renamed in its text.
        for kind in ("channels", "recipients"):
            if was in tables.get(kind, {}):
                tables[kind] = {name if key == was else key: table for key, table in tables[kind].items()}
        for key, value in secrets.items():
            tables["channels"][name][key] = value
        for targets in tables.get("recipients", {}).values():
            _swap(targets, was, name)
        for route in tables.get("routes", ()):
            if route["name"] == was:
                route["name"] = name
            _swap(route.get("to"), was, name)

    def in_rule(tables: Tables) -> None:
        _swap(tables.get("channels"), was, name)

    def in_configuration(tables: Tables) -> None:
        schedule = tables.get("schedule", {})
        for targets in (
            tables.get("crawl", {}).get("notify"),
            schedule.get("notify"),
            schedule.get("weekly_to"),
        ):
            _swap(targets, was, name)
        for report in schedule.get("reports", ()):
            _swap(report.get("to"), was, name)

    def in_outline(tables: Tables) -> None:
        _swap(tables.get("recipients"), was, name)

    edits = edits_of([(one.path, in_rule) for one in readable(home).values()])
    edits |= edits_of([(home.root / one.name, in_outline) for one in outlines.listed(home) if not one.fault])
    edits |= edits_of([(home.config_file, in_configuration)])
    edits |= edits_of([(path, in_delivery)], lambda text: _keys_renamed(text, was, name))
    _check_nobody_left(home, was, edits)
    Book.of(edits[path].unwrap(), home.root)
    with State.open(home).begin() as connection:
        outbox.rename(connection, was, name)
        with handed_on(home), _moved(home, [(str(own[key]), new) for key, new in secrets.items()]):
            write_all(edits)


@contextmanager
def _moved(home: Home, references: list[tuple[str, str]]) -> Iterator[None]:
    """Secrets under their new references too; the old ones go if all ends well, else the new ones."""
    files = [[home.root / one.removeprefix("file:") for one in pair] for pair in references]
    files = [pair for pair in files if pair[0].exists()]
    try:
        for old, new in files:
            write_whole(new, old.read_bytes(), 0o600)
        yield
    except BaseException as error:
        for _, new in files:
            new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ConfigError(f"A secret cannot be written: {error.strerror}.") from None
        raise
    for old, _ in files:
        old.unlink(missing_ok=True)


def readable(home: Home) -> dict[str, alert_rules.RuleFile]:
    """Every rule by name; raises :class:`ConfigError` for a file that cannot be read."""
    found = alert_rules.files(home)
    for one in found:
        if one.rule is None:
            raise ConfigError(f"alerts/{one.path.name} cannot be read.", remedy="Mend it first.")
    return {one.name: one for one in found}


def _swap(targets: Any, was: str, name: str) -> None:
    """Puts *name* in the place of *was* in a list of names, with the address that stands behind it."""
    for at, target in enumerate(targets or ()):
        base, colon, address = str(target).partition(":")
        if base == was:
            targets[at] = f"{name}{colon}{address}"


def edits_of(
    changes: list[tuple[Path, Change]], prepared: Callable[[str], str] = str
) -> dict[Path, tomlkit.TOMLDocument]:
    """The files that the changes change, as they would be; *prepared* renames keys in the text before."""
    found = {}
    for path, change in changes:
        if not path.exists():
            continue
        before = read_toml(path)
        wanted = deepcopy(before)
        change(wanted)
        if wanted == before:
            continue
        document = tomlkit.parse(prepared(path.read_text(encoding="utf-8-sig")))
        change(document)
        check_says(document, wanted, path.name)
        found[path] = document
    return found


def _keys_renamed(text: str, was: str, name: str) -> str:
    """The text of ``delivery.toml`` with the table of a channel, or the key of a recipient, called *name*."""
    old = "|".join(re.escape(form) for form in (was, json.dumps(was, ensure_ascii=False), f"'{was}'"))
    new = name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    text = re.sub(rf"(?m)^(\s*\[\s*channels\s*\.\s*)(?:{old})(\s*\])", rf"\g<1>{new}\g<2>", text)
    head, table, rest = text.partition("[recipients]")
    inside = re.split(r"(?m)^(?=\s*\[)", rest, maxsplit=1)
    inside[0] = re.sub(rf"(?m)^(\s*)(?:{old})(\s*=)", rf"\g<1>{new}\g<2>", inside[0])
    return head + table + "".join(inside)


def _check_nobody_left(home: Home, was: str, edits: Mapping[Path, tomlkit.TOMLDocument]) -> None:
    """Refuses where the environment, and not ``fengping.toml``, says that something goes to *was*."""
    for key, targets in channels.configured(home).items():
        if any(target.partition(":")[0] == was for target in targets) and home.config_file not in edits:
            raise UsageError(
                f"The key {key} names {was!r} from the environment.", remedy="Change that first."
            )


def write_all(edits: Mapping[Path, tomlkit.TOMLDocument]) -> None:
    """Puts all files in place; where one cannot be written, those before it are as they were."""
    done: list[tuple[Path, bytes]] = []
    try:
        for path, document in edits.items():
            before = path.read_bytes()
            write_toml(path, document)
            done.append((path, before))
    except FengpingError:
        for path, before in done:
            write_whole(path, before, path.stat().st_mode & 0o777)
        raise
