"""Journal, store and query: from raw documents on disk to answers.

:func:`open_journal` gives the system of record, :func:`open_store` the index that is derived from it, asked
with a :class:`Filter`. Importing and corrections are doors of their own.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.indexer.journal.opening import open_journal
    from fengping.indexer.pipeline.locks import import_lock, index_lock
    from fengping.indexer.pipeline.run import load_judge
    from fengping.indexer.search.backends.opening import open_store, open_store_url
    from fengping.indexer.search.protocol import Bucket, Filter, Interval, Sort, Store
else:
    __getattr__ = front_door(__name__)
