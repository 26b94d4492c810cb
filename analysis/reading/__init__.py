"""The reading of a text: parties with their roles, clauses with what they tell, one polarity."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.analysis.reading.derived import LIMITS
    from fengping.analysis.reading.names import Name, marked, resolved, spans_of
    from fengping.analysis.reading.pieces import LONGEST, WINDOWS, clauses_of
    from fengping.analysis.reading.terms import FORMS, KINDS, ROLES
else:
    __getattr__ = front_door(__name__)
