"""Several machines on one crawl, through Redis."""
