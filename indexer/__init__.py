"""Journal, store and query: from raw documents on disk to answers.

:func:`open_journal` gives the system of record, :func:`open_store` the index that is derived from it, asked
with a :class:`Filter`. Importing and corrections are doors of their own.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "Bucket": "search.protocol",
    "Filter": "search.protocol",
    "Interval": "search.protocol",
    "Sort": "search.protocol",
    "Store": "search.protocol",
    "import_lock": "pipeline.locks",
    "index_lock": "pipeline.locks",
    "load_judge": "pipeline.run",
    "open_journal": "journal.opening",
    "open_store": "search.backends.opening",
    "open_store_url": "search.backends.opening",
}

if TYPE_CHECKING:
    from fengping.indexer.journal.opening import open_journal as open_journal
    from fengping.indexer.pipeline.locks import import_lock as import_lock
    from fengping.indexer.pipeline.locks import index_lock as index_lock
    from fengping.indexer.pipeline.run import load_judge as load_judge
    from fengping.indexer.search.backends.opening import open_store as open_store
    from fengping.indexer.search.backends.opening import open_store_url as open_store_url
    from fengping.indexer.search.protocol import Bucket as Bucket
    from fengping.indexer.search.protocol import Filter as Filter
    from fengping.indexer.search.protocol import Interval as Interval
    from fengping.indexer.search.protocol import Sort as Sort
    from fengping.indexer.search.protocol import Store as Store
else:
    __getattr__ = front_door(__name__, DOOR)
