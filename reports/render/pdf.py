"""A report as PDF: the HTML page, printed by Chromium, with the page of each heading in its contents."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from pypdf import PdfReader

from fengping.chromium import find_chromium, launch_arguments
from fengping.errors import NotInstalled
from fengping.reports.document import Report
from fengping.reports.render.html import render_html

NO_CLOCK = b"D:20000101000000+00'00'"
"""Stands where Chromium writes the time of printing; equal reports must be equal bytes."""
PASSES = 3
"""Printings at most. Chromium does not tell a page the number of another, so that the first tells the numbers
that the second bears; they take no room of the text, and the second has the same pages."""
_DOUBLED = re.compile(rb"/Title <FEFF((?:[0-9A-F]{4}){5,}?)\1+>")
"""A bookmark that Chromium writes twice over, whose heading found no room on one page and went on."""
LISTED = ("chapter-", "part-", "revision")


def render_pdf(report: Report) -> bytes:
    """A4 with contents, page numbers, bookmarks and tags. Raises :class:`NotInstalled` without Chromium."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        except Error as error:
            raise NotInstalled(
                f"Chromium does not start: {error.message.splitlines()[0]}",
                remedy="Set FENGPING_CHROMIUM to one that does.",
            ) from error
        with browser:
            page = browser.new_page(java_script_enabled=False)
            printed, paged = b"", dict[str, int]()
            for _ in range(PASSES):
                printed = _printed(page, report, paged)
                if (found := _pages_of(printed)) == paged:
                    break
                paged = found
    return _DOUBLED.sub(_once, re.sub(rb"D:\d{14}\+00'00'", NO_CLOCK, printed))


def _printed(page: Any, report: Report, paged: Mapping[str, int]) -> bytes:
    page.set_content(render_html(report, paged), wait_until="load")
    printed = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return bytes(printed)


def _once(doubled: re.Match[bytes]) -> bytes:
    """Blanks make up for what goes: a PDF is read by the places of its parts."""
    return (b"/Title <FEFF" + doubled[1] + b">").ljust(len(doubled[0]))


def _pages_of(printed: bytes) -> dict[str, int]:
    """The page of each heading of the contents, from one, by its anchor."""
    reader = PdfReader(io.BytesIO(printed))
    found: dict[str, int] = {}
    for name, place in reader.named_destinations.items():
        anchor, at = name.removeprefix("/"), reader.get_destination_page_number(place)
        if anchor.startswith(LISTED) and at is not None:
            found[anchor] = at + 1
    return found
