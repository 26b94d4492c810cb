"""Facts from a store, laid out as the CCA lays its reports out, printed in six formats.

``build`` asks the fixed queries and makes a :class:`Report` (pure values); ``write`` prints it.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "Coverage": "facts.model",
    "Kind": "kinds",
    "Report": "document",
    "Scope": "scope",
    "SourceState": "facts.model",
    "Window": "facts.model",
    "Written": "output",
    "build": "building",
    "find_kind": "kinds",
    "known_formats": "output",
    "window_of": "windows",
    "write": "output",
}

if TYPE_CHECKING:
    from fengping.reports.building import build as build
    from fengping.reports.document import Report as Report
    from fengping.reports.facts.model import Coverage as Coverage
    from fengping.reports.facts.model import SourceState as SourceState
    from fengping.reports.facts.model import Window as Window
    from fengping.reports.kinds import Kind as Kind
    from fengping.reports.kinds import find_kind as find_kind
    from fengping.reports.output import Written as Written
    from fengping.reports.output import known_formats as known_formats
    from fengping.reports.output import write as write
    from fengping.reports.scope import Scope as Scope
    from fengping.reports.windows import window_of as window_of
else:
    __getattr__ = front_door(__name__, DOOR)
