"""``index`` and ``reindex``."""

from __future__ import annotations
