"""值得警惕的苗头: fields that grow within the window by more than chance."""

from __future__ import annotations

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.facts.gather import Facts


@register
class Diagnosis:
    name = "diagnosis"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        unknown = frozenset(facts.flagged_days).intersection(facts.silent_days)
        if growing := sentences.growing(facts.fields, unknown):
            pages.chapter("值得警惕的苗头")
            pages.say(*growing)
