"""Saved responses as test cases: recorded by a live crawl, read again without any network.

A case is a folder: ``case.json`` (source, moment, and for each response its URL, code, headers and file),
the response bodies, and ``expected.json`` with the documents that came out. Reading a case drives the
source's own spider, so selectors, paths, article pages and comments are all tested.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, TextResponse
from sqlalchemy import create_engine

from fengping.clock import iso, parse_moment
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.models import RawDocument
from fengping.spiders.browser import VISITOR
from fengping.spiders.extraction import Page
from fengping.spiders.framework.pipelines import Found, JournalPipeline
from fengping.spiders.kinds import spider_class
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.run import Job, Run
from fengping.spiders.run import records as runs
from fengping.spiders.run.pages import PageReader
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen import urls as memory
from fengping.spiders.sources import Source
from fengping.state import State, metadata

CASE = "case.json"
EXPECTED = "expected.json"
VOLATILE = ("fetched_at", "author_id")
"""Fields that differ from home to home, left out of expectations."""


@dataclass
class Reading:
    """Documents and counts that a source extracts from saved responses."""

    documents: list[RawDocument] = field(default_factory=list)
    methods: dict[str, dict[str, str]] = field(default_factory=dict)
    """By document URL: field → how it was found on the document's own page."""
    signals: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def records(self) -> list[dict[str, Any]]:
        """The documents as they stand in ``expected.json``."""
        found = [document.to_record() for document in self.documents]
        return [{k: v for k, v in record.items() if k not in VOLATILE} for record in found]


class Case:
    """One folder of saved responses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            head = json.loads((folder / CASE).read_text(encoding="utf-8"))
            self.source: str = head["source"]
            self.at = parse_moment(head["at"])
            self._responses: list[dict[str, Any]] = head["responses"]
        except (FileNotFoundError, json.JSONDecodeError, KeyError):
            raise ConfigError(
                f"{folder} is not a recorded case.", remedy="Record one with: fengping source record NAME"
            ) from None

    def responses(self) -> dict[str, Response]:
        """Saved responses by the URL that was asked for."""
        found: dict[str, Response] = {}
        for saved in self._responses:
            headers = {k: v for k, v in saved.get("headers", {}).items() if k.lower() != "content-encoding"}
            body = (self.folder / saved["file"]).read_bytes()
            kind = HtmlResponse if body.lstrip()[:1] == b"<" else TextResponse
            response = kind(saved["url"], status=saved.get("status", 200), headers=headers, body=body)
            # A request of the same address by POST is known by its body too.
            found[saved.get("asked", saved["url"])] = response
        return found

    def captured(self) -> dict[str, list[tuple[str, str]]]:
        """Return the captures of rendered pages, by the URL that was asked for."""
        return {
            saved["asked"]: json.loads((self.folder / saved["captured"]).read_text(encoding="utf-8"))
            for saved in self._responses
            if "captured" in saved
        }

    def expected(self) -> list[dict[str, Any]]:
        """The documents that a reading must give."""
        found: list[dict[str, Any]] = json.loads((self.folder / EXPECTED).read_text(encoding="utf-8"))
        return found

    def read(self, source: Source) -> Reading:
        """Lets *source* read the responses, at the moment they were saved."""
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(_replay(source, self, Home(Path(folder))))

    def differences(self, reading: Reading) -> list[str]:
        """One sentence for each field that came out otherwise than expected."""
        got, expected = reading.records(), self.expected()
        if len(got) != len(expected):
            return [f"{len(got)} documents, {len(expected)} expected"]
        return [
            f"{want['url'] or want['title']}: {name} is {have.get(name)!r}, expected {value!r}"
            for have, want in zip(got, expected, strict=True)
            for name, value in want.items()
            if have.get(name) != value
        ]


def write_case(
    folder: Path, source: Source, at: datetime, saved: Iterable[dict[str, Any]], reading: Reading
) -> None:
    """Writes ``case.json`` and ``expected.json`` beside response bodies that stand in *folder*."""
    head = {"source": source.name, "at": iso(at), "responses": list(saved)}
    for name, value in ((CASE, head), (EXPECTED, reading.records())):
        text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


class _Reader(PageReader):
    """Reads pages on the spot and keeps how each field was found."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self._reading = reading

    async def read(self, response: Response, source: Source, now: datetime) -> Page:
        page = await super().read(response, source, now)
        self._reading.methods.setdefault(response.url, dict(page.methods))
        return page


async def _replay(source: Source, case: Case, home: Home) -> Reading:
    """A crawl whose network is the *case*: the first that the source asks for, and what follows."""
    reading = Reading()
    responses, captured = case.responses(), case.captured()
    spider = _spider(source, case.at, home, reading)
    keep = _Collect(spider.run, reading)
    waiting: list[Request] = [item async for item in spider.start() if isinstance(item, Request)]
    while waiting:
        request = waiting.pop(0)
        asked = request.meta["met"]
        response = responses.get(asked)
        if response is None or request.callback is None:
            continue
        response.request = request
        if asked in captured:
            request.meta[VISITOR].restore(captured[asked])
        async for item in _outputs(request.callback(response)):
            if isinstance(item, Found):
                keep.process_item(item)
            elif isinstance(item, Request):
                waiting.append(item)
    spider.reader.close()
    spider.run.ledger.finish()
    reading.signals = spider.run.ledger.signals
    reading.counts = {status.value: n for status, n in spider.run.ledger.counts.items()}
    return reading


def _spider(source: Source, at: datetime, home: Home, reading: Reading) -> SourceSpider:
    """The source's spider in a run of its own, its state in memory."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[*memory.TABLES, *runs.TABLES])
    run = Run(home, source, Job(str(home.root), source.name, at=iso(at)), State(engine))
    kind = spider_class(source.kind)
    spider = kind.from_crawler(Crawler(kind, {}), run=run)
    spider.reader = _Reader(reading)
    return spider


class _Collect(JournalPipeline):
    """Keeps documents in a list where a journal would be."""

    def __init__(self, run: Run, reading: Reading) -> None:
        super().__init__(run)
        self._reading = reading

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Found):
            first = self._run.ledger.claim(item.document.id, item.met)
            self._run.ledger.close(item.met, Status.STORED if first else Status.DUPLICATE)
            if first:
                self._reading.documents.append(item.document)
        return item


async def _outputs(result: Any) -> AsyncIterable[Any]:
    """Iterate the results of a callback, whichever way it is written."""
    if isinstance(result, AsyncIterable):
        async for item in result:
            yield item
    elif isinstance(result, Iterable):
        for item in result:
            yield item
