"""The judge of a home against what its analysts corrected: how often it says by itself what they say.

Only what a correction holds is compared: polarity, relevance, consumer matter and act where they were set,
each host, target and complaint class that was added or taken away. Where analysts correct mistakes alone,
agreement begins at nothing and tells how many of them a new model, registry or rule no longer makes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from fengping.analysis import Judge, PolarityModel, kind_of
from fengping.analysis.figures import Figure
from fengping.clock import day_of
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import load_judge, open_store
from fengping.indexer.corrections import Correction, apply_all, everything
from fengping.models import Document
from fengping.state import State

NAME = "corrections"
"""Name of the set, by which a model tells that it has learnt from corrections."""
FIELDS = ("polarity", "relevant", "consumer", "act", "hosts", "negative-hosts", "issues")


class Corrected(NamedTuple):
    """A stored document and the corrections of it in force, in the order they were made."""

    document: Document
    made: list[Correction]


def corrected_documents(home: Home) -> list[Corrected]:
    """Every corrected document, by id; a correction taken back, or of a document gone, does not count."""
    made: dict[str, list[Correction]] = defaultdict(list)
    with State.open(home).begin() as connection:
        for correction in everything(connection):
            if not correction.undone_by:
                made[correction.document_id].append(correction)
    if not made:
        return []
    with closing(open_store(home)) as store:
        found = store.get(sorted(made))
    return [Corrected(document, made[document.id]) for document in sorted(found, key=lambda d: d.id)]


def measure_home(home: Home) -> list[Figure]:
    """Share of corrected values that the home's judge gives without being told, for each field corrected.

    Raises :class:`UsageError` where nothing is corrected.
    """
    corrected = corrected_documents(home)
    if not corrected:
        raise UsageError(
            "This home has no corrections to be measured on.",
            remedy="Make one with fengping correct, for instance ID --polarity neu.",
        )
    judge = load_judge(home)
    agreed: dict[str, list[bool]] = {field: [] for field in FIELDS}
    for one in corrected:
        for field, same in _compared(one, judge):
            agreed[field].append(same)
    digest = _hash(corrected)
    return [
        Figure(f"corrections.{field}.agreement", sum(same) / len(same), len(same), data=digest)
        for field, same in agreed.items()
        if same
    ]


def has_learnt(model: PolarityModel) -> bool:
    """True if *model* learnt from corrections, so that agreement with them is partly memory."""
    return any(row["name"] == NAME for row in model.about.get("sets", []))


def _compared(one: Corrected, judge: Judge) -> Iterator[tuple[str, bool]]:
    """Each value that was corrected: its field, and whether the judge gives it too."""
    raw, made = one.document.raw, one.made
    day = day_of(raw.published_at) if raw.published_at else None
    [judged] = judge.judge([raw.content], [day], [kind_of(raw)])
    right = apply_all(replace(one.document, judgement=judged), made).judgement
    if any(c.polarity is not None for c in made):
        yield "polarity", judged.polarity is right.polarity
    if any(c.relevant is not None for c in made):
        yield "relevant", judged.relevant == right.relevant
    if any(c.consumer is not None for c in made):
        yield "consumer", judged.consumer == right.consumer
    if any(c.act is not None for c in made):
        yield "act", judged.act is right.act
    hosts = {name for c in made for name in (*c.add_hosts, *c.remove_hosts)}
    targets = {name for c in made for name in (*c.add_targets, *c.remove_targets)}
    classes = {code for c in made for code in (*c.add_issues, *c.remove_issues)}
    for field, values, ours, theirs in (
        ("hosts", hosts, judged.hosts, right.hosts),
        ("negative-hosts", targets, judged.negative_hosts, right.negative_hosts),
        ("issues", classes, judged.issues, right.issues),
    ):
        for value in sorted(values):
            yield field, (value in ours) == (value in theirs)


def _hash(corrected: list[Corrected]) -> str:
    """12 hex digits over the texts and what was said of them."""
    digest = hashlib.sha256()
    for document, made in corrected:
        digest.update(repr((document.raw.content, made)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
