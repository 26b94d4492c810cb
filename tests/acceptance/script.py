"""The days of the story: what is done when, on any home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
from tests.acceptance.counting import stored, wrong
from tests.acceptance.story import ANSWERS, CHARGES, Story
from tests.acceptance.walk import Walk, picture
from tests.site.homes import journaled

from fengping.clock import SHANGHAI
from fengping.events.evidence import capture
from fengping.home import Home
from fengping.reports.archive import Editions
from fengping.services import evidence

DOUBLE11 = ("double11", "--from", "2020-10-20", "--to", "2020-11-15")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Lived:
    """A home after the story, with its two editions as JSON."""

    walk: Walk
    kept: dict[str, str] = field(default_factory=dict)
    """Key of a text → id of its document, for those kept as evidence."""
    editions: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, bytes]] = field(default_factory=list)
    """Files of each edition when it was made."""
    changes: list[str] = field(default_factory=list)
    weeklies: list[dict[str, Any]] = field(default_factory=list)
    """Weekly reports as JSON."""
    contradicted: list[list[str]] = field(default_factory=list)
    """Figures of each weekly report, and then edition, that a plain count contradicted when it was made."""


def live(walk: Walk, story: Story, folder: Path) -> Lived:
    """Walks a home from 20 October to 21 November; the machine is off on 2 November."""
    lived, texts = Lived(walk), list(story.delivered())

    def deliver(until: datetime, now: datetime) -> None:
        walk.deliver(folder, [t for t in texts if t.at < until], now)
        texts[:] = [t for t in texts if t.at >= until]

    walk.town.gone.clear()
    walk.tick(at(10, 20, 7), 2)
    deliver(at(10, 26, 0), at(10, 26, 7, 30))
    walk.tick(at(10, 26, 7, 40), 4)
    walk.tick(at(10, 26, 8), 3)
    _count(lived)
    deliver(at(11, 3, 0), at(11, 3, 9))
    walk.tick(at(11, 3, 9, 10), 3)
    _count(lived)
    walk.tick(at(11, 6, 22, 5))
    walk.tick(at(11, 7, 0, 6))
    walk.tick(at(11, 8, 20))
    _keep(lived, ("j1", "j2", "j3", "j4"), at(11, 8, 20, 15))
    deliver(at(11, 9, 0), at(11, 9, 7, 30))
    walk.tick(at(11, 9, 7, 40), 4)
    walk.tick(at(11, 9, 8), 3)
    _count(lived)
    # The firm answers between the two, in the cool-down of the morning's alarm.
    walk.tick(at(11, 10, 10, 30))
    walk.tick(at(11, 10, 12))
    _read(lived, {"ja": "已否认"}, at(11, 10, 12, 20))
    walk.town.take_away(CHARGES[0])
    walk.tick(at(11, 11, 23, 50))
    walk.tick(at(11, 12, 7), 4)
    _keep(lived, ("j5",), at(11, 12, 7, 30))
    deliver(at(11, 16, 0), at(11, 16, 7, 30))
    walk.tick(at(11, 16, 7, 40), 4)
    walk.tick(at(11, 16, 8), 3)
    _count(lived)
    _edition(lived, at(11, 16, 9))
    walk.tick(at(11, 21, 20))
    _read(lived, {"jr": "已撤回", "sa": "已回应", "ha": "已赔付"}, at(11, 21, 20, 30))
    _edition(lived, at(11, 21, 21))
    return lived


def _keep(lived: Lived, keys: tuple[str, ...], now: datetime) -> None:
    """Texts on the show are kept as evidence, as far as no alarm had them kept before."""
    ids = _ids(lived.walk.home)
    lived.kept |= {key: ids[key] for key in keys}
    with mock.patch.object(capture, "picture", picture):
        evidence.keep(lived.walk.home, [ids[key] for key in keys], now)


def _read(lived: Lived, told: dict[str, str], now: datetime) -> None:
    """A person reads the answers and says which status each gives: the quick reader gives none."""
    ids = _ids(lived.walk.home)
    for answer in (one for one in ANSWERS if one.key in told):
        event = lived.walk.json(now, "affairs", "list", "--party", answer.host)[0]["id"]
        said = ("--sentence", answer.body, "--by", "desk")
        lived.walk.fengping(now, "affairs", "step", event, ids[answer.key], told[answer.key], *said)


def _ids(home: Home) -> dict[str, str]:
    """Key of a crawled text → id of its document."""
    return {d.url.rsplit("/", 1)[-1].removesuffix(".html"): d.id for d in journaled(home)}


def _count(lived: Lived) -> None:
    """The week's report beside the documents of that Monday: events go on, and are told apart later."""
    newest = max(lived.walk.home.reports.glob("weekly-*.json"))
    lived.weeklies.append(orjson.loads(newest.read_bytes()))
    lived.contradicted.append(list(wrong(lived.weeklies[-1], stored(lived.walk.home))))


def _edition(lived: Lived, now: datetime) -> None:
    walk = lived.walk
    made = walk.json(now, "edition", "draft", *DOUBLE11, "--format", "json,html,docx,xlsx,md")
    folder = Path(Editions(walk.home).folder(made["number"]))
    lived.files.append({path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()})
    lived.editions.append(orjson.loads((folder / f"{made['number']}.json").read_bytes()))
    lived.contradicted.append(list(wrong(lived.editions[-1], stored(walk.home))))
    lived.changes = list(made.get("changes", ()))
