"""``status``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import iso, now
from fengping.scheduler.status import status as status_of


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Last runs, sources and the index at a glance; exit 1 where something wants a person."""
    found = status_of(open_home(context), now())
    if as_json:
        write_json(found.to_record())
    else:
        rows = [(r.job, r.status, iso(r.started_at), r.detail) for r in found.jobs]
        write_table(("job", "last run", "began", "said"), rows)
        sources = [(s.source, s.state, iso(s.last_run) or "never", s.outcome, s.said) for s in found.sources]
        write_table(("source", "state", "last run", "outcome", "said"), sources)
        held = "unknown" if found.documents is None else f"{found.documents:,}"
        lag = f"{found.lag_bytes:,}"
        write_table(("documents", "bytes not indexed", "damaged segments"),
                    [(held, lag, found.damaged_segments)])  # fmt: skip
        for sentence in found.troubles:
            remark(sentence, style="yellow")
    if found.troubles:
        raise typer.Exit(1)
