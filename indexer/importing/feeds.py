"""RSS and Atom files as tables: a row an entry, a column a tag, ``/title`` the feed's own."""

from __future__ import annotations

from typing import BinaryIO

import lxml.html
from lxml import etree

from fengping.errors import UsageError
from fengping.indexer.importing.limits import TOO_LARGE, read_page
from fengping.indexer.importing.rows import Row, Table


def read_feed(stream: BinaryIO, name: str) -> Table:
    """The entries of a feed. No entity is expanded; raises :class:`UsageError` for one without entries."""
    data = read_page(stream)
    if data is None:
        raise UsageError(f"{name}: {TOO_LARGE}.", remedy="Save it in parts.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(data, parser)
    entries = [] if root is None else list(root.iter("{*}item", "{*}entry"))
    if not entries:
        raise UsageError(f"{name} is a feed without entries.", remedy="Fetch it again.")
    around = {"/title": next((_text(tag) for tag in root.iter("{*}title")), "")}
    rows = tuple(Row(entry.sourceline or 0, around | _cells(entry)) for entry in entries)
    columns = tuple(dict.fromkeys(column for row in rows for column in row.cells))
    return Table(name, columns, rows[:100], iter(rows))


def _cells(entry: etree._Element) -> dict[str, str]:
    cells: dict[str, str] = {}
    for tag in entry.iterchildren(etree.Element):
        local = etree.QName(tag).localname
        column = f"{tag.prefix}:{local}" if tag.prefix else local
        if local == "link" and tag.get("href"):
            if tag.get("rel", "alternate") == "alternate":
                cells.setdefault("link", tag.get("href", ""))
        elif local == "author" and len(tag):
            cells.setdefault(column, tag.findtext("{*}name") or "")
        else:
            cells.setdefault(column, _text(tag))
    return cells


def _text(tag: etree._Element) -> str:
    """A tag's text; markup that it holds, as tags or as text, is taken away."""
    text = "".join(str(part) for part in tag.itertext()).strip()
    if "<" not in text:
        return text
    try:
        return str(lxml.html.fromstring(text).text_content()).strip()
    except etree.ParserError:
        return ""
