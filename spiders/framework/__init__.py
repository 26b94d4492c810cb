"""Scrapy's side of a crawl: settings, middlewares, extensions, pipelines, downloads."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.framework.addresses import NotPublic, PublicOnlyResolver, is_public, refused_hosts
    from fengping.spiders.framework.extensions import CrawlDelay
    from fengping.spiders.framework.filtering_proxy import FilteringProxy
    from fengping.spiders.framework.proxies import Proxy, is_public_name, proxy_of
    from fengping.spiders.framework.responses import (
        Refused,
        failure_status,
        is_door,
        is_soft_404,
        is_wall,
        refusal,
        response_status,
    )
else:
    __getattr__ = front_door(__name__)
