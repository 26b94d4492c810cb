"""``alerts test`` beside a loop of processes of ``index`` and ``alerts check``, on posts as they come in."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.commands import fengping

from fengping.clock import SHANGHAI, iso
from fengping.home import Home

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "streams"
RULES = {
    "spike": 'name = "spike"\nkind = "spike"\nmin_history = "1d"\nchannels = ["file"]\n',
    "two": 'name = "two"\nnum_events = 2\ntimeframe = "6h"\nrealert = "3h"\nchannels = ["file"]\n',
}
COMPLAINTS = (
    "{}直播间卖假货，退货不退款", "在{}直播间买的锅质量太差", "投诉{}虚假宣传，客服不理",
    "{}带货的面膜烂脸，要求赔偿",
)  # fmt: skip


def loop(home: Home, posts: Sequence[dict[str, Any]], ticks: Sequence[datetime]) -> list[dict[str, Any]]:
    """A tick: what was published by then is imported and indexed, then checked."""
    found: list[dict[str, Any]] = []
    left = sorted(posts, key=lambda post: post["published_at"])
    for tick in ticks:
        new = [post for post in left if datetime.fromisoformat(post["published_at"]) <= tick]
        left = left[len(new) :]
        if new:
            file = home.root / "new.jsonl"
            file.write_bytes(b"\n".join(orjson.dumps(post) for post in new))
            assert fengping(home, "import", str(file), "--source", "posts", "--yes").returncode == 0
            assert fengping(home, "index").returncode == 0
        done = fengping(home, "alerts", "check", "--at", str(iso(tick)), "--json")
        assert done.returncode == 0, done.stderr
        found += [json.loads(line) for line in done.stdout.splitlines()]
    return found


def compared(home: Home, posts: Sequence[dict[str, Any]], ticks: Sequence[datetime]) -> list[dict[str, Any]]:
    """The alarms of the loop, which a replay of the same span tells too."""
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
    assert sorted(told, key=by_time) == sorted(live, key=by_time)
    return live


def post(number: int, at: datetime, text: str) -> dict[str, Any]:
    return {"id": f"p{number}", "text": text, "published_at": iso(at)}


def test_a_replay_is_the_loop_on_a_day_of_invented_posts(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "檀木子"\n[[host]]\nname = "阮小满"\n', encoding="utf-8")
    home.config_file.write_text("[schedule]\nindex_every_minutes = 240\n", encoding="utf-8")
    start = datetime(2020, 11, 10, tzinfo=SHANGHAI).astimezone(UTC)
    names = ("檀木子", "阮小满", "檀木子")
    posts = [
        post(n, start + timedelta(minutes=53 * n), COMPLAINTS[n % 4].format(names[n % 3])) for n in range(27)
    ]
    ticks = [start + timedelta(hours=4 * n) for n in range(7)]
    live = compared(Home.open(home.root), posts, ticks)
    assert {row["key"] for row in live} == {"檀木子", "阮小满"}
    assert {row["rule"] for row in live} == set(RULES)


@pytest.mark.long
@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("weibo-topics-2024-2025.jsonl.gz", "2024-09-13"),
        ("weibo-first-seen-2020-2021.csv.gz", "2020-12-15"),
    ],
)
def test_a_replay_is_the_loop_on_the_busiest_days_of_real_streams(home: Home, name: str, first: str) -> None:
    if not os.environ.get("FENGPING_LONG"):
        pytest.skip("Only where FENGPING_LONG is set.")
    if not (DATA / name).exists():
        pytest.skip("The measuring data are not beside the repository.")
    home.config_file.write_text("[schedule]\nindex_every_minutes = 120\n", encoding="utf-8")
    start = datetime.fromisoformat(first).replace(tzinfo=SHANGHAI).astimezone(UTC)
    stop = start + timedelta(days=10)
    posts = []
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if name.endswith("jsonl.gz"):
                row = json.loads(line)
                text, at = f"{row['title']}。{row['description']}", f"{row['date']}T{int(row['hour']):02}:00"
            else:
                _, at, text, *_ = line.split(",")
            if at[:2] != "20":
                continue
            moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).astimezone(UTC)
            if start <= moment < stop:
                posts.append(post(number, moment, text))
    compared(Home.open(home.root), posts, [start + timedelta(hours=2 * n) for n in range(121)])
