"""Secrets that are named and not there: what needs them keeps silent until they are."""

from __future__ import annotations

from contextlib import suppress

from fengping.delivery.secrets import SecretMissing, Secrets
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.services.channels import listed

REMEDY = "Set it where fengping run is started, or use file:PATH."


def heartbeat(home: Home) -> str:
    """The reason why the heartbeat is not sent, as a sentence; empty where nothing hinders it."""
    if not home.config.schedule.heartbeat:
        return ""
    try:
        Secrets(home.root).address(home.config.schedule.heartbeat)
    except SecretMissing as error:
        return f"The heartbeat is not sent: {error}"
    return ""


def sentences(home: Home) -> list[str]:
    """One for each secret of the heartbeat and of the channels that is not there, with the remedy."""
    found = [heartbeat(home)]
    with suppress(ConfigError):  # a delivery.toml that cannot be used is told of by itself
        found += [f"{one.name} cannot send: {one.fault}" for one in listed(home) if one.fault]
    return [f"{one} {REMEDY}" for one in found if one]
