"""Hosts: the registry, whom a negative text is directed at, and tools that show how names fare."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.analysis.hosts.audit import silent
    from fengping.analysis.hosts.entries import Kind
    from fengping.analysis.hosts.registry import REGISTRY, Host, append_host, load_names
    from fengping.analysis.hosts.roles import Named, RoleModel
else:
    __getattr__ = front_door(__name__)
