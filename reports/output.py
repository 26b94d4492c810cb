"""Reports on disk: which formats there are, and what a run leaves in its folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fengping.errors import NotInstalled, UsageError, did_you_mean
from fengping.progress import Listener, Step, emit
from fengping.reports.document import Report

_ODD = re.compile(r"[^\w.-]+")
TASK = "report"
"""Its name in records of progress."""


@dataclass
class Written:
    """Result of :func:`write`: a file a format, and the formats that failed for want of a program."""

    paths: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, NotInstalled] = field(default_factory=dict)


def _html(report: Report, path: Path) -> None:
    from fengping.reports.render import render_html

    _replace(path, render_html(report).encode())


def _markdown(report: Report, path: Path) -> None:
    from fengping.reports.render.markdown import render_markdown

    folder = path.with_name(f"{path.stem}-figures")
    text, pictures = render_markdown(report, folder.name)
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("figure-*.svg"):
        stale.unlink()
    for name, svg in pictures.items():
        _replace(folder / name, svg.encode())
    _replace(path, text.encode())


def _json(report: Report, path: Path) -> None:
    from fengping.reports.render.json import render_json

    _replace(path, render_json(report))


def _pdf(report: Report, path: Path) -> None:
    from fengping.reports.render.pdf import render_pdf

    _replace(path, render_pdf(report))


def _docx(report: Report, path: Path, reference: Path | None = None) -> None:
    from fengping.reports.render.docx import render_docx

    _replace(path, render_docx(report, reference))


def _xlsx(report: Report, path: Path) -> None:
    from fengping.reports.render.xlsx import render_xlsx

    _replace(path, render_xlsx(report))


WRITERS: dict[str, Callable[[Report, Path], None]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
}


def known_formats(names: Iterable[str]) -> tuple[str, ...]:
    """*names* without repeats; raises :class:`UsageError` for an unknown or an empty one."""
    formats = tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    if not formats:
        raise UsageError("No format is named.", remedy=f"Known: {', '.join(WRITERS)}.")
    for name in formats:
        if name not in WRITERS:
            raise UsageError(f"Unknown report format {name!r}.", remedy=did_you_mean(name, WRITERS))
    return formats


def write(
    report: Report,
    formats: Iterable[str],
    folder: Path,
    *,
    stem: str = "",
    reference: Path | None = None,
    show: Listener = emit,
) -> Written:
    """Writes *report* into *folder*, one file a format, over those of an earlier run; *show* hears of each.

    *reference* is a DOCX whose styles the DOCX takes.

    A format that lacks its program (PDF without Chromium) is told in ``missing``; the others are made.
    Raises :class:`UsageError` where the folder cannot be written.
    """
    writers = WRITERS | {"docx": partial(_docx, reference=reference)}
    stem = stem or f"{_ODD.sub('-', report.name)}-{report.window.first}_{report.window.last}"
    written = Written()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = known_formats(formats)
        for number, name in enumerate(names):
            show(Step(TASK, number, len(names), name))
            path = folder / f"{stem}.{name}"
            try:
                writers[name](report, path)
                written.paths[name] = path
            except NotInstalled as error:
                written.missing[name] = error
        show(Step(TASK, len(names), len(names), ended=True))
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {folder}: {error.strerror}.",
            remedy="Name another folder with --out.",
        ) from error
    return written


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a report."""
    fresh = path.with_name(f".{path.name}.part")
    fresh.write_bytes(content)
    fresh.replace(path)
