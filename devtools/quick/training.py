"""Training of the quick reader: a linear model of runs of characters, taught by labels and by the encoder.

Two halves of the texts teach a model each, which then reads the other half: by what it says there the model
of all texts is set to the limits of the reading, and the roles of names are learnt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from devtools.quick.columns import ACTED, COLUMNS, POLARITY
from devtools.quick.descent import Examples, descend, predict
from devtools.quick.features import keys_of_name
from devtools.quick.gram_kernel import text_keys
from devtools.quick.model import dense_of, summed
from devtools.quick.texts import Floats, Text
from devtools.reading.limits import to_search
from devtools.training.descent import Parameters, start
from devtools.training.readings import text_hash
from fengping.analysis.complaints import Grams
from fengping.analysis.reading import LIMITS
from fengping.analysis.reading import ROLES as ROLE_NAMES
from fengping.analysis.reading.derived import LIKELY
from fengping.analysis.reading.network import sigmoid, softmax
from fengping.analysis.reading.terms import CLASSES, FACETS, TAGS

PASSES, RATE, DECAY = 8, 0.08, 2e-6
BOLD = 4
"""Times that the steps of acts are longer: a tenth of the texts tells them."""
COMMON, KEPT = 6, 200_000
"""Examples in which a key stands, at least; keys that are kept, those that weigh most."""
_AT = {name: number for number, name in enumerate(COLUMNS)}
_GROUPS = np.full(len(COLUMNS), -1, np.int64)
_ACTS = 1
_GROUPS[POLARITY], _GROUPS[ACTED] = 0, _ACTS
_NO_GROUPS = np.full(len(ROLE_NAMES), -1, np.int64)


class Vocabulary:
    """Keys that stand in enough examples, each with its row."""

    def __init__(self, keys: Sequence[npt.NDArray[np.uint64]], least: int) -> None:
        found, counts = np.unique(np.concatenate([np.unique(one) for one in keys]), return_counts=True)
        self.keys = found[counts >= least]

    def rows(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        """Rows of the known ones of *keys*, each once."""
        unique = np.unique(keys)
        at = np.minimum(np.searchsorted(self.keys, unique), len(self.keys) - 1)
        found: npt.NDArray[np.int32] = at[self.keys[at] == unique].astype(np.int32)
        return found


def examples_of(
    vocabulary: Vocabulary, keys: Sequence[npt.NDArray[np.uint64]], plain: Floats, targets: Floats,
    weights: Floats,
) -> Examples:  # fmt: skip
    rows = [vocabulary.rows(one) for one in keys]
    ends = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(one) for one in rows], out=ends[1:])
    return Examples(ends, np.concatenate(rows), plain, targets, weights)


def fit(
    examples: Examples, rows: int, chosen: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], seed: int
) -> Parameters:
    """The weights after all passes over the *chosen* examples."""
    learned = start(rows, examples.plain.shape[1], examples.targets.shape[1])
    rng = np.random.default_rng(seed)
    rates = np.where(groups == _ACTS, BOLD * RATE, RATE).astype(np.float32)
    for number in range(PASSES):
        left = 1 - number / PASSES
        descend(examples, learned, groups, rng.permutation(chosen), rates * np.float32(left), DECAY)
    return learned


def train(
    texts: Sequence[Text], seed: int, show: Callable[[str], None]
) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of the quick reader's file."""
    targets = np.stack([text.targets for text in texts])
    weights = np.stack([text.weights for text in texts])
    keys = [text.seen.keys for text in texts]
    vocabulary = Vocabulary(keys, COMMON)
    ones = np.ones((len(texts), 1), np.float32)
    examples = examples_of(vocabulary, keys, ones, targets, weights)
    show(f"{len(texts):,} texts, {len(vocabulary.keys):,} keys, {len(examples.rows):,} places.")
    half = np.array([int(text_hash(text.scan.content), 16) % 2 for text in texts])
    crossed = np.zeros(targets.shape, np.float32)
    clauses: list[Floats] = [np.zeros((0, len(COLUMNS)), np.float32)] * len(texts)
    for side in (0, 1):
        learned = fit(examples, len(vocabulary.keys), np.flatnonzero(half != side), _GROUPS, seed)
        model = Grams.rounded(vocabulary.keys, learned.rows)
        there = np.flatnonzero(half == side)
        crossed[there] = predict(examples, learned)[there]
        for number in there.tolist():
            if texts[number].parties:
                seen = texts[number].seen
                clauses[number] = np.array(
                    [summed(model, text_keys(seen.codes, a, b)) for _, a, b in seen.clauses]
                )
        show(f"Half {side + 1} is read.")
    gold = np.array([text.gold for text in texts])
    slopes, shifts = calibrated(crossed[gold], targets[gold], weights[gold])
    crossed = crossed * slopes + shifts
    kinds = np.array([text.kind for text in texts], np.int8)
    sample = np.flatnonzero(kinds >= 0)
    learned = fit(examples, len(vocabulary.keys), np.arange(len(texts)), _GROUPS, seed)
    heaviest = np.sort(np.argsort(-np.linalg.norm(learned.rows, axis=1))[:KEPT])
    arrays = _arrays("", Grams.rounded(vocabulary.keys[heaviest], learned.rows[heaviest]))
    arrays |= {"slopes": slopes, "shifts": shifts + slopes * learned.plain[0]}
    arrays |= {
        "sample_kinds": kinds[sample],
        "sample_shares": softmax(crossed[sample, POLARITY])[:, 0].astype(np.float16),
        "sample_negative": targets[sample, 0] > 0.5,
    }
    # The halves were calibrated with their own constants, which differ from these by next to nothing.
    return arrays | train_names(texts, crossed, clauses, half, seed, show)


def train_names(
    texts: Sequence[Text], logits: Floats, clauses: Sequence[Floats], half: npt.NDArray[np.int64], seed: int,
    show: Callable[[str], None],
) -> dict[str, npt.NDArray[np.generic]]:  # fmt: skip
    keys, plain, roles, weights, sides, gold = [], [], [], [], [], []
    for text, said, own, side in zip(texts, logits, clauses, half, strict=True):
        names = [party.name for party in text.parties]
        for party in text.parties:
            if party.name.spans:
                keys.append(keys_of_name(text.scan.folded, party.name))
                plain.append(dense_of(text.scan, text.seen, party.name, party.kind, names, said, own))
                roles.append(party.roles)
                weights.append(party.weight)
                sides.append(side)
                gold.append(text.gold)
    vocabulary = Vocabulary(keys, COMMON)
    targets = np.stack(roles)
    each = np.repeat(np.array(weights, np.float32)[:, None], targets.shape[1], axis=1)
    examples = examples_of(vocabulary, keys, np.stack(plain), targets, each)
    show(f"{len(keys):,} names, {len(vocabulary.keys):,} keys.")
    crossed, side_of, is_gold = np.zeros(targets.shape, np.float32), np.array(sides), np.array(gold)
    for side in (0, 1):
        learned = fit(examples, len(vocabulary.keys), np.flatnonzero(side_of != side), _NO_GROUPS, seed)
        there = np.flatnonzero(side_of == side)
        crossed[there] = predict(examples, learned)[there]
    shifts = np.zeros(len(ROLE_NAMES), np.float32)
    for number, role in enumerate(ROLE_NAMES):
        shifts[number] = _shift(role, crossed[is_gold, number], targets[is_gold, number] > 0.5)
    learned = fit(examples, len(vocabulary.keys), np.arange(len(keys)), _NO_GROUPS, seed)
    arrays = _arrays("name_", Grams.rounded(vocabulary.keys, learned.rows))
    return arrays | {"plain": learned.plain, "name_shifts": shifts}


def calibrated(logits: Floats, targets: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """[columns] slopes and shifts by which each column is right at the limits of the reading."""
    slopes, shifts = np.ones(len(COLUMNS), np.float32), np.zeros(len(COLUMNS), np.float32)
    known = weights[:, 0] > 0
    slopes[POLARITY] = min(
        np.linspace(0.4, 1.6, 25),
        key=lambda slope: _cross(logits[known, POLARITY] * slope, targets[known, POLARITY]),
    )
    for _ in range(20):
        for name in ("neg", "pos"):
            said = logits[known, POLARITY] * slopes[POLARITY] + shifts[POLARITY]
            shares = np.exp(said) / np.exp(said).sum(axis=1, keepdims=True)
            at = _AT[name]
            limit = LIMITS["negative" if name == "neg" else "positive"].search
            there = int(targets[known, at].sum())
            reached = float(np.sort(shares[:, at])[-there])
            shifts[at] += 0.7 * (_logit(limit) - _logit(reached))
    for name in ("relevant", "consumer", *TAGS, *CLASSES, *FACETS):
        at = _AT[name]
        known = weights[:, at] > 0
        shifts[at] = _shift(name, logits[known, at], targets[known, at] > 0.5)
    return slopes, shifts


def _shift(name: str, logits: Floats, right: npt.NDArray[np.bool_]) -> float:
    """What to add so that F1 is best at the limit of the reading."""
    claim = "class" if name in CLASSES else name
    limit = LIMITS[claim].search if claim in LIMITS else LIKELY
    if right.sum() < 10:
        return 0.0
    best = to_search(name, (sigmoid(logits).astype(np.float64), right))
    return _logit(limit) - _logit(min(max(best, 0.001), 0.999))


def _cross(logits: Floats, targets: Floats) -> float:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return float(-(targets * np.log(shares + 1e-9)).sum())


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _arrays(prefix: str, weights: Grams) -> dict[str, npt.NDArray[np.generic]]:
    return {f"{prefix}keys": weights.keys, f"{prefix}steps": weights.steps, f"{prefix}scales": weights.scales}
