"""A report as PDF: the HTML page, printed by Chromium."""

from __future__ import annotations

import re

from fengping.chromium import find_chromium, launch_arguments
from fengping.errors import NotInstalled
from fengping.reports.document import Report
from fengping.reports.render.html import render_html

NO_CLOCK = b"D:20000101000000+00'00'"
"""Stands where Chromium writes the time of printing; equal reports must be equal bytes."""


def render_pdf(report: Report) -> bytes:
    """A4 with page numbers, bookmarks and tags. Raises :class:`NotInstalled` without Chromium."""
    from playwright.sync_api import Error, sync_playwright

    page_html = render_html(report)
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
            page.set_content(page_html, wait_until="load")
            printed = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return re.sub(rb"D:\d{14}\+00'00'", NO_CLOCK, printed)
