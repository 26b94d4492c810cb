"""Judgement of texts: polarity, hosts and their roles, platforms, complaint classes, reposts.

:class:`Judge` gives everything at once; it asks no network, no database and no clock.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "HostRegistry": "hosts.registry",
    "IssueRules": "complaints.classes",
    "Judge": "judge",
    "Lexicon": "mentions",
    "PolarityModel": "polarity.model",
    "Reader": "reading.model",
    "SourceKind": "polarity.parts",
    "canonical_url": "urls",
    "counted_interval": "counting",
    "kind_of": "polarity.parts",
    "same_story": "reposts.compare",
    "tier_of": "media",
}

if TYPE_CHECKING:
    from fengping.analysis.complaints.classes import IssueRules as IssueRules
    from fengping.analysis.counting import counted_interval as counted_interval
    from fengping.analysis.hosts.registry import HostRegistry as HostRegistry
    from fengping.analysis.judge import Judge as Judge
    from fengping.analysis.media import tier_of as tier_of
    from fengping.analysis.mentions import Lexicon as Lexicon
    from fengping.analysis.polarity.model import PolarityModel as PolarityModel
    from fengping.analysis.polarity.parts import SourceKind as SourceKind
    from fengping.analysis.polarity.parts import kind_of as kind_of
    from fengping.analysis.reading.model import Reader as Reader
    from fengping.analysis.reposts.compare import same_story as same_story
    from fengping.analysis.urls import canonical_url as canonical_url
else:
    __getattr__ = front_door(__name__, DOOR)
