"""One file for each kind of channel; a class with a ``kind`` that stands here is a kind that can be used."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from fengping.delivery.senders.channel import Channel, Office

__all__ = ["Channel", "Office", "senders"]


@functools.cache
def senders() -> dict[str, type[Channel]]:
    """Every kind of channel by its name: the modules of this folder, and what was registered beside them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return Channel.registered
