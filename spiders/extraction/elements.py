"""Reading fields out of page elements and JSON values, as a source file says where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from fengping.spiders.extraction.listing import Unreadable
from fengping.spiders.extraction.tree import without_crowds
from fengping.spiders.sources.fields import to_xpath
from fengping.spiders.sources.model import ItemSelectors, JsonFields


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> etree.XPath:
    xpath = to_xpath(selector)
    # CSS means «below this element»; an absolute XPath would leave the entry and find its neighbours'.
    if xpath.startswith(("/", "descendant-or-self::")):
        xpath = "." + xpath if xpath.startswith("/") else xpath
    return etree.XPath(xpath)


def parse_html(text: str) -> HtmlElement:
    """An HTML page as browsers would mend it. Raises :class:`Unreadable` for an empty one."""
    try:
        # Text with an encoding declaration is refused by lxml; the text is decoded already.
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
        return lxml_html.fromstring(without_crowds(text.encode("utf-8", "replace")).decode())
    except (etree.ParserError, ValueError) as error:
        raise Unreadable(f"no HTML page ({error})") from None


def select(element: HtmlElement, selector: str) -> list[Any]:
    """Select elements or texts below *element*."""
    found = _compiled(selector)(element)
    return found if isinstance(found, list) else [found]


def text_at(element: HtmlElement, selectors: tuple[str, ...]) -> str:
    """The text of the first selector that finds any; an element's whole text, joined."""
    for selector in selectors:
        texts = [
            found.text_content() if isinstance(found, HtmlElement) else str(found)
            for found in select(element, selector)
        ]
        if text := " ".join(filter(None, (" ".join(part.split()) for part in texts[:1] if part))):
            return text
    return ""


def fields_of(element: HtmlElement, selectors: ItemSelectors) -> dict[str, str]:
    """Every mapped field of an entry's element; unmapped ones are left out."""
    given = {name: getattr(selectors, name) for name in type(selectors).model_fields}
    return {name: text_at(element, where) for name, where in given.items() if where}


@lru_cache(maxsize=1024)
def _path(expression: str) -> Any:
    return jmespath.compile(expression)


def at_path(value: Any, expression: str) -> Any:
    """Evaluate a JMESPath; ``None`` for nothing, and where it meets a value of an unfit type."""
    try:
        return _path(expression).search(value)
    except JMESPathError:
        return None


def json_fields(value: Any, paths: JsonFields) -> dict[str, Any]:
    """Every mapped field of an entry's JSON."""
    given: Mapping[str, str | None] = paths.model_dump()
    return {name: at_path(value, path) for name, path in given.items() if path}


_WRAPPED = re.compile(
    r"^\s*(?:/\*.*?\*/)?\s*(?:try\s*{\s*)?(?:(?:var|let|const)\s+)?[\w$.]+\s*[(=]\s*(?=[\[{])", re.DOTALL
)


def parse_json(text: str, within: str = "") -> Any:
    """A JSON response, one in a callback (JSONP) or given to a variable, or one after *within* in a page.

    Raises :class:`Unreadable` for anything else.
    """
    if within:
        _, marker, rest = text.partition(within)
        if not marker:
            raise Unreadable(f"{within!r} (json.within) is not in the page")
        text = rest.lstrip(" =:\r\n\t")
    elif match := _WRAPPED.match(text):
        text = text[match.end() :]
    try:
        return json.JSONDecoder().raw_decode(text.strip().lstrip("\ufeff"))[0]
    except (json.JSONDecodeError, RecursionError) as error:
        raise Unreadable(f"no JSON ({type(error).__name__}: begins {text.strip()[:40]!r})") from None
