"""Posts that come late, twice, in batches, across a pause or a reindex: each told once, none lost.

Invented posts about two hosts are journaled as they come, indexed and checked at ticks of a clock of its own.
One rule tells every document, so that each that came must be in one alarm, or among the arrivals that were
told to be too late for one; another counts, and its alarms stand beside those decided in one go from the
moments at which the posts came.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from devtools.bench import Options, Row
from fengping.alerts import Firing, Rule, load_rules
from fengping.alerts.decide import Past, Standing, decide
from fengping.alerts.matches import read_matches
from fengping.alerts.replay import reference_of
from fengping.home import Home
from fengping.indexer import Store, open_store
from fengping.indexer.journal import JournalWriter
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument, document_id
from fengping.services import alert

SIZE = 60
START = datetime(2020, 11, 9, 16, tzinfo=UTC)
POSTED = timedelta(days=3)
END = timedelta(days=6)
TICK = timedelta(hours=4)
HOSTS = ("檀木子", "阮小满")
_HOUR = timedelta(hours=1)
_RULES = {
    "each": 'name = "each"\nkind = "any"\ntimeframe = "1h"\nchannels = ["file"]\n',
    "three": 'name = "three"\nnum_events = 3\ntimeframe = "6h"\nrealert = "12h"\nchannels = ["file"]\n',
}
_SAID = (
    "退货不退款", "客服一直不回", "衣服一洗就缩水", "锅底第二天就掉漆", "面膜用了烂脸",
    "发货拖了半个月", "尺码和直播里说的不一样", "吊牌是假的", "鉴定书查不到", "赠品一件没给",
    "说好的保价不认", "运费要自己出", "平台也不管", "标注的成分对不上", "收到的是旧货",
    "要求退一赔三", "包装破了不给换", "虚假宣传", "质量太差", "店铺关门了",
)  # fmt: skip

Lag = Callable[[random.Random], timedelta]


def _none(_: random.Random) -> timedelta:
    return timedelta(0)


def _mixed(chance: random.Random) -> timedelta:
    """Minutes for most, up to a day for some, up to 30 hours for a few."""
    [(low, high)] = chance.choices([(1, 20), (20, 1440), (1440, 1800)], [6, 3, 1])
    return timedelta(minutes=chance.randint(low, high))


@dataclass(frozen=True)
class Way:
    """A way in which posts come."""

    name: str
    lag: Lag = _mixed
    batch: timedelta = timedelta(0)
    """They come together, so far apart."""
    twice: bool = False
    """Each comes again some hours later."""
    off: tuple[int, int] = (0, 0)
    """Hours from the start between which nothing runs: what would have come comes then."""
    reindexed: bool = False
    """The index is built anew once a day."""
    dated: bool = True


WAYS = (
    Way("at once", _none),
    Way("minutes to 30 hours late, out of order"),
    Way("so, in batches of 12 hours", batch=timedelta(hours=12)),
    Way("so, each twice", twice=True),
    Way("so, off for 14 hours", off=(30, 44)),
    Way("so, index built anew daily", reindexed=True),
    Way("so, all of it", batch=timedelta(hours=8), twice=True, off=(30, 38), reindexed=True),
    Way("off for 66 hours", _none, off=(6, 72)),
    Way("50 to 70 hours late", lambda chance: timedelta(hours=chance.randint(50, 70))),
    Way("a backfill, 60 days late", lambda _: timedelta(days=60)),
    Way("without a date", dated=False),
)


@dataclass
class Told:
    """The fate of the posts of one way."""

    arrived: int = 0
    """Documents that the rule counts."""
    alarmed: int = 0
    """Those that an alarm told."""
    late: int = 0
    """Those told to be too late for an alarm, or to have no date."""
    doubled: int = 0
    """Tellings, and messages, beyond one."""
    alarms: int = 0
    """Alarms of the rule that counts."""
    differing: int = 0
    """Those of them that were not to be, or were and did not come."""
    would: int = 0
    """Alarms that late ones were told to have raised in time."""

    @property
    def lost(self) -> int:
        return max(0, self.arrived - self.alarmed - self.late)


def run(options: Options) -> list[Row]:
    """A row for each count of each way, of ``options.size`` posts each."""
    found = []
    for way in WAYS:
        told = tried(way, options.size or SIZE)
        counts = {"lost": told.lost} | vars(told)
        found += [Row(f"{way.name}: {name}", value, "", told.arrived) for name, value in counts.items()]
    return found


def tried(way: Way, size: int) -> Told:
    """The posts of *way* through a home of their own."""
    with tempfile.TemporaryDirectory(prefix="fengping-late-") as folder:
        return _Trial(way, _home(Path(folder)), _coming(way, size)).run()


def _home(folder: Path) -> Home:
    (folder / "fengping.toml").write_text(
        f"[schedule]\nindex_every_minutes = {TICK // timedelta(minutes=1)}\n", encoding="utf-8"
    )
    (folder / "hosts.toml").write_text(
        "".join(f'[[host]]\nname = "{name}"\n' for name in HOSTS), encoding="utf-8"
    )
    (folder / "alerts").mkdir()
    for name, text in _RULES.items():
        (folder / "alerts" / f"{name}.toml").write_text(text, encoding="utf-8")
    return Home.open(folder)


def _coming(way: Way, size: int) -> list[RawDocument]:
    """Posts in the order in which they come; ``fetched_at`` is when."""
    chance, found = random.Random(17), []
    for number in range(size):
        at = START + POSTED * chance.random()
        said = "，".join(chance.sample(_SAID, 6))
        come = at + way.lag(chance)
        if way.batch:
            come = START - ((START - come) // way.batch) * way.batch
        post = RawDocument(
            document_id("late", str(number)), "late", f"在{HOSTS[number % 3 % 2]}直播间买的，{said}", come,
            published_at=at if way.dated else None,
        )  # fmt: skip
        found += [post, replace(post, fetched_at=come + 9 * _HOUR)] if way.twice else [post]
    chance.shuffle(found)
    return found


@dataclass
class _Trial:
    way: Way
    home: Home
    left: list[RawDocument]
    firings: list[Firing] = field(default_factory=list)
    came: dict[str, datetime] = field(default_factory=dict)
    """The tick at which each document was there first."""
    told: Told = field(default_factory=Told)

    def run(self) -> Told:
        ticks = self._ticks()
        for tick in ticks:
            self._tick(tick)
        with closing(open_store(self.home)) as store:
            self._count(store, ticks)
        return self.told

    def _ticks(self) -> list[datetime]:
        last = max([START + END, *(post.fetched_at for post in self.left)])
        off = [START + hours * _HOUR for hours in self.way.off]
        every = [START + n * TICK for n in range((last - START) // TICK + 2)]
        on = [one for one in every if not off[0] < one < off[1]]
        # A backfill comes long after: between, nothing is collected.
        return [one for one in on if one <= START + END or self._comes(one)]

    def _comes(self, tick: datetime) -> bool:
        return any(tick - TICK < post.fetched_at <= tick for post in self.left)

    def _tick(self, tick: datetime) -> None:
        """Everything is opened anew, as by the processes of the schedule."""
        home = Home.open(self.home.root)
        new = [post for post in self.left if post.fetched_at <= tick]
        self.left = [post for post in self.left if post.fetched_at > tick]
        if new:
            with JournalWriter(home.journal) as writer:
                writer.append(*new)
            with closing(open_store(home)) as store:
                pipeline.index(home, store, indexed_at=tick)
        if self.way.reindexed and (tick - START) % (6 * TICK) == 3 * TICK:
            with closing(open_store(home)) as store:
                pipeline.reindex(home, store, indexed_at=tick)
        for post in new:
            self.came.setdefault(post.id, tick)
        checked = alert.check(home, tick, tick).checked
        self.firings += checked.firings
        for late in checked.late:
            if late.rule == "each":
                self.told.late += late.late + late.undated
            self.told.would += len(late.would) if late.rule == "three" else 0

    def _count(self, store: Store, ticks: Sequence[datetime]) -> None:
        each, three = load_rules(self.home.alerts)
        told = self.told
        where = each.selection() if self.way.dated else replace(each.selection(), undated=True)
        told.arrived = store.count(where)
        shown = Counter(
            id for one in self.firings if one.rule == each.name for id in (*one.evidence, *one.passed)
        )
        told.alarmed = len(shown)
        ids = self._messages()
        told.doubled = shown.total() - len(shown) + len(ids) - len(set(ids))
        told.doubled += max(0, told.alarmed + told.late - told.arrived)
        found = {_plain(one) for one in self.firings if one.rule == three.name}
        told.alarms = len(found)
        told.differing = len(found ^ {_plain(one) for one in self._in_one_go(three, store, ticks)})

    def _messages(self) -> list[str]:
        """Ids of the messages that were delivered."""
        file = self.home.var / "delivery" / "messages.jsonl"
        return [orjson.loads(line)["id"] for line in file.read_bytes().splitlines()] if file.exists() else []

    def _in_one_go(self, rule: Rule, store: Store, ticks: Sequence[datetime]) -> list[Firing]:
        """The alarms by the documents and the moments at which they came, without a home's memory."""
        begin, end = START - timedelta(days=1), ticks[-1] + _HOUR
        reference = reference_of(rule, store, begin, end)
        firings = []
        for key, matches in read_matches(rule, store, begin, end).items():
            standing, past = Standing(), list[Firing]()
            for tick in ticks:
                there = [one for one in matches if self.came[one.id] <= tick and one.at > tick - rule.horizon]
                step = decide(rule, key, standing, Past(past), there, reference, tick)
                standing = step.standing
                past += [step.firing] if step.firing else []
            firings += past
        return firings


def _plain(firing: Firing) -> tuple[str, datetime, tuple[str, ...]]:
    return firing.key, firing.fired_at, firing.evidence
