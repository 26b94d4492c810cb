"""Firings of a replay of the rules over each home's history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import WINDOW, Homes
from devtools.golden.running import succeed


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    for made in (homes.demo, homes.story, homes.posts):
        fired = succeed(made.root, "alerts", "test", *WINDOW, "--all", "--json").lines
        yield f"{made.name} firings", len(fired)
        for one in fired:
            evidence = made.named(one["evidence"])
            # Several events against a party may be new at once: the first text tells them apart.
            name = f"{made.name} {one['rule']} {one['key']} {one['fired_at']} {evidence.partition(' ')[0]}"
            yield name, {
                "count": one["count"], "cause": one["cause"], "title": [one["title"]], "evidence": evidence,
            }  # fmt: skip
