"""Scrapy settings of every crawl. What depends on the source or the home stands in ``politeness``."""

from __future__ import annotations

BOT_NAME = "fengping"
SPIDER_MODULES = ["fengping.spiders.kinds"]

USER_AGENT = "fengping/0.2 (+https://github.com/fengping; public-opinion monitor)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "fengping"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}
COOKIES_ENABLED = False

CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 2
# Workers that Scrapy starts for each response; a page gives one document, and its default of 100 is slow
# (docs/measurements/sources.md).
CONCURRENT_ITEMS = 2
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_MAX_DELAY = 60.0

DOWNLOAD_TIMEOUT = 30
# Holds for the body as sent and as decompressed, so that a gzip or brotli bomb stops here too.
DOWNLOAD_MAXSIZE = 8_000_000
DOWNLOAD_WARNSIZE = 0
DNS_TIMEOUT = 15
REDIRECT_MAX_TIMES = 8
METAREFRESH_MAXDELAY = 5
RETRY_TIMES = 2
# A page keeps its place among the others where it is another address.
REDIRECT_PRIORITY_ADJUST = 0
# 429 is no failure to be tried again at once; it is a request to go away.
RETRY_HTTP_CODES = [408, 500, 502, 503, 504, 522, 524]
# Dropped without a word otherwise; the address model of a source bounds what is requested.
URLLENGTH_LIMIT = 0
MEMUSAGE_LIMIT_MB = 1500

# A redirect may name any scheme; only the web is fetched. A proxy would hide the address connected to.
DOWNLOAD_HANDLERS = {
    "http": "fengping.spiders.framework.downloads.DownloadHandler",
    "https": "fengping.spiders.framework.downloads.DownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
HTTPPROXY_ENABLED = False
TWISTED_DNS_RESOLVER = "fengping.spiders.framework.addresses.PublicOnlyResolver"
FENGPING_ALLOW_PRIVATE = False
# Set by the run: a :class:`~fengping.spiders.framework.proxies.Proxy` or None.
FENGPING_PROXY = None

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "fengping.spiders.framework.middlewares.SmallMetaRefresh": 580,
    # Before robots.txt, which would otherwise be fetched from a host that may not be asked.
    "fengping.spiders.framework.middlewares.OnsiteOnly": 90,
    "fengping.spiders.framework.turns.ListsInTurn": 95,
    # Nearer to the downloader than the retries: a refused address is not tried again.
    "fengping.spiders.framework.middlewares.PrivateAddresses": 700,
}
# These stand in the way of whatever a page gives, a tenth of a fast crawl's time. Every response reaches the
# spider, which gives its URL a status; no depth is limited; no request is a copy of another.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
ITEM_PIPELINES = {"fengping.spiders.framework.pipelines.JournalPipeline": 300}
EXTENSIONS = {
    "fengping.spiders.framework.extensions.Heartbeat": 500,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "fengping.spiders.framework.extensions.HeldMemory": 500,
    "fengping.spiders.source_dev.recording.Recorder": 510,
    "fengping.spiders.framework.extensions.CrawlDelay": 520,
    # Never used here, and half of a crawl's start goes into loading them.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}

LOG_LEVEL = "INFO"
