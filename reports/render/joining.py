"""Parts of a PDF made one: pages, links between them, bookmarks and tags."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, Fit, NameObject, NumberObject


def joined(parts: Sequence[bytes]) -> bytes:
    """One PDF of the pages of all *parts*, which Chromium printed; equal parts give equal bytes."""
    writer = PdfWriter()
    destinations, tags = DictionaryObject(), _Tags(writer)
    readers = [PdfReader(io.BytesIO(part)) for part in parts]
    for reader in readers:
        begun = len(writer.pages)
        for page in reader.pages:
            writer.add_page(page)
        tags.take(reader, writer.pages[begun:])
        _mark(writer, reader, reader.outline, begun, None)
        for name, place in reader.named_destinations.items():
            at = reader.get_destination_page_number(place)
            if at is not None:
                target = [writer.pages[begun + at].indirect_reference, *place.dest_array[1:]]
                destinations[NameObject(f"/{name.removeprefix('/')}")] = ArrayObject(target)
    root = writer.root_object
    root[NameObject("/Dests")] = writer._add_object(destinations)
    root[NameObject("/StructTreeRoot")] = tags.root
    for key in ("/Lang", "/MarkInfo", "/ViewerPreferences", "/PageMode"):
        if key in readers[0].root_object:
            root[NameObject(key)] = readers[0].root_object[key].clone(writer)
    writer.metadata = readers[0].metadata
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


class _Tags:
    """The structure of all parts under one root; numbers by which pages and links find theirs go on."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._documents, self._numbers, self._next = ArrayObject(), ArrayObject(), 0
        parents = DictionaryObject({NameObject("/Nums"): self._numbers})
        self.root = writer._add_object(
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/StructTreeRoot"),
                    NameObject("/K"): self._documents,
                    NameObject("/ParentTree"): parents,
                }
            )
        )

    def take(self, reader: PdfReader, pages: Sequence[Any]) -> None:
        """Adds the structure of a part, whose *pages* are in already."""
        tree: Any = reader.root_object["/StructTreeRoot"].get_object()
        document = tree["/K"].get_object()
        del document["/P"]  # with it would come the root of this part
        document = document.clone(self._writer)
        document[NameObject("/P")] = self.root
        self._documents.append(document.indirect_reference)
        numbers = list(tree["/ParentTree"]["/Nums"])
        for key, of in zip(numbers[::2], numbers[1::2], strict=True):
            self._numbers += [NumberObject(self._next + key), of.clone(self._writer)]
        printed: Any
        for page, printed in zip(pages, reader.pages, strict=True):
            page[NameObject("/StructParents")] = NumberObject(self._next + printed["/StructParents"])
            for link in (one.get_object() for one in page.get("/Annots", ())):
                link[NameObject("/StructParent")] = NumberObject(self._next + link["/StructParent"])
        self._next += tree["/ParentTreeNextKey"]


def _mark(writer: PdfWriter, reader: PdfReader, entries: Sequence[Any], begun: int, parent: Any) -> None:
    """Adds bookmarks, those in a list below the one before it."""
    last = parent
    for entry in entries:
        if isinstance(entry, list):
            _mark(writer, reader, entry, begun, last)
            continue
        at = reader.get_destination_page_number(entry)
        if at is not None:
            fit = Fit(entry.typ, tuple(entry.dest_array[2:]))
            last = writer.add_outline_item(entry.title, begun + at, parent=parent, fit=fit)
