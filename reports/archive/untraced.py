"""Numbers that a reviewer wrote and the report does not hold: nothing says where they are from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from fengping.reports.document import CaseCard, Report, texts_of
from fengping.reports.wording import plain

_NUMBER = re.compile(r"\d{4}-\d\d?-\d\d?|(?<![A-Za-z\d.])\d[\d,]*(?:\.\d+)?%?")
_DATED = frozenset("年月日号时点分-")
"""Signs behind a number, or in it, that make it a date or a time."""


def untraced(report: Report, text: str) -> tuple[str, ...]:
    """Numbers of *text*, as it writes them, that stand nowhere in *report* as it was drafted, none twice.

    Dates and times are left out, and what quotations say counts as said.
    """
    known = {number for said in _said(report) for number, _ in _numbers(said)}
    return tuple(dict.fromkeys(shown for number, shown in _numbers(text) if number not in known))


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """Each number without commas, and as it is written."""
    text = unicodedata.normalize("NFKC", text)
    for found in _NUMBER.finditer(text):
        shown = found[0].rstrip(",")
        if _DATED.isdisjoint(shown + text[found.end() :].lstrip()[:1]):
            yield shown.replace(",", ""), shown


def _said(report: Report) -> Iterator[str]:
    offered = tuple(offer.card for offer in report.offers)
    yield from map(plain, (*report.digest, *texts_of((*report.blocks, *offered))))
    for block in (*report.blocks, *offered):
        if isinstance(block, CaseCard):
            case = block.case
            told = (one.quote for one in case.told)
            yield from (quote.text for quote in (case.opening, *case.sources, *case.claims, *told))
