"""The state database: what a home remembers beside its documents.

Rooms declare their tables on ``metadata``; ``migrations`` makes them.
"""

from fengping.state.engine import Moment, State, insert_into, metadata, read_meta, upsert, write_meta
from fengping.state.lease import BY_LOCK, Tenure, sole

__all__ = [
    "BY_LOCK", "Moment", "State", "Tenure", "insert_into", "metadata", "read_meta", "sole", "upsert",
    "write_meta",
]  # fmt: skip
