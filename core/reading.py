"""What one text says: a :class:`Reading` with its parties and signals, as `analysis/reading` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMS = {
    "charge": (), "harm": (), "test": (), "demand": (), "retraction": (), "reaction": (), "promotion": (),
    "answer": ("deny", "explain", "admit", "apologise", "pay", "promise", "threaten"),
    "official": (
        "rule", "investigate", "summon", "order", "fine", "ban", "detain", "prosecute", "judge", "clear",
        "warn",
    ),
}  # fmt: skip
"""Kind of a signal → its forms."""
FACETS = (
    "AI",
    "价保砍单千人千价",
    "低价引流",
    "国补以旧换新",
    "未成年",
    "玉石文玩",
    "私域",
    "老年",
    "食品保健",
)
SIGNALS = {
    "指控": "charge", "伤害": "harm", "检测": "test", "诉求": "demand", "回应": "answer", "官方": "official",
    "撤回": "retraction", "反响": "reaction", "推广": "promotion",
    "否认": "answer.deny", "解释": "answer.explain", "承认": "answer.admit", "道歉": "answer.apologise",
    "赔付": "answer.pay", "承诺": "answer.promise", "威胁追责": "answer.threaten",
    "出台规则": "official.rule", "调查": "official.investigate", "约谈": "official.summon",
    "责令": "official.order", "罚款": "official.fine", "封禁": "official.ban", "拘留": "official.detain",
    "公诉": "official.prosecute", "判决": "official.judge", "认定无责": "official.clear",
    "警示": "official.warn",
}  # fmt: skip
"""Chinese words for the kinds of signals, and for the forms of answers and official acts."""
SELLERS = frozenset({"shop", "brand", "company", "room", "agency", "platform"})
"""Kinds of parties that sell."""
Span = tuple[int, int]
"""Start and end of characters in the text."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person, shop, brand, company, platform, live room, agency or authority that the text names."""

    name: str
    """The registry's canonical name, or the name as the text first has it."""
    kind: str
    """``person``, ``shop``, ``brand``, ``company``, ``platform``, ``room``, ``agency`` or ``authority``."""
    known: bool
    """True if a registry knows it."""
    mentions: tuple[Span, ...]
    roles: Mapping[str, float] = field(hash=False)
    """Role → probability; several may be likely."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A clause that tells an act."""

    kind: str
    """``charge``, ``harm``, ``test``, ``demand``, ``answer``, ``official``, ``retraction``, ``reaction`` or
    ``promotion``."""
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
    classes: Mapping[str, float] | None = field(default=None, hash=False)
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
    facets: Mapping[str, float] = field(hash=False)
    """Facet → probability, for those that are not unlikely."""
    whole: bool
    """False if the text goes on behind what was read."""
