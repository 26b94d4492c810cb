"""Spider classes, one a kind of source. Kept apart, for Scrapy imports every module of this package."""

from __future__ import annotations

import importlib
from typing import cast

from fengping.errors import NotInstalled
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.sources import SourceKind

SPIDERS = {
    SourceKind.RSS: "fengping.spiders.kinds.rss:RssSpider",
    SourceKind.LIST: "fengping.spiders.kinds.list:ListSpider",
    SourceKind.JSON: "fengping.spiders.kinds.json:JsonSpider",
    SourceKind.BROWSER: "fengping.spiders.kinds.browser:BrowserSpider",
}


def spider_class(kind: SourceKind) -> type[SourceSpider]:
    """The spider that reads sources of *kind*."""
    module, _, name = SPIDERS[kind].partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise NotInstalled(f"Sources of kind {kind.value!r} need {error.name}, which is not here.") from error
    return cast("type[SourceSpider]", found)
