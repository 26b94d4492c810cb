"""The document, and the sentence of it, on which a word beside a status rests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from fengping.events.answers.said import sentences
from fengping.models import Document
from fengping.reports.facts.model import ELSEWHERE, Told
from fengping.reports.facts.saying import Saying

_ANSWERING = re.compile("回应|否认|致歉|道歉|辟谣|澄清|声明")
Reading = Callable[[Sequence[Document]], str]
"""Reads a word out of documents; empty where they tell none."""


def grounds_of(readings: Iterable[Reading], documents: Sequence[Document], said: Saying) -> Iterator[Told]:
    """Each word that *readings* find in *documents*, once, with the passage that it rests on."""
    found: set[str] = set()
    for reading in readings:
        word = reading(documents)
        if word and word not in found:
            found.add(word)
            document = next((one for one in documents if reading([one]) == word), documents[0])
            yield Told(word, said.quote(document, _telling(reading, document, word)))


def _telling(reading: Reading, document: Document, word: str) -> str:
    """The first sentence of the text that gives *word* by itself, of an answer to another charge those before
    others that say that they answer, the title among them; else the title, or what stands for it."""
    unmarked = document.with_judgement(evidence=())  # its places are those of the whole text
    title = document.raw.title
    lines = [*sentences(document.raw.text), *([title] if title else [])]
    if word == ELSEWHERE:
        lines.sort(key=lambda line: _ANSWERING.search(line) is None)
    for line in lines:
        if reading([replace(unmarked, raw=replace(document.raw, title="", text=line))]) == word:
            return line
    return title or document.raw.text
