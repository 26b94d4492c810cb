"""The class of complaints that marks a host, and whether it stands out beside the others'. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fengping.reports.facts import Host, Slice, shares_differ
from fengping.reports.facts.chance import spread_of
from fengping.reports.wording import Text, join, with_share


@dataclass(frozen=True, slots=True)
class Usual:
    """Livestream negatives of all, beside which a class of one host's may stand out."""

    whole: int
    classes: Mapping[str, int]
    """Of each complaint class by its code."""

    def is_passed_by(self, host: Host, top: Slice) -> bool:
        """True if *top* has a larger share of the host's than of the others' by more than chance."""
        part, own = int(top.count.value or 0), int(host.volume.count.value or 0)
        others, whole = self.classes.get(top.key, 0) - part, self.whole - own
        spread = spread_of(host.volume.course.series.counts)
        return shares_differ(part, own, others, whole, spread=spread) and part * whole > others * own


def mark_of(host: Host, usual: Usual | None, least: int) -> Text:
    """The one class that leads a host's complaints, where it has *least* documents or more."""
    top = max(host.issues, key=lambda cell: int(cell.count.value or 0), default=None)
    if top is None or int(top.count.value or 0) < least:
        return ()
    if sum(one.count.value == top.count.value for one in host.issues) > 1:
        return ()
    told = with_share("，占其负面信息的{share}", top.share)
    if not told:
        return ()
    if usual and usual.is_passed_by(host, top):
        return join([f"其中{host.name}的“{top.name}”舆情相对突出", *told, "。"])
    return join([f"其中涉及{host.name}的以“{top.name}”最多", *told, "。"])
