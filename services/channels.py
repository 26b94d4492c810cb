"""Channels as ``delivery.toml`` has them: listed with their target masked, written from a form, removed.

A secret that is typed goes into a file under ``secrets/`` of the home, readable by its owner alone; the TOML
names the file. Comments and other tables of the TOML stay as a person wrote them.
"""

from __future__ import annotations

import hashlib
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import tomlkit
from pydantic.fields import FieldInfo

from fengping.delivery import Book
from fengping.delivery.book import BUILT_IN, FILE
from fengping.delivery.secrets import Reference, SecretMissing, Secrets
from fengping.delivery.senders import Channel, Office, senders
from fengping.durable import write_whole
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.sharing import handed_on
from fengping.toml import read_toml
from fengping.toml_edit import check_says, check_seen, open_toml, write_toml

FOLDER = "secrets"
MASK = "***"
_REFERENCE = re.compile(r"\$[A-Za-z_]\w*|file:.+")
_BETWEEN = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True)
class Field:
    """One key of a kind of channel, as a form shows it."""

    name: str
    shape: Literal["secret", "list", "number", "choice", "text"]
    required: bool
    default: Any = None
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Listed:
    """A channel in a list."""

    name: str
    kind: str
    target: str
    """The place it sends to, without secrets."""
    fault: str = ""
    """The reason why it could not send now."""
    own: bool = True
    """False for those that need no writing down."""


def fields_of(kind: str) -> list[Field]:
    """The keys of a kind, the required ones first; raises :class:`UsageError` for an unknown kind."""
    known = senders()
    if kind not in known:
        raise UsageError(f"Unknown kind of channel {kind!r}.", remedy=did_you_mean(kind, known))
    found = [_field(name, info) for name, info in known[kind].model_fields.items() if name != "kind"]
    return sorted(found, key=lambda field: not field.required)


def _field(name: str, info: FieldInfo) -> Field:
    required = info.is_required()
    default = None if required else info.default
    if name == "url" or _is_reference(info):
        return Field(name, "secret", required)
    if typing.get_origin(info.annotation) is tuple:
        return Field(name, "list", required, default)
    if typing.get_origin(info.annotation) is Literal:
        return Field(name, "choice", required, default, typing.get_args(info.annotation))
    return Field(name, "number" if info.annotation in (int, float) else "text", required, default)


def _is_reference(info: FieldInfo) -> bool:
    mark = Reference.__metadata__[0]  # type: ignore[attr-defined]
    inner = (meta for part in typing.get_args(info.annotation) for meta in getattr(part, "__metadata__", ()))
    return mark in (*info.metadata, *inner)


def listed(home: Home) -> list[Listed]:
    """Every channel of a home; raises :class:`ConfigError` for a ``delivery.toml`` that cannot be read."""
    book = Book.load(home)
    office = _office(home, book.secrets)
    return [
        Listed(name, channel.kind, *_target(channel, office), own=name not in BUILT_IN or name in _own(home))
        for name, channel in book.channels.items()
    ]


def _target(channel: Channel, office: Office) -> tuple[str, str]:
    """The place of a channel without its secrets, and what keeps it from sending."""
    fields = {field.name: field.shape for field in fields_of(channel.kind)}
    values = {name: getattr(channel, name) for name in fields}
    faults, shown = [], str(values.get("path") or "")
    for name in (name for name, shape in fields.items() if shape == "secret" and values[name]):
        look_up = office.secrets.address if name == "url" else office.secrets.read
        try:
            plain = values[name].startswith(("http://", "https://"))
            read = values[name] if plain else look_up(values[name])
        except SecretMissing as error:
            faults.append(str(error))
            continue
        if name == "url":
            parts = urlsplit(read)
            web = parts.scheme in ("http", "https")
            shown = f"{parts.scheme}://{parts.hostname if web else ''}/{MASK}".replace(":///", "://")
    if channel.kind == "file":
        shown = f"var/delivery/{shown}"
    if "server" in values:
        shown = f"{values['server']} → {'、'.join(values['to']) or '–'}"
    return shown, " ".join(faults)


def table_of(home: Home, name: str) -> dict[str, Any]:
    """The keys of a channel as its file has them; raises :class:`UsageError` for one that has none."""
    known = _own(home)
    if name not in known:
        raise UsageError(f"delivery.toml has no channel {name!r}.", remedy=did_you_mean(name, known))
    return known[name]


def keep(home: Home, name: str, kind: str, given: Mapping[str, str], was: str = "") -> Channel:
    """Writes a channel of a form into ``delivery.toml``: the new *name*, or the one that *was* there.

    A secret left empty stays as it was, one with ``clear-KEY`` goes; ``seen`` is the sum of what the form
    showed. Raises :class:`ConfigError` or
    :class:`UsageError` with a sentence for what the program itself would refuse; nothing is written then.
    """
    before = table_of(home, was) if was else {}
    if was:
        check_seen(was, before, given.get("seen"))
    if not was and name in Book.load(home).names and name not in BUILT_IN:
        raise UsageError(f"There is a channel {name!r} already.", remedy="Take another name.")
    name, kind = was or name, before.get("kind", kind)
    typed: dict[str, str] = {}
    table: dict[str, Any] = {"kind": kind}
    for field in fields_of(kind):
        text = given.get(field.name, "").strip()
        if field.shape == "secret":
            value = _secret(home, name, field.name, text, typed)
            if value is None and not given.get(f"clear-{field.name}"):
                value = before.get(field.name)
        else:
            value = _value(field, text)
        if value not in (None, "", []):
            table[field.name] = value
    document = _with_channel(home, name, table)
    channel = Book.of(document.unwrap(), home.root).channels[name]
    _check(home, name, channel, typed, document.unwrap())
    with handed_on(home):
        _write_secrets(home, typed)
        write_toml(home.root / FILE, document)
    return channel


def remove(home: Home, name: str) -> None:
    """Takes a channel out of ``delivery.toml``, and the secrets that were typed for it.

    Raises :class:`UsageError` while a recipient, a route, a rule or the configuration names it.
    """
    table = table_of(home, name)
    if name not in BUILT_IN and (found := next(users(home, name), "")):
        raise UsageError(f"{found} still sends to {name!r}.", remedy="Change that first.")
    document = open_toml(home.root / FILE)
    del document["channels"][name]
    check_says(document, _without(read_toml(home.root / FILE), name), FILE)
    with handed_on(home):
        write_toml(home.root / FILE, document)
        for key in table:
            if table[key] == reference_of(name, key):
                (home.root / str(table[key]).removeprefix("file:")).unlink(missing_ok=True)


def _own(home: Home) -> dict[str, dict[str, Any]]:
    path = home.root / FILE
    found: dict[str, dict[str, Any]] = read_toml(path).get("channels", {}) if path.exists() else {}
    return found


def _value(field: Field, text: str) -> Any:
    if field.shape == "list":
        # A name may stand before an address: 值班 <a@example.cn>
        parts = re.split(r"[、，,;；\n]+", text) if "<" in text else _BETWEEN.split(text)
        return [part.strip() for part in parts if part.strip()]
    if field.shape == "number" and text:
        try:
            number = float(text)
        except ValueError:
            return text  # for the kind to refuse
        return int(number) if number.is_integer() else number
    return text


def _secret(home: Home, name: str, key: str, text: str, typed: dict[str, str]) -> str | None:
    """The reference to a secret that was typed, or that is one already; ``None`` for nothing typed."""
    if not text:
        return None
    if _REFERENCE.fullmatch(text):
        if text.startswith("file:"):
            _inside(home, text.removeprefix("file:"))
        return text
    if len(text.splitlines()) > 1:
        raise UsageError(f"{key}: a secret is one line.", remedy="Paste it without line ends.")
    reference = reference_of(name, key)
    typed[reference] = text
    return reference


def reference_of(name: str, key: str) -> str:
    """The reference under which a secret that is typed for a channel's *key* is kept."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "", name)[:40]
    return f"file:{FOLDER}/{stem or 'channel'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}-{key}"


def _inside(home: Home, path: str) -> None:
    root = home.root.resolve()
    if not (root / path).resolve().is_relative_to(root):
        raise UsageError(f"{path!r} lies outside of the home.", remedy="Name a path inside of it.")


def _with_channel(home: Home, name: str, table: Mapping[str, Any]) -> tomlkit.TOMLDocument:
    """The file with that channel in it, everything else as it stands."""
    path = home.root / FILE
    tables = read_toml(path) if path.exists() else {}
    document = open_toml(path)
    if "channels" not in document:
        document["channels"] = tomlkit.table(is_super_table=True)
    channels: Any = document["channels"]
    if name not in channels:
        channels[name] = tomlkit.table()
    place = channels[name]
    for key in [key for key in place if key not in table]:
        del place[key]
    for key, value in table.items():
        if place.get(key) != value:
            place[key] = value
    check_says(document, tables | {"channels": tables.get("channels", {}) | {name: dict(table)}}, FILE)
    return document


def _without(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    channels = {key: table for key, table in tables["channels"].items() if key != name}
    rest = {key: value for key, value in tables.items() if key != "channels"}
    return rest | ({"channels": channels} if channels else {})


class _Typed(Secrets):
    """Secrets of a home, and those that were typed and are not written yet."""

    def __init__(self, root: Path, typed: Mapping[str, str]) -> None:
        super().__init__(root)
        self._typed = typed

    def read(self, reference: str) -> str:
        return self._typed.get(reference) or super().read(reference)


def _check(
    home: Home, name: str, channel: Channel, typed: Mapping[str, str], tables: Mapping[str, Any]
) -> None:
    """Refuses what sending would refuse each time: no address, an unreadable file, a path outside."""
    for key in ("path", "ca_file"):
        if value := getattr(channel, key, ""):
            _inside(home, value)
    office = _office(home, _Typed(home.root, typed))
    address = getattr(channel, "url", "")
    try:
        known = not _REFERENCE.fullmatch(address) or bool(office.secrets.read(address))
    except SecretMissing:
        known = False  # it may be set where messages are sent
    if known:
        try:
            channel.robot(name, office)
        except SecretMissing as error:
            said = "What was typed is no http:// or https:// address." if address in typed else str(error)
            raise UsageError(said, remedy="Copy the whole address from the robot's page.") from None
    named = (to for targets in tables.get("recipients", {}).values() for to in targets)
    if not any(to.startswith(f"{name}:") for to in named):
        list(channel.addresses(""))


def _write_secrets(home: Home, typed: Mapping[str, str]) -> None:
    folder = home.root / FOLDER
    try:
        if typed:
            folder.mkdir(mode=0o700, exist_ok=True)
        for reference, text in typed.items():
            write_whole(home.root / reference.removeprefix("file:"), f"{text}\n".encode(), 0o600)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}.") from None


def users(home: Home, name: str) -> Iterator[str]:
    """Everything that names a channel, a recipient or a route."""

    def names(targets: Sequence[str]) -> bool:
        return any(target.partition(":")[0] == name for target in targets)

    book = Book.load(home)
    yield from (f"The recipient {to!r}" for to, targets in book.recipients.items() if names(targets))
    yield from (f"The route {route.name!r}" for route in book.routes if names(route.to))
    for one in alert_rules.files(home):
        if one.rule and names(one.rule.channels):
            yield f"The rule {one.name!r}"
    named = configured(home)
    yield from (f"The key {key} of fengping.toml" for key, targets in named.items() if names(targets))


def configured(home: Home) -> dict[str, Sequence[str]]:
    """The keys of ``fengping.toml`` that say to whom something goes, and the names they hold."""
    schedule = home.config.schedule
    named: dict[str, Sequence[str]] = {
        "crawl.notify": home.config.crawl.notify,
        "schedule.notify": schedule.notify,
        "schedule.weekly_to": schedule.weekly_to,
        "escalation.to": home.config.escalation.to,
    }
    for one in schedule.reports:
        key = f"schedule.reports {one.kind}"
        named[key] = (*named.get(key, ()), *(one.to or _recipients(home, one.kind)))
    return named


def _recipients(home: Home, kind: str) -> tuple[str, ...]:
    """The recipients of an outline; none of one that cannot be read, which ``doctor`` names."""
    if kind.endswith(".toml"):
        from fengping.reports.outlines import outline_of  # with it come all chapters

        with suppress(ConfigError, UsageError):
            return outline_of(home, kind)[0].recipients
    return ()


def _office(home: Home, secrets: Secrets) -> Office:
    return Office(secrets, home.root, home.var / "delivery")
