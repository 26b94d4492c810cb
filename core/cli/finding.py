"""``search``, ``trend``, ``compare`` and ``export``."""

from __future__ import annotations
