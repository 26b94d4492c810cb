"""From labelled sets to a model: features, descent, calibration, quantisation."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from devtools.training.calibration import Judged, calibrate
from devtools.training.cleaning import clean, is_noisy
from devtools.training.descent import (
    CONSUMER,
    GATE_REVIEW,
    GATE_TOPIC,
    NEGATIVE,
    NEUTRAL,
    RELEVANT,
    SHARED_NEGATIVE,
    SHARED_NEUTRAL,
    Examples,
    Parameters,
    descend,
    start,
)
from devtools.training.phrases import learn_phrases
from devtools.training.sets import POST, REVIEW, TOPIC, UNKNOWN, LabelledSet, title_of
from devtools.training.weighing import Held, fit_weighing, held_rows, sample_of
from fengping.analysis import PolarityModel
from fengping.analysis.polarity.cue_kernel import PLAIN
from fengping.analysis.polarity.kernel import CueTable, Floats
from fengping.analysis.polarity.model import encode
from fengping.analysis.polarity.phrase_kernel import Phrases
from fengping.analysis.polarity.score_kernel import BITS, Weights, features, gram_scale
from fengping.analysis.polarity.verdicts import Calibration

BUYING = re.compile("[买卖购价钱店货商]|消费|快递|退款|外卖|直播|带货|品牌")
"""Words of which one stands in most texts that concern consumers."""

Remark = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of training. Chosen by leaving training sets out, never by a measuring set."""

    epochs: int = 4
    rate: float = 0.2
    decay: float = 1e-5
    set_size: float = 20_000
    """Weight of every set, whatever its size, so that no kind of goods outvotes the posts…"""
    heaviest: float = 8
    """…but no single row counts as more than this many."""
    relevance_epochs: int = 24
    relevance_rate: float = 0.3
    bystanders: int = 4_000
    """Reviews and posts without a word of livestreams, shown as not relevant."""
    rarest: int = 3
    """Texts an n-gram must stand in; a rarer one is no knowledge, and would let a text be recognised."""
    folds: int = 3
    """Trials for calibrating; a set of fewer texts than `small` is judged whole in them."""
    small: int = 4_000
    seed: int = 1
    models: int = 5
    """Orders of the texts that are learned in. The weights are their mean, so that chance moves fewer."""
    trial_models: int = 2
    trial_relevance_epochs: int = 12
    trial_reviews: int = 15_000
    """The same of the trials that verdicts are weighed by, and how many reviews they learn from."""

    def for_trials(self) -> Recipe:
        return replace(self, models=self.trial_models, relevance_epochs=self.trial_relevance_epochs)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set with its features, computed once for all folds."""

    labelled: LabelledSet
    ends: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    plain: npt.NDArray[np.float32]


def prepare(labelled: LabelledSet, cues: CueTable) -> Prepared:
    codes, offsets = encode(labelled.texts)
    rows, ends, plain = features(codes, offsets, cues)
    return Prepared(labelled, ends, rows, plain)


def train(
    sets: Sequence[Prepared], cues: CueTable, recipe: Recipe, about: dict[str, Any], remark: Remark
) -> PolarityModel:
    """A model of *sets*: noisy sets cleaned, verdicts weighed and calibrated on parts held out in turn,
    trained on everything."""
    remark("cleaning noisy labels")
    sets = cleaned(sets, cues, recipe)
    examples = join(sets, recipe)
    judged: list[Judged] = []
    held: list[list[Held]] = []
    for fold in range(recipe.folds):
        remark(f"learning with part {fold + 1} of {recipe.folds} held out for calibration")
        kept = held_out(sets, recipe, fold)
        chosen = np.flatnonzero(~np.concatenate(kept))
        trial = fit(examples, thinned(examples, chosen, recipe), cues, recipe.for_trials())
        held.append([])
        for labelled, mask in zip((s.labelled for s in sets), kept, strict=True):
            told = labelled.take(mask)
            if told.texts:
                judged.append(Judged(trial.logits(told.texts), told))
                held[-1] += held_rows(trial, told)
    remark("learning from everything")
    model = fit(examples, np.arange(len(examples.register)), cues, recipe)
    return replace(
        model,
        phrases=phrases_of(sets, cues, recipe),
        calibration=calibrate(judged),
        weighing=fit_weighing([rows for fold in held for rows in fold]),
        sample=sample_of(held),
        about=about,
    )


def thinned(examples: Examples, chosen: Any, recipe: Recipe) -> Any:
    """*chosen* without most reviews: what trials are for, reviews have no part in."""
    reviews = chosen[examples.register[chosen] == REVIEW]
    kept = np.random.default_rng(recipe.seed).permutation(reviews)[: recipe.trial_reviews]
    return np.sort(np.concatenate([chosen[examples.register[chosen] != REVIEW], kept]))


def phrases_of(sets: Sequence[Prepared], cues: CueTable, recipe: Recipe) -> Phrases:
    """The second reader of reviews, of the reviews among *sets*."""
    return learn_phrases([s.labelled for s in sets], cues, recipe.set_size, recipe.heaviest, recipe.seed)


def cleaned(sets: Sequence[Prepared], cues: CueTable, recipe: Recipe) -> list[Prepared]:
    """*sets*, the noisy ones corrected by a model of all others, where others know neutral posts."""
    sound = [s for s in sets if not is_noisy(s.labelled)]
    if len(sound) == len(sets) or not any(s.labelled.register == POST for s in sound):
        return list(sets)
    examples = join(sound, recipe)
    quick = replace(recipe, relevance_epochs=0, models=1)
    judge = fit(examples, np.arange(len(examples.register)), cues, quick)
    return [prepare(clean(s.labelled, judge), cues) if is_noisy(s.labelled) else s for s in sets]


def held_out(sets: Sequence[Prepared], recipe: Recipe, fold: int) -> list[npt.NDArray[np.bool_]]:
    """Mask the rows of each set that calibrate in *fold*: small sets are held out whole over the folds, of
    large ones a tenth each time; none whose labels were not read."""
    masks = []
    for labelled in (s.labelled for s in sets):
        parts = recipe.folds if len(labelled.texts) < recipe.small else 10
        # By its title, so that a topic and its title alone are held out together.
        keys = [title_of(text).encode("utf-8", "surrogatepass") for text in labelled.texts]
        numbers = np.array([zlib.crc32(key, recipe.seed) % parts for key in keys], np.int64)
        masks.append((numbers == fold) & labelled.read)
    return masks


def join(sets: Sequence[Prepared], recipe: Recipe) -> Examples:
    """All sets in a row, weighted."""
    base = np.cumsum([0, *(len(s.rows) for s in sets)])
    ends = np.concatenate([[0], *(s.ends[1:] + b for s, b in zip(sets, base, strict=False))])
    labels = [s.labelled for s in sets]

    def column(get: Callable[[LabelledSet], Any], kind: Any) -> Any:
        return np.concatenate([np.broadcast_to(get(x), len(x.texts)) for x in labels]).astype(kind)

    weight = column(lambda x: min(recipe.set_size / max(len(x.texts), 1), recipe.heaviest), np.float32)
    polarity, relevant = column(lambda x: x.polarity, np.int8), column(lambda x: x.relevant, np.int8)
    certainty = column(lambda x: x.certainty, np.float32)
    register = column(lambda x: x.register, np.int8)
    on_relevant = np.where(relevant >= 0, np.minimum(certainty, 1), 0).astype(np.float32)
    _add_bystanders(labels, relevant, on_relevant, recipe)
    consumer, on_consumer = _consumer(labels, column, recipe)
    return Examples(
        ends=ends.astype(np.int64),
        scale=np.array([gram_scale(int(n)) for n in np.diff(ends)], np.float32),
        rows=np.concatenate([s.rows for s in sets]),
        plain=np.concatenate([s.plain for s in sets]),
        register=register,
        polarity=polarity,
        graded=column(lambda x: x.graded, np.bool_),
        relevant=relevant,
        consumer=consumer,
        on_polarity=np.where(polarity >= 0, weight * certainty, 0).astype(np.float32),
        on_relevant=on_relevant,
        on_consumer=on_consumer,
        on_gate=weight * np.maximum(certainty, 1),
    )


def _consumer(
    labels: Sequence[LabelledSet], column: Callable[..., Any], recipe: Recipe
) -> tuple[Any, Any]:  # fmt: skip
    """Labels of consumer matters and their weights: readers' own, and what other labels imply.

    What sells by livestream concerns consumers, nearly always; so do reviews; posts on something else
    without a word of buying do not.
    """
    consumer = column(lambda x: UNKNOWN if x.consumer is None else x.consumer, np.int8)
    weight = np.where(consumer >= 0, np.minimum(column(lambda x: x.certainty, np.float32), 1), 0)
    implied = (consumer < 0) & (column(lambda x: x.relevant, np.int8) == 1)
    consumer[implied], weight[implied] = 1, 0.3
    register = column(lambda x: x.register, np.int8)
    texts = [text for x in labels for text in x.texts]
    strange = [i for i in np.flatnonzero((register == POST) & (consumer < 0)) if not BUYING.search(texts[i])]
    for rows, said in ((np.flatnonzero((register == REVIEW) & (consumer < 0)), 1), (strange, 0)):
        chosen = np.random.default_rng(recipe.seed).permutation(np.array(rows, np.int64))
        chosen = chosen[: recipe.bystanders // 2]
        consumer[chosen], weight[chosen] = said, 0.1
    return consumer, weight.astype(np.float32)


def _add_bystanders(
    labels: Sequence[LabelledSet], relevant: Any, on_relevant: Any, recipe: Recipe
) -> None:  # fmt: skip
    """Marks a sample of reviews and posts that say nothing of livestreams as not relevant."""
    texts = [text for x in labels for text in (x.texts if x.register != TOPIC else [""] * len(x.texts))]
    silent = [i for i, t in enumerate(texts) if t and "直播" not in t and "主播" not in t and "带货" not in t]
    if silent:
        chosen = np.random.default_rng(recipe.seed).permutation(silent)[: recipe.bystanders]
        relevant[chosen], on_relevant[chosen] = 0, 0.2


def fit(examples: Examples, chosen: Any, cues: CueTable, recipe: Recipe) -> PolarityModel:
    """An uncalibrated model of the *chosen* examples."""
    rows: Any = 0.0
    plain: Any = 0.0
    for n in range(recipe.models):
        learned = _learn(examples, chosen, replace(recipe, seed=recipe.seed + n))
        rows, plain = rows + learned.rows, plain + learned.plain
    rows, plain = rows / recipe.models, plain / recipe.models
    _forget_rare(examples, chosen, rows, recipe.rarest)
    return PolarityModel(quantise(rows, plain), cues, Calibration())


def _learn(examples: Examples, chosen: Any, recipe: Recipe) -> Parameters:
    """Weights of all heads from the *chosen* examples in one order."""
    learned = start(1 << BITS, PLAIN)
    rng = np.random.default_rng(recipe.seed)
    silent = np.zeros_like(examples.on_gate)
    tone = examples._replace(on_relevant=silent, on_consumer=silent)
    for _ in range(recipe.epochs):
        descend(tone, learned, rng.permutation(chosen), recipe.rate, recipe.decay)
    topic = examples._replace(on_polarity=silent, on_gate=silent)
    about = chosen[(examples.on_relevant[chosen] > 0) | (examples.on_consumer[chosen] > 0)]
    for _ in range(recipe.relevance_epochs):
        descend(topic, learned, rng.permutation(about), recipe.relevance_rate, recipe.decay)
    return learned


def _forget_rare(examples: Examples, chosen: Any, rows: Floats, rarest: int) -> None:
    counts = np.zeros(len(rows), np.int32)
    for o in chosen:
        counts[np.unique(examples.rows[examples.ends[o] : examples.ends[o + 1]])] += 1
    rows[counts < rarest] = 0


def quantise(learned_rows: Floats, learned_plain: Floats) -> Weights:
    """The shared part folded into each register's heads, n-gram weights in steps of 1/127 of the largest."""
    rows, plain = _heads(learned_rows), _heads(learned_plain)
    # The few weights beyond are cut: a step fine enough for all others matters more.
    largest = np.maximum(np.quantile(np.abs(rows), 0.9999, axis=0), 1e-6)
    scales = (largest / 127).astype(np.float32)
    steps = np.clip(np.rint(rows / scales), -127, 127).astype(np.int8)
    return Weights(steps, scales, np.ascontiguousarray(plain, np.float32))


def _heads(columns: Any) -> Any:
    """(…, training columns) to (…, `model.HEADS`)."""
    negative, neutral = columns[:, SHARED_NEGATIVE], columns[:, SHARED_NEUTRAL]
    return np.stack(
        [
            negative + columns[:, NEGATIVE[REVIEW]],
            negative + columns[:, NEGATIVE[POST]],
            neutral + columns[:, NEUTRAL[POST]],
            negative + columns[:, NEGATIVE[TOPIC]],
            neutral + columns[:, NEUTRAL[TOPIC]],
            columns[:, RELEVANT],
            columns[:, GATE_REVIEW],
            columns[:, GATE_TOPIC],
            columns[:, CONSUMER],
        ],
        axis=1,
    )
