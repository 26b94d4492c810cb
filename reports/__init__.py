"""Facts from a store, laid out as the CCA lays its reports out, printed in six formats.

``build`` asks the fixed queries and makes a :class:`Report` (pure values); ``write`` prints it.
"""

from fengping.reports.build import build
from fengping.reports.document import Report
from fengping.reports.facts.model import Coverage, SourceState, Window
from fengping.reports.kinds import KINDS, find_kind, window_of
from fengping.reports.output import Written, known_formats, write

__all__ = [
    "KINDS",
    "Coverage",
    "Report",
    "SourceState",
    "Window",
    "Written",
    "build",
    "find_kind",
    "known_formats",
    "window_of",
    "write",
]
