"""``init``, ``doctor`` and ``demo``."""

from __future__ import annotations
