"""Collection: sources described in TOML, crawled into the journal, each URL ending in one counted status.

:func:`crawl` runs sources in processes of their own. Health, plans and extraction are doors of their own.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "Catalogue": "sources.catalogue",
    "CrawlResult": "run.records",
    "Flag": "run.statuses",
    "Outcome": "run.records",
    "Runs": "run.records",
    "Source": "sources.model",
    "Status": "run.statuses",
    "crawl": "run.supervisor",
    "load_sources": "sources.catalogue",
}

if TYPE_CHECKING:
    from fengping.spiders.run.records import CrawlResult as CrawlResult
    from fengping.spiders.run.records import Outcome as Outcome
    from fengping.spiders.run.records import Runs as Runs
    from fengping.spiders.run.statuses import Flag as Flag
    from fengping.spiders.run.statuses import Status as Status
    from fengping.spiders.run.supervisor import crawl as crawl
    from fengping.spiders.sources.catalogue import Catalogue as Catalogue
    from fengping.spiders.sources.catalogue import load_sources as load_sources
    from fengping.spiders.sources.model import Source as Source
else:
    __getattr__ = front_door(__name__, DOOR)
