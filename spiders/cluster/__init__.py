"""Several machines on one crawl, through Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fengping.doors import front_door
from fengping.errors import NotInstalled, install

if TYPE_CHECKING:
    from fengping.spiders.cluster.codec import Codec
    from fengping.spiders.cluster.frontier import Frontier, SharedScheduler
    from fengping.spiders.cluster.memory import SharedMemory
    from fengping.spiders.cluster.pacing import turn
    from fengping.spiders.cluster.server import connect
else:
    __getattr__ = front_door(__name__)


@contextmanager
def installed() -> Iterator[None]:
    """Turns a package that is missing in the block into the sentence that says how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise NotInstalled(f"crawl.frontier needs {error.name}.", remedy=install("redis")) from error
