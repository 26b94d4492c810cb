"""``hosts``: add, audit, discover."""

from __future__ import annotations
