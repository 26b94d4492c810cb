"""The state database: what a home remembers beside its documents.

Rooms declare their tables on ``metadata``.
"""

from fengping.state.engine import SCHEMA_VERSION, Moment, State, metadata

__all__ = ["SCHEMA_VERSION", "Moment", "State", "metadata"]
