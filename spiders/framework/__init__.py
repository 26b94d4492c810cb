"""Scrapy's side of a crawl: settings, middlewares, extensions, pipelines, downloads."""
