"""``demo``: the whole chain on a sample site."""

from __future__ import annotations
