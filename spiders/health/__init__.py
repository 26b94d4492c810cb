"""Health of the sources: counts per day, a verdict on each, notices when it changes, coverage of a report.

:func:`check` is what the scheduler calls after each crawl; :func:`decide` is the rule, a pure function.
"""

from fengping.spiders.health.coverage import Covered, SourceCoverage, coverage
from fengping.spiders.health.days import Day, history, run_days
from fengping.spiders.health.verdict import Health, Usual, Verdict, decide, usual
from fengping.spiders.health.watch import Notice, Standing, check, notices, standings, told, untold

__all__ = [
    "Covered",
    "Day",
    "Health",
    "Notice",
    "SourceCoverage",
    "Standing",
    "Usual",
    "Verdict",
    "check",
    "coverage",
    "decide",
    "history",
    "notices",
    "run_days",
    "standings",
    "told",
    "untold",
    "usual",
]
