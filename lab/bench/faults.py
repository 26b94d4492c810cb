"""Kills of every writing command, with what became of the home: nothing lost, doubled, changed or damaged."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from fengping.lab.bench import Options, Row
from fengping.lab.faults.trials import Trials

KILLS = 50


def run(options: Options) -> list[Row]:
    """``options.size`` trials, or as many as fit into ``options.hours``; a row for each count of a command.

    Seeds are numbers from 1, so that a trial can be made again.
    """
    end = time.monotonic() + options.hours * 3600
    with tempfile.TemporaryDirectory(prefix="fengping-faults-") as folder:
        trials = Trials(Path(folder))
        seed = 0
        while time.monotonic() < end if options.hours else seed < (options.size or KILLS):
            seed += 1
            trials.trial(seed)
        rows = []
        for name, tally in trials.tallies.items():
            counts = {key: value for key, value in vars(tally).items() if key != "seeds"}
            failed = f"seeds {tally.seeds}" if tally.seeds else ""
            rows += [
                Row(
                    f"{name}: {key}", value, "trials", tally.tried, beside=failed if key == "survived" else ""
                )
                for key, value in counts.items()
            ]
    return rows
