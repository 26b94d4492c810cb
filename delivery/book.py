"""``delivery.toml`` of a home: channels, recipients and routes by name.

give_up_after_days = 3           # then a message that nobody took is a dead letter

[channels.duty]
kind = "dingtalk"
url = "$DUTY_URL"                # a secret is a variable or a file of the home, never the text itself
secret = "file:secrets/duty"

[channels.office]
kind = "mail"
server = "smtp.example.cn"
sender = "风评 <monitor@example.cn>"
to = ["desk@example.cn"]

[recipients]
lead = ["duty", "office:lead@example.cn"]

[[routes]]
name = "alarms"
match = { host = ["某主播"] }
severity = "warning"             # this urgent or more
hours = "08:00-22:00"            # Chinese time; 22:00-08:00 passes midnight; outside of them it waits
to = ["lead"]
go_on = false                    # true: the routes below of this name are asked too
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from fengping.clock import SHANGHAI, local
from fengping.delivery.message import Message, Severity
from fengping.delivery.secrets import Secrets
from fengping.delivery.senders import Channel, senders
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.toml import Strict, load_toml, validate
from fengping.toml_lines import Place, at

FILE = "delivery.toml"
BUILT_IN = {"stdout": {"kind": "stdout"}, "file": {"kind": "file"}}

_DAY = timedelta(days=1)


def _hours(value: str) -> str:
    if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} are no hours: write 08:00-22:00")
    return value


class Route(Strict):
    """The receivers of a name's messages under some conditions; the first route that holds is taken."""

    name: Annotated[str, Field(min_length=1)]
    match: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Labels of the message; each named one must hold one of the values."""
    severity: Severity = Severity.INFO
    hours: Annotated[str, AfterValidator(_hours)] = ""
    to: tuple[str, ...]
    """Channels or recipients; empty keeps such messages from going anywhere."""
    go_on: bool = False

    def holds(self, message: Message, now: datetime) -> bool:
        """True where this route takes *message* at *now*."""
        if not self.takes(message):
            return False
        if not self.hours:
            return True
        begin, end = self._ends
        at = local(now).time()
        return begin <= at < end if begin < end else at >= begin or at < end

    def takes(self, message: Message) -> bool:
        """True where it takes *message* at some hour."""
        return message.severity.urgency >= self.severity.urgency and all(
            set(wanted) & set(message.labels.get(name, ())) for name, wanted in self.match.items()
        )

    def opens(self, now: datetime) -> datetime:
        """The next beginning of its hours after *now*; *now* where it has none."""
        if not self.hours:
            return now
        today = datetime.combine(local(now).date(), self._ends[0], SHANGHAI)
        return (today if today > now else today + _DAY).astimezone(UTC)

    @property
    def _ends(self) -> tuple[time, time]:
        begin, end = (time.fromisoformat(part) for part in self.hours.split("-"))
        return begin, end


@dataclass(frozen=True, slots=True)
class Receivers:
    """Everyone who gets one message."""

    places: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """Channel and address, with the moment from which on it goes there."""
    dropped: bool = False
    """True where a route says that such messages go nowhere."""
    beside: frozenset[tuple[str, str]] = frozenset()
    """Those whom a route that goes on names: they get it whoever else does."""

    def __or__(self, other: Receivers) -> Receivers:
        """Both of them; whoever is in both gets it at the earlier moment."""
        places = dict(self.places)
        for place, moment in other.places.items():
            places[place] = min(moment, places.get(place, moment))
        return Receivers(places, self.dropped or other.dropped, self.beside | other.beside)


class _File(Strict):
    give_up_after_days: Annotated[float, Field(gt=0)] = 3.0
    channels: Mapping[str, dict[str, Any]] = Field(default_factory=dict)
    recipients: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()


class Book:
    """The addresses of a home. ``stdout`` and ``file`` are channels without being written down."""

    def __init__(self, file: _File, root: Path, where: str | Place = FILE) -> None:
        self.secrets = Secrets(root)
        self.root = root
        self.give_up = timedelta(days=file.give_up_after_days)
        self.channels: dict[str, Channel] = {}
        for name, table in (BUILT_IN | dict(file.channels)).items():
            self.channels[name] = _channel(name, table, where)
        self.recipients = file.recipients
        self.routes = file.routes
        self._check(where)

    @classmethod
    def load(cls, home: Home) -> Book:
        """The home's book; without a file the built-in channels alone.

        Raises :class:`ConfigError` for a bad file, an unknown kind or a name that leads nowhere.
        """
        path = home.files / FILE
        return cls(load_toml(_File, path) if path.exists() else _File(), home.root, Place(path))

    @classmethod
    def of(cls, tables: Mapping[str, Any], root: Path, where: str = FILE) -> Book:
        """The book that a file of these *tables* would be; raises like :meth:`load`."""
        return cls(validate(_File, dict(tables), where), root, where)

    @property
    def names(self) -> list[str]:
        """Every name a message can be sent to."""
        return sorted({*self.channels, *self.recipients, *(route.name for route in self.routes)})

    def check(self, names: Iterable[str], where: str) -> None:
        """Raises :class:`ConfigError` naming *where* for the first of *names* that leads nowhere."""
        for name in names:
            try:
                list(self._expand(name, None, None))
            except UsageError as error:
                raise ConfigError(f"{where}: {error.message}", remedy=error.remedy) from None

    def resolve(self, names: Iterable[str], message: Message, now: datetime) -> list[tuple[str, str]]:
        """``(channel, address)`` for each of *names*, each once, in order.

        Raises :class:`UsageError` with the nearest known name for one that leads nowhere.
        """
        found = [pair for name in names for pair in self._expand(name, message, now)]
        return list(dict.fromkeys(found))

    def receivers(self, names: Iterable[str], message: Message, now: datetime) -> Receivers:
        """Everyone who gets *message*: at *now*, or where no route of a name takes it at this hour, when the
        hours of the next one begin that does. Raises like :meth:`resolve`.
        """
        places: dict[tuple[str, str], datetime] = {}
        beside: set[tuple[str, str]] = set()
        dropped = False
        for name in dict.fromkeys(names):
            routes = [route for route in self.routes if route.name == name]
            moments = [now, *sorted(route.opens(now) for route in routes if route.takes(message))]
            for moment in moments:
                found = list(self._expand(name, message, moment))
                for place in found:
                    places[place] = min(moment, places.get(place, moment))
                holding = [route for route in routes if route.holds(message, moment)]
                dropped = dropped or bool(holding and not found)
                going_on = [target for route in holding if route.go_on for target in route.to]
                beside.update(place for target in going_on for place in self._expand(target, message, moment))
                # One that goes on leaves the message to those below, also to such as begin later.
                if any(not route.go_on for route in holding):
                    break
        return Receivers(places, dropped and not places, frozenset(beside))

    def _expand(self, name: str, message: Message | None, now: datetime | None) -> Iterator[tuple[str, str]]:
        base, _, address = name.partition(":")
        if base in self.channels:
            yield from ((base, to) for to in self.channels[base].addresses(address))
        elif name in self.recipients:
            for target in self.recipients[name]:
                yield from self._expand(target, message, now)
        elif routes := [route for route in self.routes if route.name == name]:
            for route in routes:
                if message is None or now is None or route.holds(message, now):
                    for target in route.to:
                        yield from self._expand(target, message, now)
                    if message is not None and not route.go_on:
                        return
        elif "://" in name or address.startswith("$"):
            raise UsageError(
                f"{base!r} with an address is no channel: channels have names.",
                remedy=f"Write the address into {FILE} as [channels.NAME] and use that name.",
            )
        else:
            raise UsageError(
                f"{name!r} is no channel, recipient or route of {FILE}.",
                remedy=did_you_mean(name, self.names),
            )

    def _check(self, where: str | Place) -> None:
        seen: dict[str, str] = {}
        routes = {route.name for route in self.routes}
        groups = {"channel": set(self.channels), "recipient": set(self.recipients), "route": routes}
        for group, names in groups.items():
            for name in sorted(names):
                if not re.fullmatch(r"[^\s:]{1,128}", name):
                    raise ConfigError(f"{where}: the name {name!r} has a colon or a space in it.")
                if name in seen:
                    raise ConfigError(f"{where}: {name!r} is both a {seen[name]} and a {group}.")
                seen[name] = group
        for name, targets in self.recipients.items():
            if inner := [t for t in targets if t in self.recipients or t in routes]:
                raise ConfigError(f"{where}: the recipient {name!r} names {inner[0]!r}, which is no channel.")
            self.check(targets, f"{where}: recipients.{name}")
        for route in self.routes:
            if inner := [t for t in route.to if t in routes]:
                raise ConfigError(f"{where}: the route {route.name!r} names the route {inner[0]!r}.")
            self.check(route.to, f"{where}: route {route.name}")


def _channel(name: str, table: Mapping[str, Any], where: str | Place) -> Channel:
    kinds = senders()
    kind = table.get("kind", "")
    if kind not in kinds:
        raise ConfigError(
            f"{at(where, 'channels', name, 'kind')}: the channel {name!r} has the unknown kind {kind!r}.",
            remedy=did_you_mean(str(kind), kinds),
        )
    own = where.below("channels", name) if isinstance(where, Place) else f"{where}: channels.{name}"
    return validate(kinds[kind], dict(table), own)
