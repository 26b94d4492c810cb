"""The archive: numbered editions from draft to sent, and what reviewers changed in them."""

from fengping.reports.archive.changes import Change, changes_between
from fengping.reports.archive.editions import Edition, Editions, EditionState, series_of
from fengping.reports.archive.edits import Action, Edit, apply_edits, keys_of

__all__ = [
    "Action", "Change", "Edit", "Edition", "EditionState", "Editions", "apply_edits",
    "changes_between", "keys_of", "series_of",
]  # fmt: skip
