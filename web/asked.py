"""Parameters that an address of the API has; another one is a mistake of who asks, not a wish to drop."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params

from fengping.errors import UsageError, did_you_mean


def only_known(request: Request) -> None:
    """Raises :class:`UsageError` for a parameter that the address asked for does not have."""
    asked = get_flat_params(request.scope["route"].dependant)
    known = frozenset(field.alias for field in asked)
    for name in request.query_params:
        if name not in known:
            said = did_you_mean(name, known) if known else "It takes none."
            raise UsageError(f"There is no parameter {name!r} here.", remedy=said)
