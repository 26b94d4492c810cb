"""Sources as data: one TOML file a site, those that ship and those of the home.

:class:`Source` is the file's model, :class:`Catalogue` what a home can crawl.
"""

from fengping.spiders.sources.catalogue import SHIPPED, Catalogue, load_one, load_source, load_sources
from fengping.spiders.sources.model import Source, SourceKind

__all__ = ["SHIPPED", "Catalogue", "Source", "SourceKind", "load_one", "load_source", "load_sources"]
