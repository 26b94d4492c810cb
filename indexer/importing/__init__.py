"""Other people's files into the journal: JSON, CSV, XLSX, SQLite, feeds, WARC, saved pages.

Files of known programs are recognised by their columns (:mod:`.formats`); of others kind, encoding,
delimiter, header and columns are guessed and shown; what cannot be read is set aside with
the reason, row by row.
"""

from fengping.indexer.importing.columns import FIELDS, Columns
from fengping.indexer.importing.documents import Import, documents
from fengping.indexer.importing.files import Input, Kind
from fengping.indexer.importing.formats import choose
from fengping.indexer.importing.rows import Refused, Skipped
from fengping.indexer.importing.run import Importer

__all__ = [
    "FIELDS",
    "Columns",
    "Import",
    "Importer",
    "Input",
    "Kind",
    "Refused",
    "Skipped",
    "choose",
    "documents",
]
