"""``source``: list, add, test, record, login, health."""

from __future__ import annotations
