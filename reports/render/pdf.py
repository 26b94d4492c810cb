"""A report as PDF: the HTML page, printed by Chromium, with the page of each heading in its contents."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pypdf import PdfReader

from fengping.chromium import find_chromium, launch_arguments
from fengping.errors import NotInstalled
from fengping.reports.document import Report
from fengping.reports.render.html import render_html
from fengping.reports.render.joining import joined

NO_CLOCK = b"D:20000101000000+00'00'"
"""Stands where Chromium writes the time of printing; equal reports must be equal bytes."""
PASSES = 3
"""Printings at most. Chromium does not tell a page the number of another, so that the first tells the numbers
that the second bears; they take no room of the text, and the second has the same pages."""
_DOUBLED = re.compile(rb"/Title <FEFF((?:[0-9A-F]{4}){5,}?)\1+>")
"""A bookmark that Chromium writes twice over, whose heading found no room on one page and went on."""
LONGEST = 125_000
"""Characters of the page that are printed at once, each row of a table as :data:`ROW` more: what one renderer
of Chromium holds for them stays under 500 MB."""
ROW = 50
_CUT = re.compile(r"<!--cut( list)?-->")
_IN_LIST = ("</dl>", '<dl class="origins">')
_ROW, _END = "\n<tr>", "</tbody></table></div>"
_ONCE = re.compile(r' id="[^"]*"|<caption>.*?</caption>\n?', re.DOTALL)
"""What a table has at its first rows alone."""
_LINKED, _ANCHORED = re.compile(r'href="#([^"]+)"'), re.compile(r' id="([^"]+)"')
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
            printed, paged, counts = [b""], dict[str, int](), [0]
            for _ in range(PASSES):
                html = render_html(report, paged)
                parts, linked = cut(html), sorted({*_LINKED.findall(html)})
                if len(counts) != len(parts):
                    counts = [0] * len(parts)
                printed = [
                    _printed(
                        browser,
                        _between(part, linked, sum(counts[:at]), sum(counts[at + 1 :])),
                        sum(counts[:at]),
                        counts[at] if len(parts) > 1 else 0,
                    )
                    for at, part in enumerate(parts)
                ]
                before, (found, counts) = (paged, counts), _pages_of(printed)
                if (found, counts) == before:
                    break
                paged = found
    return printed[0] if len(printed) == 1 else joined(printed)


def _printed(browser: Any, html: str, before: int, count: int) -> bytes:
    """The *count* pages after *before*, or all; in a process of the browser whose memory goes with it."""
    page = browser.new_page(java_script_enabled=False)
    page.set_content(html, wait_until="load")
    pages = f"{before + 1}-{before + count}" if count else ""
    printed = page.pdf(
        prefer_css_page_size=True, print_background=True, outline=True, tagged=True, page_ranges=pages
    )
    page.close()
    return _DOUBLED.sub(_once, re.sub(rb"D:\d{14}\+00'00'", NO_CLOCK, bytes(printed)))


def _between(part: str, linked: Sequence[str], before: int, after: int) -> str:
    """A part with an empty page in the place of each of the others, so that Chromium counts right.

    On one of them lie the ends of links that lead there, and links to what is linked from there: of both
    Chromium writes only what has the other.
    """
    if not before and not after:
        return part
    own = {*_ANCHORED.findall(part)}
    ends = "".join(f'<a href="#{one}"></a>' if one in own else f'<i id="{one}"></i>' for one in linked)
    empty = '<div aria-hidden="true" style="break-{}: page">&nbsp;{}</div>'
    first = [empty.format("after", "" if at else ends) for at in range(before)]
    last = [empty.format("before", "" if at or before else ends) for at in range(after)]
    return part.replace("<main>", f"<main>{''.join(first)}").replace("</main>", f"{''.join(last)}</main>")


def cut(html: str) -> list[str]:
    """A page as pages of at most :data:`LONGEST` characters, cut where it may be; one stays as it is."""
    if _weight(html) <= LONGEST:
        return [html]
    begin, end = html.index("<main>") + len("<main>"), html.index("</main>")
    first, *others = _CUT.split(html[begin:end])
    parts = [""]
    whole = zip(["", *others[::2]], [first, *others[1::2]], strict=True)
    for listed, piece in ((listed, piece) for listed, long in whole for piece in _by_rows(long)):
        if not parts[-1] or _weight(parts[-1]) + _weight(piece) <= LONGEST:
            parts[-1] += piece
        else:
            close, reopen = _IN_LIST if listed else ("", "")
            parts[-1] += close
            parts.append(reopen + piece)
    return [html[:begin] + part + html[end:] for part in parts]


def _by_rows(piece: str) -> Iterator[str]:
    """The piece; of a table that is too long one table after another, each of some of its rows."""
    if _weight(piece) <= LONGEST or _ROW not in piece:
        yield piece
        return
    head, *rows = piece.split(_ROW)
    again = _ONCE.sub("", head[head.rindex('<div class="table') :])
    part, weight = head, _weight(head)
    for row in rows:
        if weight + _weight(_ROW + row) > LONGEST and part not in (head, again):
            yield part + _END
            part, weight = again, _weight(again)
        part += _ROW + row
        weight += _weight(_ROW + row)
    yield part


def _weight(piece: str) -> int:
    return len(piece) + ROW * piece.count(_ROW)


def _once(doubled: re.Match[bytes]) -> bytes:
    """Blanks make up for what goes: a PDF is read by the places of its parts."""
    return (b"/Title <FEFF" + doubled[1] + b">").ljust(len(doubled[0]))


def _pages_of(printed: Sequence[bytes]) -> tuple[dict[str, int], list[int]]:
    """The page of each heading of the contents, from one, by its anchor; and the pages of each part."""
    found: dict[str, int] = {}
    counts: list[int] = []
    for reader in (PdfReader(io.BytesIO(part)) for part in printed):
        for name, place in reader.named_destinations.items():
            anchor, at = name.removeprefix("/"), reader.get_destination_page_number(place)
            if anchor.startswith(LISTED) and at is not None:
                found[anchor] = sum(counts) + at + 1
        counts.append(len(reader.pages))
    return found, counts
