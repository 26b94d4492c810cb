"""Sentences on what a total consists of: advertisements, what concerns consumers, what its peaks are of."""

from __future__ import annotations

from datetime import date

from fengping.reports import numbers
from fengping.reports.facts import Volume
from fengping.reports.wording import Fact, Figure, Text, compose, enumerate_texts, join, number

OF_ANYTHING = "“吐槽类”指判定为负面的信息，不论是否判定为与消费维权有关；对指称的回应和监管规则不计入。"
"""The definition in a report of everything that is told of an event."""


def advertised(promoted: Fact | None) -> Text:
    """The part of a total that promotes goods, in brackets; nothing where none does."""
    if promoted is None or not promoted.value:
        return ()
    return compose("（其中判为推广的{n}条）", n=number(promoted))


def concerning(judged: Fact | None) -> Text:
    """The part of a total of everything that is judged to concern consumers."""
    return () if judged is None else compose("其中判定与消费维权有关的{n}条。", n=number(judged))


def without_copies(volume: Volume) -> Text:
    """The peaks that copies make: a list that records its entries again has them a day late."""
    peaks = volume.course.series.peaks()
    late = [volume.apart.name(day) for day, _ in peaks if volume.apart.falls_beside(day)]
    return (f"同文折叠后，{numbers.listed(late)}并非峰值。",) if late else ()


def peaks_of(everything: Volume, *parts: Volume) -> Text:
    """The documents of each peak of *everything*, and how many of them are of each of *parts*; nothing where
    none are."""
    peaks = everything.course.series.peaks()
    if not peaks or not any(part.course.series.total for part in parts):
        return ()
    items = [_peak(everything, day, n, parts) for day, n in peaks]
    return ("峰值的构成：", *enumerate_texts(items, "；"), "。")


def _peak(everything: Volume, day: date, n: int, parts: tuple[Volume, ...]) -> Text:
    course = everything.course
    head = compose("{day}{n}条，其中", day=course.series.name(day), n=Figure(str(n), course.by_day))
    told = []
    for part in parts:
        days = dict(zip(part.course.series.days, part.course.series.counts, strict=True))
        count = Figure(str(days[day]), part.course.by_day)
        told.append(compose("{name}{n}条", name=part.count.label, n=count))
    return join([*head, *enumerate_texts(told)])
