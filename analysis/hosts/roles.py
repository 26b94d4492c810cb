"""Roles of the hosts and brands a text names: accused, accuser, victim, responder, commentator, bystander.

Who is accused is weighed by a linear model over cues and runs of characters around the name; its weights
stand in ``registry/roles.npz``, as hashes, learnt by ``python -m devtools.training.roles``. Only a
negative text accuses. The other roles follow from the strongest cue.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from fengping.analysis.hosts.entries import Kind
from fengping.analysis.hosts.registry import REGISTRY
from fengping.analysis.hosts.role_features import Marked, features, runs
from fengping.analysis.mentions import Mention, Scan
from fengping.analysis.text.sentences import Places
from fengping.models import Act, Evidence, Role

MODEL = "roles.npz"
RUN = 0.3
"""Weight of a run of characters beside a cue."""
KINDS = (Kind.HOST, Kind.BRAND)
THRESHOLDS = {Kind.HOST: 0.5, Kind.BRAND: 0.5}
"""Probability from which a name is accused."""

SPARING = {
    Kind.HOST: frozenset({"lead:pays", "before:missed"}),
    Kind.BRAND: frozenset({"lead:pays", "before:missed", "behind:disowns"}),
}
"""Cues that clear a name whatever else is said: who pays for another's goods, is missed, or, of a brand, says
that a seller has no licence of its own, did no wrong."""
DENIES = "behind:denies"
"""Whoever denies a charge is the one accused of it, however the rest is weighed."""

# Cue → role of a name that is not accused; the first that holds counts.
_OTHERS = (
    ("accuses", Role.ACCUSER), ("word behind:against", Role.ACCUSER), ("suffers", Role.VICTIM),
    ("slandered", Role.VICTIM), ("before:likened", Role.VICTIM), ("answers", Role.RESPONDER),
    ("speaks", Role.COMMENTATOR),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A host or brand of a text: its role, the mention and the cue that told it most strongly."""

    name: str
    kind: Kind
    role: Role
    start: int
    end: int
    cue: str
    probability: float
    """Of being accused, where the text is negative."""

    def evidence(self) -> Evidence:
        """The span; for the accused under the label of the field that lists them."""
        label = "negative_host" if self.kind is Kind.HOST else "negative_brand"
        if self.role is not Role.ACCUSED:
            label = f"role:{self.role}"
        return Evidence(f"{label}:{self.name}", self.start, self.end, self.cue)


@dataclass(frozen=True)
class RoleModel:
    """Weights of features and runs, by hash. Immutable."""

    weights: Mapping[int, float]
    version: str = "roles"
    _known: dict[tuple[Kind, str], float] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path = REGISTRY / MODEL) -> RoleModel:
        """The model that ships."""
        with np.load(path) as file:
            weights = file["weights"].astype(np.float32)
            told = dict(zip(file["keys"].tolist(), weights.tolist(), strict=True))
        return cls(told, f"roles-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}")

    def find(
        self, scan: Scan, places: Places, *, negative: bool, act: Act | None = None
    ) -> tuple[Named, ...]:
        """Each host and brand of *scan* with its role, hosts first.

        *places*: where the words that tell acts stand (:meth:`ActModel.places`). *act*: in an answer, who
        speaks without being accused is the responder.
        """
        named = []
        marked = Marked.of(scan)
        for kind in KINDS:
            for name, found in features(scan, kind, places).items():
                probability = self.accused(kind, found, runs(marked, name)) if negative else 0.0
                accused = probability > THRESHOLDS[kind] or (negative and DENIES in found)
                if accused and SPARING[kind].isdisjoint(found):
                    cue = max(found, key=lambda one: self._weight(kind, one))
                    role = Role.ACCUSED
                else:
                    cue, role = _other(found, act)
                mention = found[cue]
                named.append(Named(name, kind, role, mention.start, mention.end, cue, probability))
        return tuple(named)

    def accused(self, kind: Kind, found: Iterable[str], around: Iterable[str]) -> float:
        """Probability that a name is accused in a negative text."""
        total = sum(self._weight(kind, name) for name in found)
        total += sum(self.weights.get(key(run), 0.0) for run in around)
        return 1 / (1 + math.exp(-total))

    def _weight(self, kind: Kind, feature: str) -> float:
        """Weight of a cue; there are a few hundred of them, so each is looked up once."""
        known = self._known.get((kind, feature))
        if known is None:
            known = sum(self.weights.get(key(name), 0.0) for name in both(kind, feature))
            self._known[kind, feature] = known
        return known


def both(kind: Kind, feature: str) -> tuple[str, str]:
    """A feature's names in the model: one for hosts and brands together, one for its kind alone."""
    return f"c:{feature}", f"{kind.name}:{feature}"


@lru_cache(1 << 14)
def key(feature: str) -> int:
    """The number under which a feature or run stands in the model."""
    return zlib.crc32(feature.encode("utf-8", "surrogatepass"))


def _other(found: Mapping[str, Mention], act: Act | None) -> tuple[str, Role]:
    """The cue and role of a name that is not accused."""
    for cue, role in _OTHERS:
        for name in (cue, f"lead:{cue}", f"rest:{cue}"):
            if name in found:
                responds = act is Act.RESPONSE and role is Role.COMMENTATOR
                return name, Role.RESPONDER if responds else role
    return "bias", Role.BYSTANDER
