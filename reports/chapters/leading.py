"""The fields that a report calls leading, and the words where none is."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.facts import Topic
from fengping.reports.facts.fields import LIVE_FIELD, LIVE_NAME

MARK_LEAST = 5
"""Documents from which a class is called leading, for all or for one host."""
MARK_SHARE = 0.2
"""Part of the negatives from which a class is called leading."""
ALL_LIVE = 0.9
"""Part of the negatives from which livestream selling is what the report is about, not a finding."""


def leading_fields(fields: Sequence[Topic]) -> Sequence[Topic]:
    """The three largest fields, as far as they hold more than a handful of texts, copies folded, and a fifth
    of the negatives. Livestream selling is none where nearly all are of it: that is what was looked for."""
    largest = sorted(_kinds(fields), key=lambda field: -int(field.volume.count.value or 0))[:3]
    return [field for field in largest if is_told(field) and float(field.share.value or 0) >= MARK_SHARE]


def _kinds(fields: Sequence[Topic]) -> list[Topic]:
    return [field for field in fields if field.code != LIVE_FIELD or float(field.share.value or 0) < ALL_LIVE]


def is_told(field: Topic) -> bool:
    """True of a field of more than a handful of texts, copies folded."""
    return int(field.volume.folded.value or 0) >= MARK_LEAST


def no_leading(fields: Sequence[Topic]) -> str:
    """The words for fields of which none leads."""
    kinds = _kinds(fields)
    if not kinds:
        return f"除{LIVE_NAME}外，未归入其他问题类别"
    but = "" if len(kinds) == len(fields) else f"除{LIVE_NAME}外，"
    if any(map(is_told, kinds)):
        return f"{but}归入各领域的信息均不足吐槽类信息的{MARK_SHARE:.0%}"
    many = any(int(field.volume.count.value or 0) >= MARK_LEAST for field in kinds)
    return f"{but}归入各领域的信息{'同文折叠后' if many else ''}均少于{MARK_LEAST}条"
