"""Collection: sources described in TOML, crawled into the journal, each URL ending in one counted status.

:func:`crawl` runs sources in processes of their own. Health, plans and extraction are doors of their own.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.run.records import CrawlResult, Outcome, Runs
    from fengping.spiders.run.statuses import Flag, Status
    from fengping.spiders.run.supervisor import crawl
    from fengping.spiders.sources.catalogue import Catalogue, load_sources
    from fengping.spiders.sources.model import Source
else:
    __getattr__ = front_door(__name__)
