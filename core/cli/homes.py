"""``init`` and ``doctor``."""

from __future__ import annotations
