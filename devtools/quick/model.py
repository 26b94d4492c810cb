"""One text in, one :class:`~fengping.reading.Reading` out, by sums of weights alone.

It finds no names of its own: the parties of its readings are those that the registries know. A clause's part
in what the text says is the sum of its own runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from devtools.quick.columns import (
    ACTED,
    CLASSED,
    COLUMNS,
    CONSUMER,
    FACETED,
    POLARITY,
    RELEVANT,
    TAGGED,
)
from devtools.quick.features import Features, features_of, keys_of_name, plain_of
from devtools.quick.gram_kernel import Floats, Keys, add_up, text_keys
from fengping.analysis.complaints import Grams
from fengping.analysis.mentions import Scan
from fengping.analysis.reading import FORMS, ROLES, Name
from fengping.analysis.reading.names import names
from fengping.analysis.reading.network import sigmoid, softmax
from fengping.analysis.reading.terms import CLASSES, FACETS, TAGS
from fengping.models import Act
from fengping.reading import Party, Reading, Signal

_KEPT = 0.1
CLAUSES = [COLUMNS.index(name) for name in (*FORMS, "neg")]
"""Columns by which the clauses that name somebody tell something of its role."""


def summed(weights: Grams, keys: Keys) -> Floats:
    """[columns]: what the known *keys* say together."""
    said: Floats = add_up(keys, *weights.table, weights.steps, weights.scales)
    return said


class Quick:
    """The quick reader of those *arrays* that :func:`.training.train` gives. Immutable."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._text = Grams(arrays["keys"], arrays["steps"], arrays["scales"])
        self._names = Grams(arrays["name_keys"], arrays["name_steps"], arrays["name_scales"])
        self._plain = arrays["plain"].astype(np.float32)
        self._slopes, self._shifts = arrays["slopes"], arrays["shifts"]
        self._name_shifts = arrays["name_shifts"]

    def read(self, scans: Sequence[Scan]) -> list[Reading]:
        """A reading of each text, in order."""
        return [self._one(scan) for scan in scans]

    def act(self, scan: Scan) -> Act:
        """The likeliest act of a text."""
        return tuple(Act)[int(self._logits(features_of(scan))[ACTED].argmax())]

    def _logits(self, seen: Features) -> Floats:
        logits: Floats = summed(self._text, seen.keys) * self._slopes + self._shifts
        return logits

    def _one(self, scan: Scan) -> Reading:
        seen = features_of(scan)
        logits = self._logits(seen)
        likely = sigmoid(logits)
        negative, neutral, positive = (round(float(p), 4) for p in softmax(logits[POLARITY]))
        found = names(scan.content[: len(scan.folded)], (), scan.mentions)
        tags = likely[TAGGED]
        clauses = (
            self._clauses(seen) if found or (tags >= _KEPT).any() else np.zeros((0, len(COLUMNS)), np.float32)
        )
        parties = tuple(
            Party(
                one.name,
                one.kind,
                True,
                tuple(one.spans),
                self._roles(scan, seen, one, found, logits, clauses),
            )
            for one in found
        )
        return Reading(
            negative, neutral, positive, round(float(likely[RELEVANT]), 4), round(float(likely[CONSUMER]), 4),
            parties, tuple(self._signals(seen, clauses, tags, likely[CLASSED])),
            _likely(FACETS, likely[FACETED]),
            whole=True,
        )  # fmt: skip

    def _clauses(self, seen: Features) -> Floats:
        """[clauses, columns]: what each clause says by itself."""
        return np.array(
            [summed(self._text, text_keys(seen.codes, begin, end)) for _, begin, end in seen.clauses]
        )

    def _signals(self, seen: Features, clauses: Floats, tags: Floats, classes: Floats) -> list[Signal]:
        """Each act that the text tells, in the clause that says most for it."""
        found = []
        for kind, forms in FORMS.items():
            share = float(tags[TAGS.index(kind)])
            if share < _KEPT:
                continue
            clause = int(clauses[:, TAGGED.start + TAGS.index(kind)].argmax())
            span = seen.clauses[clause][0]
            shares = [float(tags[TAGS.index(f"{kind}.{form}")]) for form in forms]
            found.append(
                Signal(
                    kind, forms[int(np.argmax(shares))] if forms else "", (span.start, span.end),
                    round(share, 3), classes=_likely(CLASSES, classes) if kind == "charge" else None,
                )
            )  # fmt: skip
        return sorted(found, key=lambda one: one.span)

    def _roles(
        self, scan: Scan, seen: Features, name: Name, found: Sequence[Name], logits: Floats, clauses: Floats
    ) -> dict[str, float]:
        dense = dense_of(scan, seen, name, name.kind, found, logits, clauses)
        said = summed(self._names, keys_of_name(scan.folded, name)) + dense @ self._plain + self._name_shifts
        return {role: round(float(share), 3) for role, share in zip(ROLES, sigmoid(said), strict=True)}


def dense_of(
    scan: Scan, seen: Features, name: Name, kind: str, found: Sequence[Name], logits: Floats, clauses: Floats
) -> Floats:
    """What tells a name's role beside the characters around it: kind and place, the text, its own clauses."""
    numbers = [
        number
        for number, (span, _, _) in enumerate(seen.clauses)
        if any(span.start < end and start < span.end for start, end in name.spans)
    ]
    own = clauses[numbers][:, CLAUSES].max(axis=0) if numbers else np.zeros(len(CLAUSES), np.float32)
    return np.concatenate(
        [plain_of(name, kind, found, len(scan.folded)), np.tanh(logits / 4), np.tanh(own / 4)]
    )


def _likely(names: Sequence[str], shares: Floats) -> dict[str, float]:
    return {name: round(float(share), 3) for name, share in zip(names, shares, strict=True) if share >= _KEPT}
