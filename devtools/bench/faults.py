"""Kills of every writing command, with what became of the home: nothing lost, doubled, changed or damaged."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from devtools.bench import Options, Row
from devtools.faults import site
from devtools.faults.homes import Tally
from devtools.faults.trials import Trials

KILLS = 50


def run(options: Options) -> list[Row]:
    """``options.size`` trials, or as many as fit into ``options.hours``; a row for each count of a command.

    Seeds are numbers from 1, so that a trial can be made again.
    """
    end = time.monotonic() + options.hours * 3600
    with tempfile.TemporaryDirectory(prefix="fengping-faults-") as folder, site.serve() as pages:
        trials = Trials(Path(folder), pages.url)
        seed = 0
        while time.monotonic() < end if options.hours else seed < (options.size or KILLS):
            seed += 1
            trials.trial(seed)
    return rows(trials.tallies)


def rows(tallies: dict[str, Tally]) -> list[Row]:
    """A row for each count of each of *tallies*; the seeds that failed stand beside the survivors."""
    found = []
    for name, tally in tallies.items():
        failed = f"seeds {tally.seeds}" if tally.seeds else ""
        for key, value in vars(tally).items():
            if key != "seeds":
                beside = failed if key == "survived" else ""
                found.append(Row(f"{name}: {key}", value, "trials", tally.tried, beside=beside))
    return found
