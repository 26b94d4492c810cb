"""``alerts``: check, test, list, ack."""

from __future__ import annotations
