"""Authorities that texts name, without those that only take complaints."""

from __future__ import annotations

import functools

from fengping.analysis.hosts import load_names
from fengping.models import Document


@functools.cache
def desks() -> frozenset[str]:
    """Names of the registry of regulators that take complaints and do nothing themselves."""
    return frozenset(one.name for one in load_names("regulators.toml").name if one.desk)


def regulators_of(document: Document) -> tuple[str, ...]:
    """Authorities that *document* names, without desks for complaints and television shows."""
    return tuple(name for name in document.judgement.regulators if name not in desks())
