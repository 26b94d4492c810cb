"""A query in words, as it was understood, in Chinese or English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fengping.clock import day_of, day_start, iso
from fengping.indexer.search.query.tree import (
    And,
    Expression,
    Keyword,
    Near,
    Not,
    Or,
    Range,
    Since,
    Term,
    Until,
    comparisons,
    number_text,
)
from fengping.indexer.search.query.values import class_names
from fengping.models import FIELDS

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class _Wording:
    """The phrases of one language."""

    everything: str
    quote: str
    places: dict[str, str]
    prefix: str
    near: str
    ordered: str
    between: str
    fields: dict[str, str]
    values: dict[str, str]
    keyword: str
    number: str
    signs: dict[str, str]
    since: str
    until: str
    until_day: str
    both: str
    either: str
    no: str
    group: str


_ZH = _Wording(
    everything="全部文档",
    quote="“{}”",
    places={"": "含{}", "title": "标题含{}", "text": "正文含{}"},
    prefix="以“{}”开头的词",
    near="{}相距不超过{}个字（不分先后）",
    ordered="{}依次出现，相距不超过{}个字",
    between="与",
    fields={
        "negative_hosts": "被指责主播", "negative_brands": "被指责品牌", "group": "转载组",
        "parent_id": "上级帖子",
        "author_id": "作者编号", "negative": "负面概率", "positive": "正面概率", "snownlp": "SnowNLP分",
    },
    values={"neg": "负面", "neu": "中性", "pos": "正面", "true": "是", "false": "否"},
    keyword="{}为{}",
    number="{}{}{}",
    signs={">": "大于", ">=": "不小于", "<": "小于", "<=": "不大于", "=": "等于"},
    since="{}起发布",
    until="{}前发布",
    until_day="{}（含）前发布",
    both="，且",
    either="，或",
    no="不是（{}）",
    group="（{}）",
)  # fmt: skip

_EN = _Wording(
    everything="every document",
    quote="“{}”",
    places={"": "{}", "title": "{} in the title", "text": "{} in the text"},
    prefix="a word beginning with “{}”",
    near="{}, at most {} characters apart, in any order",
    ordered="{}, in this order, at most {} characters apart",
    between=" near ",
    fields={
        "hosts": "host", "negative_hosts": "accused host", "parties": "party", "signals": "signal",
        "facets": "facet", "people": "private person", "issues": "class", "platforms": "platform",
        "regulators": "regulator", "parent_id": "parent", "author_id": "author id", "keywords": "keyword",
        "relevant": "about livestream selling", "first_in_group": "first in its group",
        "negative": "probability of negative", "positive": "probability of positive",
        "snownlp": "SnowNLP's score",
    },
    values={"neg": "negative", "neu": "neutral", "pos": "positive", "true": "yes", "false": "no"},
    keyword="{} is {}",
    number="{} {} {}",
    signs={">": "over", ">=": "at least", "<": "under", "<=": "at most", "=": "exactly"},
    since="published from {} on",
    until="published before {}",
    until_day="published until {} inclusive",
    both=" and ",
    either=" or ",
    no="not ({})",
    group="({})",
)  # fmt: skip

_WORDINGS = {"zh": _ZH, "en": _EN}


def describe(expression: Expression | None, language: Language) -> str:
    """*expression* in words, in one line."""
    wording = _WORDINGS[language]
    return wording.everything if expression is None else _say(expression, wording)


def _say(expression: Expression, wording: _Wording) -> str:
    match expression:
        case Term():
            return _place(expression.field, wording).format(_word(expression, wording))
        case Keyword(field, value):
            return wording.keyword.format(_name(field, wording), _value(field, value, wording))
        case Range(field):
            name = _name(field, wording)
            return wording.both.join(
                wording.number.format(name, wording.signs[sign], number_text(number))
                for sign, number in comparisons(expression)
            )
        case Since() | Until():
            return _time(expression, wording)
        case Near(terms, distance, ordered):
            words = wording.between.join(_word(term, wording) for term in terms)
            shape = wording.ordered if ordered else wording.near
            return shape.format(_place(terms[0].field, wording).format(words), distance)
        case Not(part):
            return wording.no.format(_say(part, wording))
        case And(parts):
            return wording.both.join(_inside(part, wording, Or) for part in parts)
        case Or(parts):
            return wording.either.join(_inside(part, wording, And) for part in parts)


def _inside(part: Expression, wording: _Wording, bracketed: type[And] | type[Or]) -> str:
    said = _say(part, wording)
    return wording.group.format(said) if isinstance(part, bracketed) else said


def _place(field: str | None, wording: _Wording) -> str:
    return wording.places[field or ""]


def _word(term: Term, wording: _Wording) -> str:
    return (wording.prefix if term.prefix else wording.quote).format(term.text)


def _name(field: str, wording: _Wording) -> str:
    if wording is _ZH and field not in wording.fields:
        return next((alias for alias in FIELDS[field].aliases if not alias.isascii()), field)
    return wording.fields.get(field, field)


def _value(field: str, value: str, wording: _Wording) -> str:
    if field == "issues" and value in class_names():
        return f"{value} {class_names()[value]}"
    return wording.values.get(value, value)


def _time(bound: Since | Until, wording: _Wording) -> str:
    day = day_of(bound.moment)
    if bound.moment != day_start(day):
        shape = wording.since if isinstance(bound, Since) else wording.until
        return shape.format(iso(bound.moment))
    if isinstance(bound, Since):
        return wording.since.format(day)
    return wording.until_day.format(day - timedelta(days=1))
