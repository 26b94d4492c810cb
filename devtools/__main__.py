"""``python -m devtools``: bench, evaluation, golden outputs and training, from the root of the checkout."""

from __future__ import annotations

from fengping.cli.app import main
from fengping.cli.lazy import Group, Table, group

COMMANDS: Table = {
    "bench": "devtools.cli.bench:bench",
    "evaluate": "devtools.cli.evaluate:evaluate",
    "golden": Group(
        "Golden outputs of three fixed homes.",
        {"check": "devtools.cli.golden.check:check", "write": "devtools.cli.golden.write:write"},
    ),
    "labels": Group(
        "Labels of parties and clauses.",
        {
            "add": "devtools.cli.labels.add:add",
            "agree": "devtools.cli.labels.agree:agree",
            "draw": "devtools.cli.labels.draw:draw",
        },
    ),
    "reading": Group(
        "Training of the reading.",
        {
            "fit": "devtools.cli.reading.fit:fit",
            "limits": "devtools.cli.reading.limits:limits",
            "quick": "devtools.cli.reading.quick:quick",
        },
    ),
    "train": "devtools.cli.train:train",
}
"""Every command with its function, which is imported when it runs."""

app = group("devtools", Group("Measures and trains fengping, on data that no owner has.", COMMANDS))

if __name__ == "__main__":
    main(app=app)
