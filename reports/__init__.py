"""Facts from a store, laid out as the CCA lays its reports out, printed in six formats.

``build`` asks the fixed queries and makes a :class:`Report` (pure values); ``write`` prints it.
"""

from fengping.reports.build import build
from fengping.reports.document import Report
from fengping.reports.facts.model import Coverage, SourceState, Window
from fengping.reports.kinds import KINDS, Kind, find_kind, window_of
from fengping.reports.output import Written, known_formats, write
from fengping.reports.scope import Scope

__all__ = [
    "KINDS",
    "Coverage",
    "Kind",
    "Report",
    "Scope",
    "SourceState",
    "Window",
    "Written",
    "build",
    "find_kind",
    "known_formats",
    "window_of",
    "write",
]
