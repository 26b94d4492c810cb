"""Seen URLs: what was fetched when, what to fetch again, and what became of a document."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.seen.urls import Memory, engagement_readings, seen_of, seen_urls
    from fengping.spiders.seen.visits import Seen, Window, next_visit, outcome, plan
else:
    __getattr__ = front_door(__name__)
