"""Facts of a report: the fixed queries, and pure arithmetic on what they answer."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.reports.facts.chance import rates_differ, shares_differ, spread_of_shares
    from fengping.reports.facts.cuts import cut_of
    from fengping.reports.facts.keyness import marking_words
    from fengping.reports.facts.model import (
        Agreement,
        Case,
        Host,
        Rest,
        Slice,
        Topic,
        Volume,
        course_of,
        share_of,
    )
    from fengping.reports.facts.outcome import issues_of, most_telling, title_of_issues
    from fengping.reports.facts.previous import Previous
    from fengping.reports.facts.quoting import in_context
    from fengping.reports.facts.series import PEAK_FACTOR, Series
else:
    __getattr__ = front_door(__name__)
