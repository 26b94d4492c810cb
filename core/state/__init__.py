"""The state database: what a home remembers beside its documents.

Rooms declare their tables on ``metadata``; ``migrations`` makes them.
"""

from fengping.state.engine import Moment, State, metadata, read_meta, write_meta

__all__ = ["Moment", "State", "metadata", "read_meta", "write_meta"]
