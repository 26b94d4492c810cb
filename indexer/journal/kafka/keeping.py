"""Settings by which brokers keep a topic: those it must have, its copies, the time until erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fengping.errors import ConfigError, Failed

LAG = "max.compaction.lag.ms"
LEAST = "min.insync.replicas"
COPIES = 3
"""Copies of a new topic, where there are that many brokers and ``kafka.replicas`` names no number."""
NEEDED = (
    ("cleanup.policy", "compact", "it would lose documents"),
    ("message.timestamp.type", "LogAppendTime",
     "a machine whose clock is an hour off would be refused, or bring erasing out of step"),
)  # fmt: skip
"""Settings that a topic must have, and what would happen otherwise."""
_ENDLESS = timedelta(days=36_500)


def check_settings(topic: str, found: Mapping[str, str]) -> None:
    """Raises :class:`ConfigError` for a topic whose settings no journal can have."""
    for name, wanted, why in NEEDED:
        if found[name] != wanted:
            raise ConfigError(
                f"The topic {topic} has {name}={found[name]}: {why}.",
                remedy=f"Set it with {_command(topic, f'{name}={wanted}')}",
            )


def majority(copies: int) -> int:
    """Copies that must hold a record before it is acknowledged, so that losing the others loses nothing."""
    return copies // 2 + 1


def settings_of_new(copies: int, lag: timedelta, largest: int) -> dict[str, str]:
    """Settings of a topic that is made: *largest* bytes a record, compacted within *lag*."""
    bound = max(int(lag.total_seconds() * 1000), 1)
    return {
        **{name: value for name, value, _ in NEEDED},
        LEAST: str(majority(copies)),
        LAG: str(bound),
        "delete.retention.ms": str(min(bound, 86_400_000)),
        "segment.bytes": str(64 * 2**20),
        "segment.ms": str(bound),
        "max.message.bytes": str(largest),
        "file.delete.delay.ms": str(min(bound, 60_000)),
    }


def lag_of(settings: Mapping[str, str]) -> timedelta | None:
    """Time within which a topic of these settings is compacted; ``None`` where nothing bounds it.

    Segments end after it too, or after ``segment.ms`` where that is shorter.
    """
    seconds = int(settings[LAG]) / 1000
    return timedelta(seconds=seconds) if seconds < _ENDLESS.total_seconds() else None


@dataclass(frozen=True)
class Keeping:
    """A topic on its brokers."""

    topic: str
    copies: int
    in_step: int
    least: int
    """``min.insync.replicas``"""
    lag: timedelta | None
    wanted: timedelta
    """Time that ``kafka.erase_within_hours`` asks for."""

    def sentences(self) -> Iterator[str]:
        """The number of copies, and whatever is less safe than it could be, with the remedy.

        Raises :class:`Failed` where too few are in step for anything to be acknowledged.
        """
        if self.in_step < self.least:
            raise Failed(
                f"Of the topic {self.topic} there are {self._counted}, and {self.least} must acknowledge: "
                "what is collected waits in the spool of each machine.",
                remedy="Start the brokers that are away, or make room on their disks.",
            )
        if self.copies == 1:
            yield (
                "one copy: with that broker's disk the journal is lost; give the topic three "
                f"(kafka-reassign-partitions) and {LEAST}=2"
            )
        elif self.least < majority(self.copies):
            yield (
                f"{self._counted}, but {self.least} is enough to acknowledge: a record may be lost with one "
                f"disk; set {self._to(f'{LEAST}={majority(self.copies)}')}"
            )
        else:
            yield f"{self._counted}, {self.least} needed to acknowledge"
        if self.lag is None or self.lag > self.wanted:
            stays = "without a limit" if self.lag is None else f"up to {_hours(self.lag)} hours"
            yield (
                f"what is forgotten stays on the brokers' disks {stays}, kafka.erase_within_hours asks for "
                f"{_hours(self.wanted)}: set {self._to(f'{LAG}={round(self.wanted.total_seconds() * 1000)}')}"
            )

    @property
    def _counted(self) -> str:
        return f"{self.copies} copies, {self.in_step} in step"

    def _to(self, setting: str) -> str:
        return f"it with {_command(self.topic, setting)}"


def _command(topic: str, setting: str) -> str:
    of = f"--entity-type topics --entity-name {topic}"
    return f"kafka-configs --bootstrap-server HOST:9092 --alter {of} --add-config {setting}"


def _hours(time: timedelta) -> str:
    return f"{time.total_seconds() / 3600:g}"
