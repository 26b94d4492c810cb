"""Accuracy, printed with the hash of the data it was measured on, and the floors it may not fall under.

Each module of this folder named in :data:`PARTS` has ``measure(data: Path) -> list[Figure]`` and measures
one part of the product on labelled data that stays outside the repository.
"""

from __future__ import annotations

import hashlib
import importlib
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from fengping.analysis.figures import Figure, wilson
from fengping.errors import Failed, UsageError, did_you_mean

PARTS = (
    "snownlp",
    "sentiment",
    "reading",
    "fitting",
    "acts",
    "hosts",
    "issues",
    "reposts",
    "groups",
    "events",
    "alarms",
    "extraction",
)
FLOORS = Path(__file__).with_name("floors.toml")


def data_hash(*files: Path) -> str:
    """12 hex digits over the bytes of *files*, in the order given."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def proportion(
    name: str, hits: int, n: int, digest: str, asked: float | None = None, *, at_most: bool = False
) -> Figure:
    """The share that *hits* are of *n* (0 of none), with Wilson's interval."""
    low, high = wilson(hits, n)
    return Figure(name, hits / max(1, n), n, asked, at_most, digest, low, high)


def measure(parts: Sequence[str], data: Path) -> dict[str, list[Figure]]:
    """Figures of each part asked for (all when none is named).

    Raises :class:`UsageError` for an unknown part or where *data*, or a file of it, does not exist.
    """
    for part in parts:
        if part not in PARTS:
            raise UsageError(f"{part!r} cannot be evaluated.", remedy=did_you_mean(part, PARTS))
    if not data.is_dir():
        raise UsageError(
            f"The measuring folder {data} does not exist.", remedy="Name its folder with --data."
        )
    try:
        return {
            part: importlib.import_module(f"devtools.evaluation.{part}").measure(data)
            for part in parts or PARTS
        }
    except FileNotFoundError as error:
        raise UsageError(
            f"The measuring data lack {error.filename}.",
            remedy="Name the parts to evaluate, or complete them.",
        ) from None


def read_floors() -> dict[str, dict[str, float | str]]:
    """``{figure name: {"floor": value, "data": hash}}`` as pinned in ``floors.toml``."""
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def fallen(figures: Iterable[Figure]) -> list[str]:
    """One sentence for each figure that is worse than its floor on the same data."""
    floors = read_floors()
    worse = []
    for figure in figures:
        pinned = floors.get(figure.name)
        if pinned is None or pinned["data"] != figure.data:
            continue
        floor = float(pinned["floor"])
        if figure.value > floor if figure.at_most else figure.value < floor:
            worse.append(f"{figure.name} is {figure.value:.4f}, its floor {floor:.4f}.")
    return worse


def pin(figures: Iterable[Figure], *, lower: bool) -> None:
    """Writes the figures as new floors, rounded towards leniency to three decimals.

    Raises :class:`Failed` when a floor would fall and *lower* is not given.
    """
    figures = list(figures)
    worse = fallen(figures)
    if worse and not lower:
        raise Failed(" ".join(worse), remedy="Lower a floor on purpose with --lower.")
    floors = read_floors()
    for figure in figures:
        slack = 0.0005 if figure.at_most else -0.0005
        floors[figure.name] = {"floor": round(figure.value + slack, 3), "data": figure.data}
    lines = ["# Written by: python -m devtools evaluate --pin. Lowering a floor needs --lower.\n"]
    for name in sorted(floors):
        lines.append(f'\n["{name}"]\nfloor = {floors[name]["floor"]}\ndata = "{floors[name]["data"]}"\n')
    FLOORS.write_text("".join(lines), encoding="utf-8")
