"""What the quick reader says of a text and of a name: the order of its columns."""

from __future__ import annotations

from fengping.analysis.reading.terms import CLASSES, FACETS, POLARITIES, TAGS
from fengping.models import Act

COLUMNS = (*POLARITIES, "relevant", "consumer", *TAGS, *CLASSES, *FACETS, *(f"act.{act}" for act in Act))
POLARITY = slice(0, len(POLARITIES))
RELEVANT, CONSUMER = COLUMNS.index("relevant"), COLUMNS.index("consumer")
TAGGED = slice(CONSUMER + 1, CONSUMER + 1 + len(TAGS))
CLASSED = slice(TAGGED.stop, TAGGED.stop + len(CLASSES))
FACETED = slice(CLASSED.stop, CLASSED.stop + len(FACETS))
ACTED = slice(FACETED.stop, len(COLUMNS))
