"""Alert rules as TOML files under ``alerts/`` of a home, in ElastAlert2's vocabulary.

name = "host-negatives"
kind = "threshold"          # num_events or more within timeframe
                            # "spike": also spike_height times the host's own mean of the days before
hosts = []                  # canonical names; empty: every host, each counted by itself
num_events = 3
timeframe = "24h"
realert = "24h"             # cool-down a host, not of the whole rule
reference = "30d"           # spike: the days before, which give what is usual
spike_height = 3.0
alarms_per_timeframe = 1.0  # spike: num_events rises until all hosts together would have fired no oftener
channels = ["stdout", "file", "webhook:$FENGPING_WEBHOOK"]
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.toml import Strict, load_toml

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(value: Any) -> timedelta:
    """``30m``, ``24h``, ``7d``, ``2w`` as a time span; raises ``ValueError`` for anything else."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d+)([mhdw])", str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is not a time span: write 30m, 24h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("a time span must be longer than zero")
    return span


def _known_channel(name: str) -> str:
    kind = name.partition(":")[0]
    if kind not in CHANNELS:
        raise ValueError(f"unknown channel {name!r}. {did_you_mean(kind, CHANNELS)}")
    if kind == "webhook" and not re.match(r"webhook:(\$\w+|https?://.+)", name):
        raise ValueError(f"{name!r} names no address: write webhook:$NAME_OF_A_VARIABLE or webhook:https://…")
    return name


CHANNELS = ("stdout", "file", "webhook")

Duration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_positive)]
Cooldown = Annotated[timedelta, BeforeValidator(parse_duration)]
ChannelName = Annotated[str, AfterValidator(_known_channel)]


class Rule(Strict):
    """One rule; every host it covers is a key with counts, cool-down and firings of its own."""

    name: Annotated[str, Field(min_length=1)]
    kind: Literal["threshold", "spike"] = "threshold"
    hosts: tuple[str, ...] = ()
    """Canonical names to watch among ``negative_hosts``; empty means all."""
    issues: tuple[str, ...] = ()
    """Only documents of these complaint classes; empty means all."""
    num_events: Annotated[int, Field(ge=1)] = 3
    timeframe: Duration = timedelta(hours=24)
    realert: Cooldown = timedelta(hours=24)
    reference: Duration = timedelta(days=30)
    """``spike``: the time before a window, whose mean is what a host usually gets."""
    spike_height: Annotated[float, Field(gt=1)] = 3.0
    """``spike``: how many times the usual count a window must hold."""
    alarms_per_timeframe: Annotated[float, Field(gt=0)] = 1.0
    """``spike``: windows of all hosts together that may rise to the floor in a timeframe; beyond it the floor
    grows, so that a busy stream needs more than ``num_events``."""
    max_age: Duration = timedelta(hours=48)
    """A live check passes over documents published longer ago: a backfill raises no alarm."""
    channels: tuple[ChannelName, ...] = ("stdout", "file")

    @model_validator(mode="after")
    def _spans_fit(self) -> Self:
        if self.kind == "spike" and self.timeframe % timedelta(hours=1):
            raise ValueError("the timeframe of a spike rule is whole hours: write 1h, 24h or 7d")
        if self.kind == "spike" and self.reference < 2 * self.timeframe:
            raise ValueError("the reference of a spike rule holds at least two of its timeframes")
        return self


def load_rules(folder: Path, only: str | None = None) -> list[Rule]:
    """The rules in ``folder/*.toml``, by file name; *only* selects one by its name.

    Raises :class:`ConfigError` for a bad file or a name given twice, :class:`UsageError` where
    *only* names none.
    """
    rules: dict[str, Rule] = {}
    for path in sorted(folder.glob("*.toml")):
        rule = load_toml(Rule, path)
        if rule.name in rules:
            raise ConfigError(f"{path}: a rule named {rule.name!r} stands in another file too.")
        rules[rule.name] = rule
    if only is None:
        return list(rules.values())
    if only not in rules:
        raise UsageError(f"Unknown rule {only!r}.", remedy=did_you_mean(only, rules))
    return [rules[only]]
