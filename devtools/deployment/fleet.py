"""Homes that stand for the machines of a deployment, and the documents that they collect."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from fengping import events
from fengping.alerts import ledger
from fengping.alerts.decide import Cause
from fengping.clock import SHANGHAI
from fengping.delivery import Outbox, deliver_due
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Polarity, RawDocument, document_id
from fengping.services import alert, correct, report, sharing
from fengping.state import State

NOW = datetime(2020, 11, 12, 4, tzinfo=UTC)
"""The moment of every report, and of a check where nothing else is said."""
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
_EACH = """
name = "each"
kind = "any"
query = "朝露霜"
key_by = "none"
timeframe = "48h"
channels = ["file"]
"""
RULES = {"shop": _RULE}
WITH_EACH = RULES | {"each": _EACH}
"""Beside the first a rule that tells everything new, whenever it is judged."""
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
    frontier: str = ""


@dataclass(frozen=True)
class Outcome:
    """Everything that a reader may see of a home, in a form that can be compared."""

    documents: dict[str, dict[str, Any]]
    events: frozenset[frozenset[str]]
    """Documents that one happening brought together."""
    alarms: frozenset[tuple[str, str, int]]
    """Rule, key and count of each."""
    told: frozenset[tuple[str, str, int]]
    """Rule, and how often an affair of a key began, or a story was told by the rule that tells each; of a
    story 1, whatever the number of its reposts that an alarm had before it."""
    twice: frozenset[str]
    """Documents that two alarms of one rule rest on."""
    figures: str
    """The report as JSON, with events named by their order."""

    def differences(self, other: Outcome, *, at_once: bool = True) -> list[str]:
        """Sentences on what differs; none where all is the same.

        *at_once*: all documents were there at the first check; else alarms are as many as there were checks.
        """
        found = [f"document {id} was told twice" for id in sorted(self.twice | other.twice)]
        for id in sorted(self.documents.keys() ^ other.documents.keys()):
            found.append(f"document {id} is in one alone")
        for id in sorted(self.documents.keys() & other.documents.keys()):
            ours, theirs = self.documents[id], other.documents[id]
            names = [name for name in ours if ours[name] != theirs[name]]
            found += [f"{name} of {id}: {ours[name]!r}, {theirs[name]!r}" for name in names]
        for name in ("events", "told", "figures", *(["alarms"] if at_once else [])):
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

    def __init__(
        self, folder: Path, engines: Engines, machines: int = 3, rules: Mapping[str, str] = RULES
    ) -> None:
        self.folder = folder
        config = _CONFIG.format(**vars(engines))
        if engines.frontier:
            config += f'[crawl]\nfrontier = "{engines.frontier}"\n'
        first = make_home(folder / "machine-0", config, rules)
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


def alone(folder: Path, posts: Sequence[RawDocument], rules: Mapping[str, str] = RULES) -> Home:
    """One embedded home that collected *posts*."""
    home = make_home(folder, "", rules)
    with open_journal(home).writer() as writer:
        writer.append(*posts)
    return home


def index(home: Home, at: datetime = NOW) -> pipeline.Summary:
    """One run of the indexer at the moment *at*."""
    with closing(open_store(home)) as store:
        return pipeline.index(home, store, indexed_at=at)


def say(home: Home, id: str, by: str = "analyst") -> None:
    """An analyst's word: no negative."""
    correct.correct(home, id, correct.Changes(polarity=Polarity.NEU), by=by, note="", now=NOW)


def watch(home: Home, at: datetime) -> None:
    """Brings events and alarms up to the moment *at*."""
    with closing(open_store(home)) as store:
        events.update(home, store)
        alert.check(home, at, at, store=store)


def outcome(home: Home, at: datetime = NOW) -> Outcome:
    """Brings events, alarms and a report of *home* up to the moment *at*, and reads everything."""
    watch(home, at)
    with closing(open_store(home)) as store:
        read = {one.id: _record(one.to_record()) for one in store.scan(Filter())}
        together = _together(read)
        for one in read.values():
            del one["event"]  # its id is that of the first document that ever founded it
        return Outcome(
            read, together, _alarms(home), *_told(home, read), figures(home, home.var / "compared")
        )


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


def _told(
    home: Home, read: Mapping[str, dict[str, Any]]
) -> tuple[frozenset[tuple[str, str, int]], frozenset[str]]:
    """Tidings of alarms, and the documents that one rule told twice."""
    with State.open(home).begin() as connection:
        firings = [kept.firing for kept in ledger.latest(connection, None)]
    begun = Counter((one.rule, one.key) for one in firings if one.cause is Cause.FIRST)
    shown = Counter((one.rule, id) for one in firings for id in one.evidence)
    stories = {(rule, read[id]["group"] or id, 1) for rule, id in shown if rule == "each" and id in read}
    told = stories | {(rule, key, number) for (rule, key), number in begun.items()}
    return frozenset(told), frozenset(id for (_, id), number in shown.items() if number > 1)


def letters_lost(homes: Sequence[Home], at: datetime) -> list[str]:
    """Sends what waits by the moment *at*; sentences on alarms whose message is in no file, or twice."""
    deliver_due(homes[0], at)
    outbox = Outbox.open(homes[0])
    with outbox.state.begin() as connection:
        keys = {kept.letter for kept in ledger.latest(connection, None) if kept.letter}
    files = [home.var / "delivery" / "messages.jsonl" for home in homes]
    lines = [line for file in files if file.exists() for line in file.read_bytes().splitlines()]
    sent = {orjson.loads(line)["key"] for line in lines}
    found = [f"the message {key} was not sent" for key in sorted(keys - sent)]
    return found + [f"the message {key} went out twice" for key in sorted(keys) if len(outbox.of(key)) != 1]


def figures(home: Home, out: Path) -> str:
    """Makes a report of *home* in the folder *out*; its JSON, with events named by their order."""
    first, last = NOW.astimezone(SHANGHAI).date() - timedelta(days=2), NOW.astimezone(SHANGHAI).date()
    wanted = report.Wanted("custom", first.isoformat(), last.isoformat())
    report.make(home, wanted, ["json"], NOW, out=out)
    [path] = out.rglob("*.json")
    text = path.read_text(encoding="utf-8")
    seen: dict[str, str] = {}
    # Facts of a case bear the beginning of its event's id.
    return re.sub(
        r"\b(e[0-9a-f]{11})[0-9a-f]?\b", lambda m: seen.setdefault(m[1], f"event {len(seen)}"), text
    )


def make_home(root: Path, config: str, rules: Mapping[str, str] = RULES) -> Home:
    """An empty home with *rules* over the shop's posts, by their names."""
    for folder in ("alerts", "sources", "var"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "fengping.toml").write_text(config, encoding="utf-8")
    (root / "hosts.toml").write_text("", encoding="utf-8")
    for name, rule in rules.items():
        (root / "alerts" / f"{name}.toml").write_text(rule, encoding="utf-8")
    return Home.open(root)
