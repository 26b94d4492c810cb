"""Trying a source: one live list, one entry, everything it would take; kept as a case where wanted."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.spiders.run.context import alone
from fengping.spiders.run.records import CrawlResult
from fengping.spiders.run.supervisor import crawl
from fengping.spiders.source_dev.cases import Case, Reading, write_case
from fengping.spiders.source_dev.recording import INDEX, saved_responses
from fengping.spiders.sources import Catalogue, Source


@dataclass(frozen=True)
class Trial:
    """Result of a live trial of a source."""

    source: Source
    result: CrawlResult
    reading: Reading


def try_source(home: Home, name: str, now: datetime, *, keep: Path | None = None) -> Trial:
    """Fetches a list of *name* and its first entry, as a crawl would, into no journal of the home.

    With *keep* the responses and what came out of them are written there as a case. Raises
    :class:`UsageError` where *keep* holds a case already, :class:`Failed` where nothing came back.
    """
    source = Catalogue.load(home).get(name)
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty.", remedy="Name another folder with --out.")
    with tempfile.TemporaryDirectory() as scratch:
        trial_home = _scratch_home(home, name, Path(scratch) / "home")
        result = crawl(trial_home, [name], at=now, sample=1)[0]
        folder = trial_home.var / "responses"
        saved = saved_responses(folder)
        if not saved:
            reason = result.reason or "; ".join(result.signals) or "no response"
            raise Failed(
                f"{name} returned nothing to read: {reason.rstrip('.')}.",
                remedy=f"See {name}'s urls and rate.",
            )
        write_case(folder, source, now, saved, Reading())
        reading = Case(folder).read(source)
        write_case(folder, source, now, saved, reading)
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns(INDEX))
    return Trial(source, result, reading)


def _scratch_home(home: Home, name: str, root: Path) -> Home:
    """A home with the same manners and this one source, and a journal and state of its own."""
    (root / "sources").mkdir(parents=True)
    own = home.sources / f"{name}.toml"
    if own.exists():
        shutil.copy(own, root / "sources" / own.name)
    manners = home.config.crawl.model_dump(exclude={"frontier", "sources"})
    # A JSON text, number or truth value is TOML as well.
    lines = [f"{key} = {json.dumps(value)}" for key, value in manners.items()]
    (root / home.config_file.name).write_text("\n".join(["[crawl]", *lines]), encoding="utf-8")
    return alone(Home(root))
