"""Polarity and relevance: negative, neutral or positive, and about selling by livestream or not.

A small quantised model trained by ``python -m devtools train``; MODEL_CARD.md beside it says on what.
"""

from fengping.analysis.polarity.model import PolarityModel, Span
from fengping.analysis.polarity.parts import SourceKind, kind_of, kind_told
from fengping.analysis.polarity.verdicts import CODES, Verdicts

__all__ = ["CODES", "PolarityModel", "SourceKind", "Span", "Verdicts", "kind_of", "kind_told"]
