"""Rendered pages: a bounded, recycled Chromium behind Scrapy's downloader, and saved logins.

Robots, rates, allowed hosts and retries stay Scrapy's; only the fetching of a page differs.
"""
