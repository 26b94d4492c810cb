"""A recipe of training that costs a tenth, for all that does not ask how good a model is."""

from __future__ import annotations

from devtools.training.build import Recipe

SMALL = Recipe(
    epochs=2, relevance_epochs=2, rarest=1, models=2, trial_models=1, trial_relevance_epochs=2
)  # fmt: skip
