"""Reports as files: what a format holds, by the front door."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fengping import reports
from fengping.reports import Report


def in_form(report: Report, form: str, reference: Path | None = None) -> bytes:
    """*report* in one format; *reference* is a DOCX whose styles the DOCX takes."""
    with TemporaryDirectory() as folder:
        done = reports.write(report, [form], Path(folder), stem="report", reference=reference)
        if error := done.missing.get(form):
            raise error
        return done.paths[form].read_bytes()


def as_text(report: Report, form: str) -> str:
    """*report* in a format of text."""
    return in_form(report, form).decode()
