"""Fields of a report: complaint classes and livestream selling, each with its course, story and words."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters.topics import topic_name
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Story, Topic, Volume, derived, share_of
from fengping.reports.facts.points import points_of
from fengping.reports.scope import COMPLAINT, NEGATIVE, Cut
from fengping.reports.wording import Fact

LIVE_FIELD = "live"
LIVE_NAME = "直播带货"
OPENED = 8
"""Fields whose 槽点 are counted."""
STORY_LEAST = 3
"""Reposts from which a peak day is laid to one story."""


def fields_of(
    ask: Counter, negative: Fact, complaints: Volume, min_publishers: int, first: Sequence[str]
) -> tuple[Topic, ...]:
    """Complaint classes over all negatives, and livestream selling as one; *first* ones, then by count."""
    found = list(topics_of(ask, NEGATIVE, "issue", negative, min_publishers, opened=OPENED))
    if complaints.count.value:
        share = share_of("complaints.share", "直播带货类占吐槽类", complaints.count, negative)
        story = _story(ask, "complaints", COMPLAINT, complaints, min_publishers)
        points = points_of(ask, "complaints", LIVE_NAME, COMPLAINT, "issue:")
        found.append(Topic(LIVE_FIELD, LIVE_NAME, complaints, share, story, points))
    order = {code: at for at, code in enumerate(first)}
    found.sort(key=lambda t: (order.get(t.code, len(order)), -int(t.volume.count.value or 0), t.code))
    return tuple(found)


def topics_of(
    ask: Counter, cut: Cut, id: str, whole: Fact, min_publishers: int, *, opened: int = 0
) -> tuple[Topic, ...]:
    """Complaint classes of *cut*, largest first; of the first *opened* ones with story and 槽点."""
    days = ask.by_day_and(ask.within(cut), "issues")
    folded = ask.folded_by(cut, "issues")
    found: list[Topic] = []
    for code in sorted(days, key=lambda c: (-sum(days[c].values()), c)):
        own, name, own_id = cut.also(issues=(code,)), topic_name(code), f"{id}.{code}"
        volume = ask.volume(own_id, name, own, days=days[code], folded=folded.get(code, {}))
        share = share_of(f"{own_id}.share", f"{name}占比", volume.count, whole)
        if len(found) >= opened:
            found.append(Topic(code, name, volume, share))
            continue
        story = _story(ask, own_id, own, volume, min_publishers)
        points = points_of(ask, own_id, name, own, f"issue:{code}")
        found.append(Topic(code, name, volume, share, story, points))
    return tuple(found)


def unclassified_of(ask: Counter, fields: Sequence[Topic], negative: Fact, complaints: Fact) -> Fact:
    """Negatives that are in none of *fields*."""
    return derived(
        "negative.unclassified",
        "未归入任何领域的吐槽类信息",
        int(negative.value or 0) - _in_any(ask, fields, int(complaints.value or 0)),
        "negative − |issues ∈ C01…C14 ∪ relevant|",
        negative,
    )


def hold_most(ask: Counter, fields: Sequence[Topic], negative: Fact) -> bool:
    """True if at least half of the negatives are in one of *fields* or more."""
    live = next((int(t.volume.count.value or 0) for t in fields if t.code == LIVE_FIELD), 0)
    return 2 * _in_any(ask, fields, live) >= int(negative.value or 0)


def _in_any(ask: Counter, fields: Sequence[Topic], live: int) -> int:
    """Negatives in one of *fields* or more, of which *live* are of livestream selling."""
    codes = tuple(t.code for t in fields if t.code != LIVE_FIELD)
    classified = ask.store.count(ask.within(NEGATIVE.also(issues=codes))) if codes else 0
    also = ask.store.count(ask.within(COMPLAINT.also(issues=codes))) if codes and live else 0
    return classified + live - also


def _story(ask: Counter, id: str, cut: Cut, volume: Volume, min_publishers: int) -> Story | None:
    """The largest repost group of the peak day, where it is no accident."""
    days = volume.highest
    if len(days) != 1:
        return None
    largest = ask.store.terms(ask.within(cut, days[0]), "group", limit=1)
    if not largest or largest[0][1] < STORY_LEAST:
        return None
    group, n = largest[0]
    asked = ask.within(cut.also(group=(group,)), days[0])
    if not ask.told_by(asked, min_publishers, copies=True):
        return None
    count = ask.count(f"{id}.peak.story", "峰值日最大同文组", asked, known=n)
    return Story(count.documents[0], count)
