"""Loads what a crawl needs, and no reactor: imported once by the server that crawls fork from."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import fengping.spiders.kinds.json
import fengping.spiders.kinds.list
import fengping.spiders.kinds.rss
import fengping.spiders.run.worker  # noqa: F401
from fengping.spiders.extraction import extract
from fengping.spiders.framework import is_wall
from fengping.spiders.framework import settings as own

_COMPONENTS = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")
_CLASSES = (
    "DOWNLOADER", "SCHEDULER", "SCHEDULER_PRIORITY_QUEUE", "SCHEDULER_MEMORY_QUEUE", "DUPEFILTER_CLASS",
    "STATS_CLASS", "LOG_FORMATTER", "ITEM_PROCESSOR", "REQUEST_FINGERPRINTER_CLASS", "ROBOTSTXT_PARSER",
    "TWISTED_DNS_RESOLVER", "TWISTED_REACTOR",
)  # fmt: skip


def load() -> None:
    """Imports every class that the settings name, and the compiled loops that cut pages and know walls."""
    settings = Settings()
    settings.setmodule(own)
    for name in _CLASSES:
        load_object(settings[name])
    for name in _COMPONENTS:
        for path in settings.get_component_priority_dict_with_base(name):
            load_object(path)
    load_object(settings["DOWNLOAD_HANDLERS"]["https"])
    extract("<p>样例</p>", fetched_at=datetime.now(UTC))
    is_wall("<p>样例</p>".encode())


load()
gc.freeze()  # no crawl's collector need go through all this again
