"""A source's own selectors, CSS or XPath, applied to a page."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from fengping.errors import ConfigError
from fengping.spiders.extraction.boilerplate import is_noise, is_notice
from fengping.spiders.extraction.tree import parse, read_blocks

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ENDING = re.compile(r"::(?:attr\(\s*([\w:-]+)\s*\)|(text))\s*$")
_VALUE_ATTRIBUTES = {"meta": "content", "time": "datetime", "link": "href", "img": "src", "input": "value"}


class Selection:
    """The page as the selectors see it."""

    def __init__(self, parser: LexborHTMLParser) -> None:
        self.parser = parser

    @cached_property
    def _lxml(self) -> HtmlElement:
        from lxml import html  # only sources with XPath pay for it

        return html.document_fromstring(
            self.parser.html or "<html></html>", parser=html.HTMLParser(huge_tree=True)
        )

    def value(self, selectors: tuple[str, ...]) -> str:
        """The text or attribute that the first matching selector finds, white space collapsed."""
        for selector in selectors:
            for found in self._found(selector):
                if text := " ".join(found.split()):
                    return text
        return ""

    def lines(self, selectors: tuple[str, ...]) -> list[str]:
        """The lines of all elements that the first matching selector finds, less those of editors."""
        for selector in selectors:
            lines = [
                block.text
                for fragment in self._fragments(selector)
                for block in read_blocks(parse(fragment), hidden=True).blocks
                if not is_noise(block.text) and not is_notice(block.text, at_end=True)
            ]
            if lines:
                return lines
        return []

    def _found(self, selector: str) -> list[str]:
        if is_xpath(selector):
            return [_lxml_value(item) for item in self._xpath(selector)]
        ending = _ENDING.search(selector)
        nodes = self._css(selector[: ending.start()] if ending else selector)
        if ending and ending.group(1):
            return [node.attributes.get(ending.group(1)) or "" for node in nodes]
        return [_node_value(node) for node in nodes]

    def _fragments(self, selector: str) -> list[str]:
        if is_xpath(selector):
            from lxml import etree

            return [
                item
                if isinstance(item, str)
                else etree.tostring(item, encoding="unicode", method="html", with_tail=False)
                for item in self._xpath(selector)
            ]
        return [node.html or "" for node in self._css(_ENDING.sub("", selector))]

    def _css(self, selector: str) -> list[LexborNode]:
        try:
            return self.parser.css(selector)
        except (SelectolaxError, ValueError) as error:
            raise ConfigError(f"{selector!r} is not a CSS selector: {error}.") from error

    def _xpath(self, selector: str) -> list[Any]:
        from lxml import etree

        try:
            found = self._lxml.xpath(selector)
        except etree.XPathError as error:
            raise ConfigError(f"{selector!r} is not an XPath: {error}.") from error
        return found if isinstance(found, list) else [found]

    def without(self, selectors: tuple[str, ...]) -> LexborHTMLParser:
        """The page less the elements that *selectors* name."""
        paths = [s for s in selectors if is_xpath(s)]
        for item in (item for path in paths for item in self._xpath(path)):
            if not isinstance(item, str) and item.getparent() is not None:
                item.drop_tree()
        if paths:
            from lxml import etree

            self.parser = parse(etree.tostring(self._lxml, encoding="unicode", method="html"))
        for selector in selectors:
            if not is_xpath(selector):
                for node in self._css(selector):
                    node.decompose()
        return self.parser


def is_xpath(selector: str) -> bool:
    return selector.startswith(("/", "./", "("))


def _node_value(node: LexborNode) -> str:
    attribute = _VALUE_ATTRIBUTES.get(node.tag or "")
    return (node.attributes.get(attribute) if attribute else None) or node.text(separator=" ")


def _lxml_value(item: Any) -> str:
    if isinstance(item, str):
        return item
    if not hasattr(item, "itertext"):
        return str(item)
    attribute = _VALUE_ATTRIBUTES.get(item.tag)
    return (item.get(attribute) if attribute else None) or " ".join(item.itertext())
