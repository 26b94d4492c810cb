"""``correct``."""

from __future__ import annotations
