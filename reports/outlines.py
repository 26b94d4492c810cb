"""A user's own report in TOML: scope, chapters, order, title, issuer, recipients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fengping.reports.chapters.chapter import outline
from fengping.reports.kinds import Kind, find_kind
from fengping.toml import Strict, load_toml


class Outline(Strict):
    """Keys of such a file; those left out are as in ``like``."""

    like: str = "custom"
    """The kind whose days, comparisons and chapters are taken."""
    name: str = ""
    title: str = ""
    issuer: str = ""
    query: str = ""
    """A query; ``query:名`` is a saved one."""
    sources: tuple[str, ...] = ()
    everything: bool = False
    """Also what is not judged to concern consumers."""
    chapters: tuple[str, ...] = ()
    fields_first: tuple[str, ...] = ()
    """Codes of fields that come first (``live`` is livestream selling); the others by count."""
    min_publishers: int = 3
    recipients: tuple[str, ...] = ()
    """Names of ``delivery.toml`` that an edition is sent to."""
    formats: tuple[str, ...] = ()
    reference_docx: Path | None = None
    """A DOCX whose styles the DOCX takes; a relative path is taken from the file."""


def read_outline(path: Path) -> tuple[Outline, Kind]:
    """The file and the kind that it makes; raises :class:`ConfigError` or :class:`UsageError`."""
    found = load_toml(Outline, path)
    kind = find_kind(found.like)
    chapters = found.chapters or kind.chapters
    outline(chapters)
    if found.reference_docx:
        found = found.model_copy(update={"reference_docx": path.parent / found.reference_docx})
    return found, replace(kind, name=found.name or path.stem, chapters=tuple(chapters))
