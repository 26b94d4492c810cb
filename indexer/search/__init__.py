"""Search: the Store protocol, its backends, the query language, trends and exports."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.indexer.search.backends.elasticsearch.client import Address, Cluster
    from fengping.indexer.search.backends.elasticsearch.mapping import MAPPINGS, index_template
    from fengping.indexer.search.backends.elasticsearch.store import ElasticStore
    from fengping.indexer.search.backends.memory import MemoryStore
    from fengping.indexer.search.backends.tantivy.folder import Folder
    from fengping.indexer.search.backends.tantivy.store import SCAN_FIRST, TantivyStore
    from fengping.indexer.search.export import COLUMNS, flat
    from fengping.indexer.search.fields import keyword_values, number_values
    from fengping.indexer.search.parquet import write_parquet
    from fengping.indexer.search.protocol import (
        KEYWORD_FIELDS,
        NUMBER_FIELDS,
        SCHEMA_VERSION,
        Changes,
        Hits,
        PutResult,
        regrouping,
    )
    from fengping.indexer.search.query.describe import describe
    from fengping.indexer.search.query.lookup import Lookup
    from fengping.indexer.search.query.matching import Folded, folded_texts, matches
    from fengping.indexer.search.query.parser import parse
    from fengping.indexer.search.query.saved import SavedQueries, SavedQuery
    from fengping.indexer.search.query.tree import (
        And,
        Expression,
        Keyword,
        Near,
        Not,
        Or,
        Range,
        Since,
        Term,
        Until,
        render,
    )
    from fengping.indexer.search.text.folding import fold, fold_with_offsets, stream
    from fengping.indexer.search.trends import trend
    from fengping.indexer.search.versions import judged_by
else:
    __getattr__ = front_door(__name__)
