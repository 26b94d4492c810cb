"""Small checked types of a source file: selectors, JSON paths, hours of the day."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BeforeValidator

from fengping.clock import local


def is_xpath(selector: str) -> bool:
    """True if a selector is XPath: it begins with ``/``, ``./``, ``(`` or the prefix ``xpath:``."""
    return selector.startswith(("/", "./", "(", "xpath:"))


def to_xpath(selector: str) -> str:
    """A CSS selector (with parsel's ``::text`` and ``::attr(name)``) or XPath, as XPath."""
    if is_xpath(selector):
        return selector.removeprefix("xpath:")
    from parsel.csstranslator import HTMLTranslator

    return HTMLTranslator().css_to_xpath(selector)


def check_selector(selector: str) -> str:
    """The selector itself; raises ``ValueError`` naming it where it is neither CSS nor XPath."""
    from cssselect import SelectorError
    from lxml import etree

    try:
        etree.XPath(to_xpath(selector))
    except (SelectorError, etree.XPathError, ValueError) as error:
        language = "XPath" if is_xpath(selector) else "CSS"
        raise ValueError(f"{selector!r} is not a valid {language} selector ({error})") from None
    return selector


def check_path(path: str) -> str:
    """The path itself; raises ``ValueError`` naming it where it is no JMESPath expression."""
    try:
        jmespath.compile(path)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path!r} is not a valid JSON path ({reason})") from None
    return path


def check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a valid pattern ({error})") from None
    return pattern


def one_or_many(value: object) -> object:
    """A single string of the file as a tuple of one."""
    return (value,) if isinstance(value, str) else value


CssOrXPath = Annotated[str, AfterValidator(check_selector)]

Alternatives = Annotated[tuple[CssOrXPath, ...], BeforeValidator(one_or_many)]
"""One selector or several; the first that matches gives the value."""

JsonPath = Annotated[str, AfterValidator(check_path)]
"""A JMESPath expression: ``data.list``, ``mblog.user.screen_name``, ``items[?type=='post']``."""

Pattern = Annotated[str, AfterValidator(check_pattern)]

Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]


def check_hours(hours: str) -> str:
    if hours and not re.fullmatch(r"([01]?\d|2[0-3])-([01]?\d|2[0-4])", hours):
        raise ValueError(f"{hours!r} are no hours of the day, write '01-06' or '22-06'")
    return hours


Hours = Annotated[str, AfterValidator(check_hours)]
"""Hours of the Chinese day in which a source may be asked, ``22-06`` reaching over midnight."""


def within_hours(hours: str, moment: datetime) -> bool:
    """True if *moment* falls into *hours*; no hours given means always."""
    if not hours:
        return True
    first, last = (int(part) for part in hours.split("-"))
    hour = local(moment).hour
    return first <= hour < last if first < last else hour >= first or hour < last
