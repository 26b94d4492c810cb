"""Saves the responses of a sample run, so that they can be read again without the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from fengping.spiders.browser import VISITOR
from fengping.spiders.framework.middlewares import run_of

INDEX = "responses.jsonl"
_KEPT = ("content-type", "content-language")


class Recorder:
    """Writes each response body to ``var/responses`` with a line in its index; off in ordinary runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        if not run.job.sample:
            raise NotConfigured("not a sample run")
        made = cls(run.home.var / "responses")
        crawler.signals.connect(made.response_received, signals.response_received)
        return made

    def response_received(self, response: Response, request: Request, spider: Spider) -> None:
        if "met" not in request.meta:
            return
        saved: dict[str, Any] = {
            "asked": request.meta["met"],
            "url": response.url,
            "status": response.status,
            "headers": _headers(response),
            "file": self._save(response.body),
        }
        visitor = request.meta.get(VISITOR)
        if visitor is not None and visitor.captured:
            gathered = json.dumps(visitor.captured, ensure_ascii=False)
            saved["captured"] = self._save(gathered.encode("utf-8", "replace"))
        with (self._folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(json.dumps(saved, ensure_ascii=False) + "\n")

    def _save(self, body: bytes) -> str:
        self._count += 1
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{self._count:03d}.body"
        (self._folder / name).write_bytes(body)
        return name


def _headers(response: Response) -> dict[str, str]:
    """The headers that reading a body depends on."""
    values = {name: (response.headers.get(name) or b"").decode("latin-1") for name in _KEPT}
    return {name: value for name, value in values.items() if value}


def saved_responses(folder: Path) -> list[dict[str, Any]]:
    """The index of what was saved; empty where nothing was."""
    index = folder / INDEX
    if not index.exists():
        return []
    return [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
