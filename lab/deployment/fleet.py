"""Homes that stand for the machines of a deployment, and the documents that they collect."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fengping import events
from fengping.clock import SHANGHAI
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Polarity, RawDocument, document_id
from fengping.services import alert, correct, report, sharing

NOW = datetime(2020, 11, 12, 4, tzinfo=UTC)
"""The moment of every check and report."""
SHOP = "朝露霜旗舰店"

_CONFIG = """
state = "{state}"
journal = "{journal}"
store = "{store}"
[analysis]
batch = 50
workers = 1
[kafka]
patience_seconds = 5
"""
_RULE = """
name = "shop"
kind = "frequency"
query = "朝露霜"
num_events = 5
timeframe = "24h"
key_by = "none"
channels = ["file"]
"""
_STORIES = (
    "{shop}直播间买的羊毛衫写的是纯羊毛，收到一洗就缩水，客服说洗坏了不退，第{n}批买家都在投诉要求退一赔三",
    "在{shop}直播间下单的电热毯第一晚就冒烟，编号{n}，平台说要自己送检，消协已经受理，大家别再买了",
    "双十一定金不退，{shop}说活动规则第{n}条写明了，可是直播的时候主播亲口说随时能退，这算不算虚假宣传",
)
_OTHERS = (
    "第{n}次在直播间买青禾的杯子，质量不错，物流也快，下次还会再来",
    "山脚小铺的果干第{n}单收到了，味道一般，发货慢了两天，客服态度还行",
    "买了第{n}件试用装，主播说有赠品，收到却没有，客服已读不回，太失望了",
)


@dataclass(frozen=True)
class Engines:
    """Addresses of the engines of a deployment."""

    journal: str
    state: str
    store: str


@dataclass(frozen=True)
class Outcome:
    """Everything that a reader may see of a home, in a form that can be compared."""

    documents: dict[str, dict[str, Any]]
    events: frozenset[frozenset[str]]
    """Documents that one happening brought together."""
    alarms: frozenset[tuple[str, str, int]]
    """Rule, key and count of each."""
    figures: str
    """The report as JSON, with events named by their order."""

    def differences(self, other: Outcome) -> list[str]:
        """Sentences on what differs; none where all is the same."""
        found = []
        for id in sorted(self.documents.keys() ^ other.documents.keys()):
            found.append(f"document {id} is in one alone")
        for id in sorted(self.documents.keys() & other.documents.keys()):
            ours, theirs = self.documents[id], other.documents[id]
            names = [name for name in ours if ours[name] != theirs[name]]
            found += [f"{name} of {id}: {ours[name]!r}, {theirs[name]!r}" for name in names]
        for name in ("events", "alarms", "figures"):
            if getattr(self, name) != getattr(other, name):
                found.append(f"the {name} differ")
        return found


def documents(size: int) -> list[RawDocument]:
    """Invented posts of the two days before :data:`NOW`: stories that are passed on, and others.

    One version of each: of several, grouping goes by the one that arrives first.
    """
    chance = random.Random(21)
    found = []
    for number in range(size):
        story = number % 4 == 0
        text = chance.choice(_STORIES if story else _OTHERS)
        said = text.format(shop=SHOP, n=number % 24 if story else number)
        if story and number % 3 == 0:
            said = f"转给大家看看//@路人{number % 9}：{said}"
        id = document_id("fleet", str(number))
        at = NOW - timedelta(minutes=20 + 2 * number % 2_600)
        found.append(
            RawDocument(
                id, "fleet", said, NOW - timedelta(minutes=5),
                url=f"https://posts.example/{id}", author=f"路人{number % 50}", site="某网", published_at=at,
            )
        )  # fmt: skip
    return found


class Fleet:
    """Machines of one deployment in folders of this one."""

    def __init__(self, folder: Path, engines: Engines, machines: int = 3) -> None:
        self.folder = folder
        first = make_home(folder / "machine-0", _CONFIG.format(**vars(engines)))
        sharing.share(first)
        self.machines = [first]
        for number in range(1, machines):
            home = Home(folder / f"machine-{number}")
            sharing.join(home, engines.state)
            self.machines.append(Home.open(home.root))

    def collect(self, posts: Sequence[RawDocument], chance: random.Random) -> None:
        """Each machine appends a share of *posts*, in random order."""
        shuffled = chance.sample(posts, len(posts))
        for number, home in enumerate(self.machines):
            with open_journal(home).writer() as writer:
                writer.append(*shuffled[number :: len(self.machines)])


def alone(folder: Path, posts: Sequence[RawDocument]) -> Home:
    """One embedded home that collected *posts*."""
    home = make_home(folder, "")
    with open_journal(home).writer() as writer:
        writer.append(*posts)
    return home


def index(home: Home) -> pipeline.Summary:
    """One run of the indexer."""
    with closing(open_store(home)) as store:
        return pipeline.index(home, store, indexed_at=NOW)


def say(home: Home, id: str) -> None:
    """An analyst's word: no negative."""
    correct.correct(home, id, correct.Changes(polarity=Polarity.NEU), by="analyst", note="", now=NOW)


def outcome(home: Home) -> Outcome:
    """Brings events, alarms and a report of *home* up to :data:`NOW`, and reads everything."""
    with closing(open_store(home)) as store:
        events.update(home, store)
        alert.check(home, NOW, NOW, store=store)
        read = {one.id: _record(one.to_record()) for one in store.scan(Filter())}
        together = _together(read)
        for one in read.values():
            del one["event"]  # its id is that of the first document that ever founded it
        return Outcome(read, together, _alarms(home), _figures(home))


def _record(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "indexed_at"}


def _together(read: dict[str, dict[str, Any]]) -> frozenset[frozenset[str]]:
    by_event: dict[str, set[str]] = {}
    for id, record in read.items():
        if record["event"]:
            by_event.setdefault(record["event"], set()).add(id)
    return frozenset(map(frozenset, by_event.values()))


def _alarms(home: Home) -> frozenset[tuple[str, str, int]]:
    return frozenset((row["rule"], row["key"], row["count"]) for row in alert.listed(home, 100))


def _figures(home: Home) -> str:
    first, last = NOW.astimezone(SHANGHAI).date() - timedelta(days=2), NOW.astimezone(SHANGHAI).date()
    wanted = report.Wanted("custom", first.isoformat(), last.isoformat())
    out = home.var / "compared"
    report.make(home, wanted, ["json"], NOW, out=out)
    [path] = out.rglob("*.json")
    text = path.read_text(encoding="utf-8")
    seen: dict[str, str] = {}
    return re.sub(r'"event": ?"([0-9a-z-]+)"', lambda m: seen.setdefault(m[1], f"event {len(seen)}"), text)


def make_home(root: Path, config: str) -> Home:
    """An empty home with a rule over the shop's posts."""
    for folder in ("alerts", "sources", "var"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "fengping.toml").write_text(config, encoding="utf-8")
    (root / "hosts.toml").write_text("", encoding="utf-8")
    (root / "alerts" / "shop.toml").write_text(_RULE, encoding="utf-8")
    return Home.open(root)
