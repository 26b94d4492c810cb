"""Serialised HTML cut into blocks of text and elements, compiled: one pass over the characters.

The input is what lexbor writes: attributes in double quotes, elements closed, only ``& < > " nbsp`` as
entities. Everything is numbers: positions in the page, positions in one long text that holds the
blocks one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled
from fengping.spiders.extraction.markup_kernel import (
    BLOCK,
    BREAK,
    INLINE,
    LINK,
    SILENT,
    TABLE,
    after_silent,
    attributes,
    ends_sentence,
    entity,
    hash_next,
    is_invisible,
    is_mark,
    is_space,
)

SHORT = 150
"""Characters of a block up to which its inline elements are also set apart."""


class Marks(NamedTuple):
    """Result of :func:`scan`; one row a block, then one row an element."""

    text: npt.NDArray[np.uint32]
    """The blocks' characters, white space collapsed, one after the other."""
    spaced: npt.NDArray[np.uint32]
    """The same of short blocks made of several inline parts, a space between the parts."""
    text_end: npt.NDArray[np.int64]
    spaced_end: npt.NDArray[np.int64]
    """Equal to the row before where the text itself will do."""
    linked: npt.NDArray[np.int64]
    linked_before: npt.NDArray[np.int64]
    """(blocks + 1,): characters in links before each block, and of all."""
    owner: npt.NDArray[np.int64]
    """The element that each block stands in."""
    weight: npt.NDArray[np.float64]
    """Characters of prose in each block: those outside links, where it is punctuated as sentences are."""
    flags: npt.NDArray[np.int64]
    """1: an end of a sentence, 2: a digit."""
    tag: npt.NDArray[np.int64]
    parent: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    names: npt.NDArray[np.int64]
    """(elements, 4): where class and id stand in the page, in the order of the tag."""
    opened_by_link: npt.NDArray[np.int64]
    """The elements of two blocks or more whose first is little but a link."""
    noted: npt.NDArray[np.int64]
    """(n, 4): elements whose attributes say what they hold: `AUTHOR` …, and the places in the page where the
    tag begins and the content begins and ends."""


@compiled
def _weight(size: int, linked: int, marks: int, ends: int) -> float:
    """Its share of the weight of an article, from the marks of sentences and their ends in a block."""
    free = size - linked
    # Labels and headings: 投诉要求：退款，赔偿
    if free < 10 or 2 * free < size or (not ends and free < (20 if marks else 40)):
        return 0.0
    return float(free) if marks > 1 or ends else 0.5 * free


@compiled
def _kind(key: int, keys: Any, kinds: Any) -> Any:
    """The kind of the tag whose name has the hash *key*; unknown ones are inline."""
    slot = key % TABLE
    while keys[slot]:
        if keys[slot] == key:
            return kinds[slot]
        slot = (slot + 1) % TABLE
    return INLINE


@compiled
def _marks(text: Any, begun: int, to: int) -> Any:
    """Punctuation marks in a block, and its flags."""
    marks = flags = 0
    for i in range(begun, to):
        c = text[i]
        if is_mark(c):
            marks += 1
            if ends_sentence(c):
                flags |= 1
        elif 48 <= c <= 57 or 0xFF10 <= c <= 0xFF19:
            flags |= 2
    return marks, flags


@compiled
def _write(
    html: Any,
    at: int,
    end: int,
    text: Any,
    spaced: Any,
    to: int,
    to_spaced: int,
    word: bool,
    pending: bool,
    pending_spaced: bool,
) -> Any:
    """Append the characters between two tags to *text* and *spaced*, white space collapsed.

    *word*: the block has a character already; *pending*: a space is due before the next one. These, and how
    far both are written, come back, with the characters from the first that shows to the last.
    """
    count = head = tail = 0
    while at < end:
        c = html[at]
        step = 1
        if c == 38:
            c, step = entity(html, at, end)
            if c == 0:
                c = 38
        at += step
        count += 1
        if is_space(c):
            pending = pending_spaced = word
            continue
        if head == 0:
            head = count
        tail = count
        if pending:
            text[to] = 32
            to += 1
            pending = False
        if pending_spaced:
            spaced[to_spaced] = 32
            to_spaced += 1
            pending_spaced = False
        word = True
        if not is_invisible(c):
            text[to] = spaced[to_spaced] = c
            to += 1
            to_spaced += 1
    return to, to_spaced, word, pending, pending_spaced, tail - head + 1 if head else 0


@compiled
def _hang(tag_of: Any, parent: Any, names: Any, owner: Any, elements: int) -> Any:
    """The first and last block of each element that holds any, and the number of those: they move to the
    front of *tag_of*, *parent* and *names*, and *owner* names them anew. The first is the whole page."""
    blocks = owner.size
    first = np.full(elements, blocks, np.int64)
    last = np.zeros(elements, np.int64)
    for i in range(blocks):
        own = owner[i]
        first[own], last[own] = min(first[own], i), i + 1
    for i in range(elements - 1, 0, -1):
        if last[i]:
            outer = parent[i]
            first[outer], last[outer] = min(first[outer], first[i]), max(last[outer], last[i])
    number = np.zeros(elements, np.int64)
    kept = min(elements, 1)
    for i in range(1, elements):
        if last[i]:
            number[i] = kept
            tag_of[kept], parent[kept] = tag_of[i], number[parent[i]]
            first[kept], last[kept], names[kept] = first[i], last[i], names[i]
            kept += 1
    for i in range(blocks):
        owner[i] = number[owner[i]]
    return first, last, kept


@compiled
def scan(html: Any, keys: Any, kinds: Any, show_hidden: bool) -> Any:
    """The fields of :class:`Marks` for *html*, an array of code points that ends in a `BREAK`; *keys* and
    *kinds* from :func:`table`.

    Text that belongs to another element than the text before it begins a new block, so ends of blocks need
    no attention.
    """
    n = html.size
    tags = n // 3 + 1  # at most; memory that is never written to costs nothing
    text = np.empty(n + 1, np.uint32)
    spaced = np.empty(n + tags + 1, np.uint32)
    text_end = np.empty(tags + 1, np.int64)
    spaced_end = np.empty(tags + 1, np.int64)
    linked_of = np.empty(tags + 1, np.int64)
    owner = np.empty(tags + 1, np.int64)
    weight_of = np.empty(tags + 1, np.float64)
    flags_of = np.empty(tags + 1, np.int64)
    tag_of = np.empty(tags, np.int64)
    parent = np.empty(tags, np.int64)
    names = np.empty((tags + 1, 4), np.int64)
    open_key = np.empty(tags + 1, np.int64)
    open_element = np.empty(tags + 1, np.int64)
    open_link = np.empty(tags + 1, np.bool_)
    open_noted = np.empty(tags + 1, np.int64)
    noted = np.empty((tags, 4), np.int64)
    open_key[0], open_element[0], open_link[0], open_noted[0] = 0, -1, False, -1
    depth = elements = blocks = notes = 0
    # Of the block at hand: its element, parts, and how far text and spaced are written
    element = -1
    parts = linked = 0
    to = to_spaced = begun = begun_spaced = 0
    word = pending = pending_spaced = False
    at = 0
    while at < n and html[at] != 60:
        at += 1
    while at < n:
        # One tag …
        flush = False
        tag_at = at
        at += 1
        if at + 2 < n and html[at] == 33 and html[at + 1] == 45 and html[at + 2] == 45:
            at += 3
            while at < n and not (html[at] == 62 and html[at - 1] == 45 and html[at - 2] == 45):
                at += 1
            at += 1
        elif at < n and html[at] == 47:
            key = 0
            at += 1
            while at < n and html[at] != 62:
                key = hash_next(key, html[at])
                at += 1
            at += 1
            if depth and key == open_key[depth]:
                if open_noted[depth] >= 0:
                    noted[open_noted[depth], 3] = tag_at
                depth -= 1
        elif at < n and 97 <= html[at] <= 122:
            name = at
            key = 0
            while at < n and html[at] != 32 and html[at] != 62 and html[at] != 47:
                key = hash_next(key, html[at])
                at += 1
            length = at - name
            kind = _kind(key, keys, kinds)
            names[elements, :] = 0
            at, hides, says = attributes(html, at, names, elements)
            note = -1
            if says and kind != SILENT:
                note = notes
                noted[note, 0], noted[note, 1], noted[note, 2], noted[note, 3] = says, tag_at, at, at
                notes += 1
            if kind == SILENT:
                beyond = after_silent(html, at, name, length)
                if beyond < 0:
                    kind = INLINE
                else:
                    at = beyond
            outer = open_element[depth]
            hides = hides and not show_hidden
            if kind >= BLOCK:
                flush = True
                if elements and (outer < 0 or hides):
                    shown = -1
                else:
                    shown = elements
                    tag_of[elements], parent[elements] = kind - BLOCK, outer
                    elements += 1
                depth += 1
                open_key[depth], open_element[depth], open_link[depth] = key, shown, open_link[depth - 1]
                open_noted[depth] = note
            elif kind in (INLINE, LINK):
                depth += 1
                open_key[depth], open_element[depth] = key, -1 if hides else outer
                open_link[depth] = kind == LINK or open_link[depth - 1]
                open_noted[depth] = note
            elif kind == BREAK:
                flush = True
        else:
            while at < n and html[at] != 62:
                at += 1
            at += 1
        # … and the text after it.
        end = at
        blank = True
        while end < n and html[end] != 60:
            if not is_space(html[end]):
                blank = False
            end += 1
        for _ in range(2):  # the block may end before the tag, and again before the text
            if flush:
                if parts and element >= 0 and to > begun:
                    size = to - begun
                    marks, flags = _marks(text, begun, to)
                    if parts < 2 or size > SHORT:
                        to_spaced = begun_spaced
                    text_end[blocks], spaced_end[blocks] = to, to_spaced
                    linked_of[blocks], owner[blocks] = min(linked, size), element
                    weight_of[blocks] = _weight(size, linked_of[blocks], marks, flags & 1)
                    flags_of[blocks] = flags
                    blocks += 1
                else:
                    to, to_spaced = begun, begun_spaced
                begun, begun_spaced = to, to_spaced
                parts = linked = 0
                word = pending = pending_spaced = False
            flush = not blank and open_element[depth] >= 0 and open_element[depth] != element
        if blank:
            if end > at and parts:
                parts += 1
                pending = pending_spaced = word
        elif open_element[depth] >= 0:
            element = open_element[depth]
            parts += 1
            if parts > 1:
                pending_spaced = word
            to, to_spaced, word, pending, pending_spaced, size = _write(
                html, at, end, text, spaced, to, to_spaced, word, pending, pending_spaced
            )
            if open_link[depth]:
                linked += size
        at = end
    first, last, kept = _hang(tag_of, parent, names, owner[:blocks], elements)
    linked_before = np.zeros(blocks + 1, np.int64)
    for i in range(blocks):
        linked_before[i + 1] = linked_before[i] + linked_of[i]
    opened = np.empty(kept, np.int64)
    openings = 0
    for i in range(kept):
        at = first[i]
        if last[i] - at >= 2 and linked_of[at] >= 0.8 * (text_end[at] - (text_end[at - 1] if at else 0)):
            opened[openings] = i
            openings += 1
    return (
        text[:to], spaced[:to_spaced], text_end[:blocks], spaced_end[:blocks], linked_of[:blocks],
        linked_before, owner[:blocks], weight_of[:blocks], flags_of[:blocks], tag_of[:kept],
        parent[:kept], first[:kept], last[:kept], names[:kept], opened[:openings], noted[:notes],
    )  # fmt: skip
