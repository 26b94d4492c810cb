"""Judgement of texts: polarity, hosts and their roles, platforms, complaint classes, reposts.

:class:`Judge` gives everything at once; it asks no network, no database and no clock.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.analysis.complaints.classes import IssueRules
    from fengping.analysis.counting import counted_interval
    from fengping.analysis.hosts.registry import HostRegistry
    from fengping.analysis.judge import Judge
    from fengping.analysis.media import tier_of
    from fengping.analysis.mentions import Lexicon
    from fengping.analysis.polarity.model import PolarityModel
    from fengping.analysis.polarity.parts import SourceKind, kind_of
    from fengping.analysis.reading.model import Reader
    from fengping.analysis.reposts.compare import same_story
    from fengping.analysis.urls import canonical_url
else:
    __getattr__ = front_door(__name__)
