"""Rendered pages: a bounded, recycled Chromium behind Scrapy's downloader, and saved logins.

Robots, rates, allowed hosts and retries stay Scrapy's; only the fetching of a page differs.
"""

VISITOR = "visitor"
"""Key of ``request.meta`` that holds the visitor of a page to be rendered."""
