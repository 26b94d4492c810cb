"""A chapter as reports know it, and the register that a report's outline is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from fengping.errors import UsageError, did_you_mean
from fengping.reports.chapters.blocks import Pages
from fengping.reports.facts import Agreement
from fengping.reports.facts.gather import Facts


@dataclass(frozen=True, slots=True)
class Background:
    """A figure that others published, cited in the preface and never computed."""

    text: str
    source: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Official:
    """A dated figure of a complaint desk (12315, 黑猫), printed beside ours."""

    source: str
    first: date
    last: date
    what: str
    value: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """Things a report is told besides its facts."""

    season: str = ""
    """The occasion in its text (“双11”); empty for a window without one."""
    subject: str = "直播带货"
    focus: str = ""
    """The host or the event that the report is about."""
    running: str = ""
    """本周 or 本月 where it is not over at the end of the window."""
    background: Sequence[Background] = ()
    official: Sequence[Official] = ()
    accuracy: Mapping[str, Agreement] = field(default_factory=dict)
    """Measured agreement by name: ``label``, and ``precision`` and ``recall`` of negatives."""
    cuts: Sequence[tuple[str, ...]] = ()
    """Fields to break the scope down by, alone or two against each other."""
    notes: Mapping[str, str] = field(default_factory=dict)


class Chapter(Protocol):
    """A chapter: the facts that it reads are asked of the store when it reads them."""

    name: str
    """Name in outlines and TOML files."""

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        """Appends headings, sentences, pictures and tables; nothing at all where there is nothing to say."""


_C = TypeVar("_C", bound=Chapter)

REGISTER: dict[str, Chapter] = {}


def register(chapter: type[_C]) -> type[_C]:
    """Enters a chapter under its name."""
    made = chapter()
    REGISTER[made.name] = made
    return chapter


def outline(names: Sequence[str]) -> list[Chapter]:
    """Chapters of these names in this order; raises :class:`UsageError` for an unknown one."""
    for name in names:
        if name not in REGISTER:
            raise UsageError(f"Unknown chapter {name!r}.", remedy=did_you_mean(name, REGISTER))
    return [REGISTER[name] for name in names]
