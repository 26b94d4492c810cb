"""Events: whom each is about, its members, steps and status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import Homes, Made
from fengping.home import Home
from fengping.services.events import documents_of


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    for made in (homes.demo, homes.story, homes.posts):
        yield from _events(made)


def _events(made: Made) -> Iterator[tuple[str, Any]]:
    home, order = Home.open(made.root), {id: at for at, id in enumerate(made.keys)}
    asked = ("affairs", "list", "--limit", "10000")
    listed = [*made.run(*asked), *made.run(*asked, "--happenings")]
    yield f"{made.name} events by status", dict(sorted(Counter(event["status"] for event in listed).items()))
    known: Counter[str] = Counter()
    for event in sorted(listed, key=lambda event: (event["first_at"], event["id"])):
        found = sorted(documents_of(home, event["id"]), key=lambda id: order[id])
        # The id of an event is a detail of its making: it is known by whom it is about and its first member.
        name = f"{made.name} event about {'，'.join(event['accused'] or event['parties']) or 'nobody'}"
        name += f" from {made.named(found[:1])}"
        known[name] += 1
        yield (name if known[name] == 1 else f"{name}, {known[name]}"), {
            "title": [event["title"]], "status": event["status"], "charges": event["charges"],
            "publishers": event["publishers"], "parties": "，".join(event["parties"]),
            "steps": [
                f"{step['status']} {step['at']} {made.named([step['document']])}" for step in event["steps"]
            ],
            "members": made.named(found),
        }  # fmt: skip
