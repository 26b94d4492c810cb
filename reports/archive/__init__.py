"""The archive: numbered editions from draft to sent, and what reviewers changed in them."""

from fengping.reports.archive.adding import own_cases
from fengping.reports.archive.changes import Change, beyond, changes_between, moved_since
from fengping.reports.archive.editions import (
    DONE,
    Edition,
    Editions,
    EditionState,
    person_of,
    series_of,
    unsealed,
)
from fengping.reports.archive.edits import (
    Action,
    Edit,
    apply_edits,
    changes_something,
    keys_of,
    sentences_of,
    targets_of,
    untraced_in,
)
from fengping.reports.archive.manifest import faults, given_of, heads_of, seal
from fengping.reports.archive.record import read_record, write_record
from fengping.reports.archive.redacting import blanking, redact
from fengping.reports.archive.striking import CASE

__all__ = [
    "CASE", "DONE", "Action", "Change", "Edit", "Edition", "EditionState", "Editions", "apply_edits",
    "beyond", "blanking", "changes_between", "changes_something", "faults", "given_of", "heads_of",
    "keys_of", "moved_since", "own_cases", "person_of", "read_record", "redact", "seal", "sentences_of",
    "series_of", "targets_of", "unsealed", "untraced_in", "write_record",
]  # fmt: skip
