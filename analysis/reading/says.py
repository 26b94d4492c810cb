"""What a reading says: :class:`Reading` with its parties and signals."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]
"""Start and end of characters in the text."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person, shop, brand, company, platform, live room, agency or authority that the text names."""

    name: str
    """The registry's canonical name, or the name as the text first has it."""
    kind: str
    """One of :data:`~.terms.KINDS`."""
    known: bool
    """True if a registry knows it."""
    mentions: tuple[Span, ...]
    roles: dict[str, float]
    """Role → probability; several may be likely."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A clause that tells an act."""

    kind: str
    """One of the keys of :data:`~.terms.FORMS`."""
    form: str
    """Form of an answer or official act; empty for other kinds."""
    span: Span
    """The clause."""
    probability: float
    actor: int | None = None
    """Number of the party that acts, among the reading's parties."""
    target: int | None = None
    object: Span | None = None
    """What a charge is about."""
    classes: dict[str, float] | None = None
    """Complaint class of a charge → probability, for those that are not unlikely."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says, whatever channel or column brought it."""

    negative: float
    neutral: float
    positive: float
    relevant: float
    consumer: float
    parties: tuple[Party, ...]
    signals: tuple[Signal, ...]
    facets: dict[str, float]
    """Facet → probability, for those that are not unlikely."""
    whole: bool
    """False if the text goes on behind what was read."""
