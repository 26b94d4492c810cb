"""Facts from a store, laid out as the CCA lays its reports out, printed in six formats.

``build`` asks the fixed queries and makes a :class:`Report` (pure values); ``write`` prints it.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.reports.building import build
    from fengping.reports.document import Report
    from fengping.reports.facts.model import Coverage, SourceState, Window
    from fengping.reports.kinds import Kind, find_kind
    from fengping.reports.output import Written, known_formats, write
    from fengping.reports.scope import Scope
    from fengping.reports.windows import window_of
else:
    __getattr__ = front_door(__name__)
