"""Keyword plans: names × sources × time as searches, with time split where a site cuts its results off."""

from fengping.spiders.plans.running import Done, Ending, run_plan
from fengping.spiders.plans.searches import Search, Step, searches, spans, split

__all__ = ["Done", "Ending", "Search", "Step", "run_plan", "searches", "spans", "split"]
