"""Chapters of a report: each a small registered class, one file a chapter."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.reports.chapters.chapter import REGISTER, Background, Official
    from fengping.reports.chapters.comparison import share_differs
    from fengping.reports.chapters.topics import TIERS, topic_texts
else:
    __getattr__ = front_door(__name__)
