"""Several machines on one crawl, through Redis."""

from collections.abc import Iterator
from contextlib import contextmanager

from fengping.errors import NotInstalled, install


@contextmanager
def installed() -> Iterator[None]:
    """Turns a package that is missing in the block into the sentence that says how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise NotInstalled(f"crawl.frontier needs {error.name}.", remedy=install("redis")) from error
