"""``alerts test`` beside a loop of processes of ``index`` and ``alerts check``, on posts as they come in.

A post comes in some time after it was published: in another order, some after the next checks, a few a day or
two late. Each command of the loop has its tick for the present moment, so that what it indexes came in then.
No lag reaches the rules' ``max_age``: what comes later raises no alarm, and is taken by a replay as come in
time.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.commands import CLOCK, fengping

from fengping.clock import SHANGHAI, iso
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import Channel, RawDocument, document_id

pytestmark = [pytest.mark.slow, pytest.mark.long]

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "streams"
RULES = {
    "spike": 'name = "spike"\nkind = "spike"\nmin_history = "1d"\nchannels = ["file"]\n',
    "two": 'name = "two"\nnum_events = 2\ntimeframe = "6h"\nrealert = "3h"\nchannels = ["file"]\n',
    "new": 'name = "new"\nkind = "new_term"\ntimeframe = "2h"\nchannels = ["file"]\n',
    "share": 'name = "share"\nkind = "percentage_match"\nmax_percentage = 60\nmin_denominator = 3\n'
    'realert = "6h"\nchannels = ["file"]\n',
    # Its affairs are over long before its cool-down is.
    "brief": 'name = "brief"\nnum_events = 2\ntimeframe = "2h"\nrealert = "24h"\nchannels = ["file"]\n',
    # Not every stream has ten days in which somebody who sells live is complained of.
    "class": 'name = "class"\nnum_events = 1\nkey_by = "class"\nmin_relevance = 0\ntimeframe = "12h"\n'
    'realert = "6h"\nchannels = ["file"]\n',
}
COMPLAINTS = (
    "{}直播间卖假货，退货不退款", "在{}直播间买的锅质量太差", "投诉{}虚假宣传，客服不理",
    "{}带货的面膜烂脸，要求赔偿",
)  # fmt: skip
LAGS = ((0.6, 1, 20), (0.88, 20, 360), (0.97, 360, 1440), (1.0, 1440, 2600))
"""Share of posts, and minutes from publication until they come in: shares that add up."""


def arriving(posts: Sequence[RawDocument], seed: int) -> list[RawDocument]:
    """*posts*, each fetched a random lag after its publication, in the order in which they come."""
    chance = random.Random(seed)
    found = []
    for post in posts:
        assert post.published_at is not None
        kind = chance.random()
        low, high = next((low, high) for share, low, high in LAGS if kind < share)
        lag = timedelta(minutes=chance.randint(low, high))
        found.append(replace(post, fetched_at=post.published_at + lag))
    return sorted(found, key=lambda post: post.fetched_at)


def loop(home: Home, posts: Sequence[RawDocument], ticks: Sequence[datetime]) -> list[dict[str, Any]]:
    """A tick: what has come in by then is journaled and indexed, then all is checked."""
    found: list[dict[str, Any]] = []
    left = arriving(posts, seed=17)
    assert [p.published_at for p in left] != sorted(p.published_at for p in left if p.published_at)
    for tick in ticks:
        clock = {CLOCK: tick.isoformat()}
        new = [post for post in left if post.fetched_at <= tick]
        left = left[len(new) :]
        if new:  # without, an index run changes nothing
            with open_journal(home).writer() as writer:
                writer.append(*new)
            done = fengping(home, "index", **clock)
            assert done.returncode == 0, done.stderr
        done = fengping(home, "alerts", "check", "--json", **clock)
        assert done.returncode == 0, done.stderr
        assert "too old" not in done.stderr, "a lag of these is no late arrival"
        found += [json.loads(line) for line in done.stdout.splitlines()]
    return found


def compared(home: Home, posts: Sequence[RawDocument], ticks: Sequence[datetime]) -> list[dict[str, Any]]:
    """The alarms of the loop, which a replay tells too: each at its moment, with its posts."""
    home.alerts.mkdir(exist_ok=True)
    for name, text in RULES.items():
        (home.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    live = loop(home, posts, ticks)
    end = ticks[-1] + timedelta(seconds=1)
    window = ("--from", str(iso(ticks[0])), "--to", str(iso(end)))
    done = fengping(home, "alerts", "test", *window, "--json")
    assert done.returncode == 0, done.stderr

    def by_time(row: dict[str, Any]) -> tuple[str, str, str]:
        return row["fired_at"], row["rule"], row["key"]

    told = [json.loads(line) for line in done.stdout.splitlines()]
    titles = [row.pop("title") for row in told]
    assert all(titles)
    # A replay knows the events that documents have got since, so that it may name one as the reason.
    causes = [row.pop("cause") for row in (*told, *live)]
    assert {"first", "again"} & {*causes}
    assert sorted(told, key=by_time) == sorted(live, key=by_time)
    return live


def shows_late(live: Sequence[dict[str, Any]], posts: Sequence[RawDocument], lag: timedelta) -> bool:
    """True where an alarm shows a post that came in so long after its publication."""
    slow = {p.id for p in arriving(posts, seed=17) if p.published_at and p.fetched_at - p.published_at > lag}
    return any(slow.intersection(row["evidence"]) for row in live)


def post(number: int, at: datetime, text: str) -> RawDocument:
    return RawDocument(
        document_id("posts", str(number)), "posts", text, at, channel=Channel.WEIBO, published_at=at
    )


def scheduled(home: Home, minutes: int) -> Home:
    """*home* with its schedule's tick."""
    home.config_file.write_text(f"[schedule]\nindex_every_minutes = {minutes}\n", encoding="utf-8")
    return Home.open(home.root)


def test_a_replay_is_the_loop_on_a_day_of_invented_posts(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "檀木子"\n[[host]]\nname = "阮小满"\n', encoding="utf-8")
    start = datetime(2020, 11, 10, tzinfo=SHANGHAI).astimezone(UTC)
    names = ("檀木子", "阮小满", "檀木子")
    posts = [
        post(n, start + timedelta(minutes=53 * n), COMPLAINTS[n % 4].format(names[n % 3])) for n in range(27)
    ]
    # Three days, for what comes in late.
    ticks = [start + timedelta(hours=4 * n) for n in range(18)]
    live = compared(scheduled(home, 240), posts, ticks)
    assert {row["key"] for row in live if row["rule"] != "class"} == {"檀木子", "阮小满"}
    assert {row["rule"] for row in live} == set(RULES)
    assert shows_late(live, posts, timedelta(hours=6))


def read(name: str) -> Iterator[tuple[datetime, str]]:
    """The titles of a stream with their times; where these are days, at random minutes of the day."""
    chance = random.Random(name)
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        if name.endswith(".jsonl.gz"):
            for row in map(json.loads, lines):
                yield (
                    _moment(f"{row['date']}T{int(row['hour']):02}:00"),
                    f"{row['title']}。{row['description']}",
                )
        else:
            for row in csv.DictReader(lines):
                at = (
                    row.get("first_seen")
                    or f"{row['date']}T{chance.randrange(24):02}:{chance.randrange(60):02}"
                )
                yield _moment(at), row["title"]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.data
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize(
    ("name", "first", "minutes"),
    [
        ("weibo-topics-2024-2025.jsonl.gz", "2024-09-13", 10),
        ("weibo-hot-2020-double11.csv.gz", "2020-11-02", 10),
        # A tick with new titles costs an index run too, and here every tick has some.
        ("weibo-first-seen-2020-2021.csv.gz", "2020-12-15", 30),
    ],
)
def test_a_replay_is_the_loop_on_the_busiest_days_of_real_streams(
    home: Home, name: str, first: str, minutes: int
) -> None:
    """The ten days with the most negatives about hosts, at the ticks of the schedule or near them."""
    if not (DATA / name).exists():
        pytest.skip("The measuring data are not beside the repository.")
    start = datetime.fromisoformat(first).replace(tzinfo=SHANGHAI).astimezone(UTC)
    stop = start + timedelta(days=10)
    rows = [(at, text) for at, text in read(name) if start <= at < stop]
    posts = [post(number, at, text) for number, (at, text) in enumerate(rows)]
    step = timedelta(minutes=minutes)
    live = compared(
        scheduled(home, minutes), posts, [start + n * step for n in range((stop - start) // step + 1)]
    )
    assert live and shows_late(live, posts, timedelta(hours=1))
