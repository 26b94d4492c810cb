"""The cause of a peak as far as counts carry it: one story, several, or only more of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fengping.services.trends.shares import Share

MAIN = 0.5
"""Share of what a peak has beyond the usual from which its stories are told as its cause."""
_LEAST = 3
"""Documents under which no story is a cause."""

_PART = 0.25
"""Share from which they are told as a part of it, and it is not called mere collecting."""

_ROUNDED = 0.005
"""Difference of shares that a whole percent does not show."""
_SEEN = 0.05
"""Usual documents of a story from which they are told, as one place shows them."""

STORY, STORIES, PART, COLLECTED, SUBJECT = "story", "stories", "part", "collected", "subject"


class Told(Protocol):
    """A story as far as a sentence tells it."""

    @property
    def title(self) -> str: ...
    @property
    def example(self) -> str: ...
    @property
    def share(self) -> Share: ...
    @property
    def usual(self) -> float: ...
    @property
    def carried(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Cause:
    """A peak's cause, and the counts by which it is one."""

    kind: str
    """``story`` where one story carries half of what is beyond the usual, ``stories`` where several do
    together, ``part`` where they carry a quarter; else ``collected`` where more of everything was collected,
    ``subject`` where the question itself fills more of what was collected than usual."""
    together: float
    """Share of what is beyond the usual that its stories carry together."""
    now: Share
    """The question's documents among all that were collected in the peak."""
    before: Share
    """The same for the weeks around."""
    shared: Sequence[tuple[str, int]]
    """Words that its documents share and others do not, with their number; where no story is the cause."""
    overlaps: bool
    """Say whether stories share documents, so that their parts add up to more than *together*."""
    sentence: str


def cause_of(
    stories: Sequence[Told],
    together: float,
    usual: float,
    now: Share,
    before: Share,
    season: str,
    example: str,
    shared: Sequence[tuple[str, int]],
    *,
    rose: bool,
) -> Cause:
    """The cause of a peak with these *stories*, the one that carries most first.

    *season* is the campaign of these days by the calendar; *rose* says that the question fills more of what
    was collected than usual, of which *example* is a headline and *shared* are words with their documents.
    """
    halves = [one for one in stories if one.carried >= MAIN]
    if len(halves) == 1 and halves[0].share.count >= _LEAST:
        kind = STORY
    elif len(stories) > 1 and together >= MAIN:
        kind = STORIES
    elif together >= _PART and not (rose and shared and 2 * shared[0][1] >= now.count):
        kind = PART
    else:
        kind = SUBJECT if rose else COLLECTED
    each = [_told(one) for one in stories]
    overlaps = sum(one.carried for one in stories) > together + _ROUNDED
    often = "、".join(f"「{word}」{count:,} 条" for word, count in shared)
    sentence = _sentence(kind, each, often, together, usual, now, before)
    if (
        kind in (PART, SUBJECT)
        and example
        and not any(example in (one.title, one.example) for one in stories)
    ):
        sentence += f"如「{example}」。"
    if overlaps:
        sentence += f"有的同属两题，合计 {together:.0%}。"
    if season:
        sentence += f"时值{season}。"
    return Cause(kind, together, now, before, shared, overlaps, sentence)


def _told(story: Told) -> str:
    example = f"，如「{story.example}」" if story.example not in ("", story.title) else ""
    usual = f"平时约 {story.usual:,.1f} 条，" if story.usual >= _SEEN else ""
    return f"「{story.title}」{story.share.count:,} 条（{usual}占增量 {story.carried:.0%}{example}）"


def _sentence(
    kind: str, each: Sequence[str], often: str, together: float, usual: float, now: Share, before: Share
) -> str:
    if kind == STORY:
        more = f"；另有{'，'.join(each[1:])}" if each[1:] else ""
        return f"主要是{each[0]}{more}。"
    if kind == STORIES:
        return f"数个主题合占增量 {together:.0%}：{'，'.join(each)}。"
    if kind == PART:
        rest = f"多谈{often}" if often else "其余未能归为一事"
        return f"一部分是{'，'.join(each)}；{rest}。"
    some = f"其中{'，'.join(each)}，其余未能归为一事。" if each else "各条未能归为一事。"
    if kind == SUBJECT:
        shares = f"占全部采集 {_percent(now)}，平时 {_percent(before)}"
        if often:
            some = f"多谈{often}{'；其中' + '，'.join(each) if each else ''}。"
        return f"所问内容本身增多（{shares}），未见占增量一半的单一事件；{some}"
    if now.count < now.of:
        shares = f"共采集 {now.of:,} 条，所问占 {_percent(now)}，平时 {_percent(before)}"
    else:
        shares = f"{now.count:,} 条，平时约 {usual:,.0f} 条"
    return f"采集较多（{shares}），无单一事件；{some}"


def _percent(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.1%}"
