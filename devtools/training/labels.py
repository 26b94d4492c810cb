"""All labels of texts that were read, kept as hashes: the texts stay where they are, names of persons too.

A line has the hash of a text (16 hex digits of BLAKE2b over title, line break and text), where it came
from, and what its reader said of it, by the columns of `COLUMNS`. Hosts and brands stand as hashes of their
canonical names (8 hex digits); :func:`join` finds them again in the text itself and among names it is given.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from devtools.training.readings import text_hash
from devtools.training.sets import POST, TOPIC, UNSURE, LabelledSet, is_data, rows_of
from fengping.analysis import SourceKind
from fengping.analysis.polarity.verdicts import CODES
from fengping.models import Polarity

LABELS = Path(__file__).with_name("labels.tsv")
"""The labels that teach."""
COLUMNS = (
    "hash", "kind", "source", "draw", "reader", "polarity", "relevant", "consumer", "act", "issues",
    "hosts", "brands", "roles", "sure",
)  # fmt: skip
ACTS = ("complaint", "report", "response", "penalty", "rule", "promotion", "other")
ROLES = ("accused", "accuser", "victim", "responder", "commentator", "bystander")
LONGEST = 400
"""Characters of a text that its reader saw."""
_LONGEST_NAME = 16
_GONE = re.compile("https?://\\S+|O网页链接|展开c?$|收起d?$")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\ufeff\x00-\x08]")


@dataclass(frozen=True, slots=True)
class Labels:
    """One reader's word on one text."""

    kind: str
    """``news`` (title and lead), ``title`` (bare), ``post``, ``complaint``, ``live`` (topics on livestreams'
    words, most with a lead)."""
    source: str
    """Name of the set that holds the text."""
    draw: str
    """``fair``: drawn at random from its group; ``edge``: because an earlier model was in doubt; ``hard``: so
    too, and readers at every third: what these say of acts and roles, learnt from, made both worse."""
    reader: int
    """1, or 2 for the second reader of a row."""
    polarity: str
    relevant: bool
    consumer: bool
    act: str
    issues: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    """Hashes of names; names after :func:`join`, where they were found."""
    brands: tuple[str, ...] = ()
    roles: dict[str, str] = field(default_factory=dict)
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """A text and what was read in it."""

    title: str
    text: str
    labels: Labels

    @property
    def content(self) -> str:
        """Title and text as one, as `RawDocument.content` joins them."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}" if self.text else self.title

    @property
    def source_kind(self) -> SourceKind:
        """The kind that the row's fields tell."""
        if self.labels.kind == "complaint":
            return SourceKind.COMPLAINT
        if self.labels.kind == "post":
            return SourceKind.REMARK
        return SourceKind.NEWS if self.text else SourceKind.TITLE


def clean(text: str) -> str:
    """A text as readers saw it: without addresses, invisible characters, and space beyond one."""
    return re.sub(r"\s+", " ", _INVISIBLE.sub("", _GONE.sub("", text))).strip()


def key_of(title: str, text: str) -> str:
    return text_hash(f"{title}\n{text}")


def name_hash(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def read_labels(path: Path = LABELS) -> list[tuple[str, Labels]]:
    """Each line of *path*: the text's hash and its labels, in the file's order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_parse(line) for line in lines if line and not line.startswith("#")]


def _parse(line: str) -> tuple[str, Labels]:
    key, kind, source, draw, reader, polarity, relevant, consumer, act, issues, hosts, brands, roles, sure = (
        line.split("\t")
    )
    pairs = ((name, role) for name, _, role in (pair.partition(":") for pair in _list(roles)))
    return key, Labels(
        kind, source, draw, int(reader), polarity, relevant == "1", consumer == "1", act, _list(issues),
        _list(hosts), _list(brands), dict(pairs), sure == "1",
    )  # fmt: skip


def _list(field: str) -> tuple[str, ...]:
    return tuple(field.split(",")) if field else ()


def candidates(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The titles and texts that a row of a file may have been read as: both, its text or its title alone."""
    title, text = (
        clean(str(row.get("title") or "")),
        clean(str(row.get("text") or row.get("description") or "")),
    )
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    yield from dict.fromkeys(((title, text), ("", text), (title, "")))


def join(
    files: Iterable[Path], labels: Iterable[tuple[str, Labels]], names: Iterable[str] | None = None
) -> list[Read]:
    """The labelled texts among the rows of *files*, in the order of *labels*.

    *names*: canonical names that hosts and brands may have, beside whatever stands in the text; where none
    are given hosts and brands stay hashes, which spares the search for them.
    """
    labels = list(labels)
    wanted = {key for key, _ in labels}
    found: dict[str, tuple[str, str]] = {}
    for path in files:
        if is_data(path):
            for row in rows_of(path):
                for title, text in candidates(row):
                    if (key := key_of(title, text)) in wanted:
                        found.setdefault(key, (title, text))
    reads = [Read(*found[key], said) for key, said in labels if key in found]
    if names is None:
        return reads
    known = {name_hash(name): name for name in names}
    return [replace(read, labels=_named(read.labels, f"{read.title}\n{read.text}", known)) for read in reads]


def _named(labels: Labels, content: str, known: dict[str, str]) -> Labels:
    """*labels* with names for their hashes, those that stand in *content* or are *known*."""
    asked = {*labels.hosts, *labels.brands, *labels.roles} - known.keys()
    here = dict(known)
    if asked:
        for start in range(len(content)):
            for end in range(start + 1, min(len(content), start + _LONGEST_NAME) + 1):
                if (digest := name_hash(content[start:end])) in asked:
                    here[digest] = content[start:end]
    return replace(
        labels,
        hosts=tuple(here.get(name, name) for name in labels.hosts),
        brands=tuple(here.get(name, name) for name in labels.brands),
        roles={here.get(name, name): role for name, role in labels.roles.items()},
    )


def lines_of(labels: Iterable[tuple[str, Labels]]) -> list[str]:
    """Lines of a file of labels that name hosts and brands; sorted, so that order tells nothing."""
    return sorted(_line(key, said) for key, said in labels)


def _line(key: str, said: Labels) -> str:
    roles = ",".join(f"{name_hash(name)}:{role}" for name, role in said.roles.items())
    columns = (
        key, said.kind, said.source, said.draw, said.reader, said.polarity, int(said.relevant),
        int(said.consumer), said.act, ",".join(said.issues), ",".join(map(name_hash, said.hosts)),
        ",".join(map(name_hash, said.brands)), roles, int(said.sure),
    )  # fmt: skip
    return "\t".join(map(str, columns))


def agreement(labels: Iterable[tuple[str, Labels]], get: str) -> tuple[float, int]:
    """Share of the texts read twice on which both readers say the same of *get*, and how many were."""
    said: dict[str, list[Any]] = {}
    for key, one in labels:
        said.setdefault(key, []).append(getattr(one, get))
    twice = [pair for pair in said.values() if len(pair) == 2]
    tally = Counter(first == second for first, second in twice)
    return tally[True] / max(len(twice), 1), len(twice)


def labelled_sets(reads: Iterable[Read]) -> list[LabelledSet]:
    """First readers' labels as sets to learn from: one for each kind of source and way of drawing."""
    groups: dict[tuple[SourceKind, bool], list[Read]] = {}
    for read in reads:
        if read.labels.reader == 1:
            fair = read.labels.draw == "fair" and read.labels.kind != "live"
            groups.setdefault((read.source_kind, fair), []).append(read)
    return [_set(kind, fair, found) for (kind, fair), found in sorted(groups.items())]


def _set(kind: SourceKind, fair: bool, reads: Sequence[Read]) -> LabelledSet:
    said = [read.labels for read in reads]
    return LabelledSet(
        name=f"labels, {kind.name.lower()}{'' if fair else ' drawn for doubt'}",
        texts=[read.content for read in reads],
        polarity=np.array([CODES.index(Polarity(one.polarity)) for one in said], np.int8),
        relevant=np.array([one.relevant for one in said], np.int8),
        certainty=np.array([1 if one.sure else UNSURE for one in said], np.float32),
        register=POST if kind is SourceKind.REMARK else TOPIC,
        consumer=np.array([one.consumer for one in said], np.int8),
        kind=kind,
        fair=fair,
    )
