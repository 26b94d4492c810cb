"""``fengping events`` as a user calls it."""

from __future__ import annotations
