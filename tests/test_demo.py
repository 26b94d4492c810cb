"""The demonstration: the whole chain on its sample site, twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.site.homes import journaled

from fengping.home import Home
from fengping.sample.posts import FIRST, LAST
from fengping.sample.site import SampleSite

pytestmark = pytest.mark.slow


def demo(root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "fengping", "--home", str(root), "demo"],
        capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"}, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def outcome(home: Home) -> tuple[bytes, Counter[str], list[str]]:
    """The report, the documents of each source and the messages that a run leaves."""
    [page] = home.reports.glob("*.html")
    messages = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return page.read_bytes(), Counter(document.source for document in journaled(home)), messages


def test_the_whole_chain_runs(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    said = demo(root)
    home = Home.open(root)
    report, by_source, alerts = outcome(home)
    posts = SampleSite().posts
    assert by_source == {
        "demo-feed": len(posts["feed"]), "demo-desk": len(posts["desk"]),
        "demo-square": len(posts["square"]), "demo-list": len(posts["list"]) - 2,
    }  # fmt: skip
    for end in ("robots_denied 1", "http_error 1", "empty_body 1", "duplicate 1", "no_date 1"):
        assert end in said
    assert "2020年“双11”消费维权舆情分析报告" in report.decode()
    assert f"report  {home.reports}" in said
    assert "檀小木" in {key for line in alerts for key in json.loads(line)["labels"].get("host", ())}
    assert f"{home.var / 'delivery' / 'messages.jsonl'}" in said
    assert said.count("fengping --home demo ") == 5


@pytest.mark.long
def test_a_second_run_adds_nothing(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    demo(root)
    first = outcome(Home.open(root))
    demo(root)
    assert outcome(Home.open(root)) == first


def test_the_sample_site_is_the_same_every_time_and_dated_within_the_window() -> None:
    one, other = SampleSite(), SampleSite()
    assert one.posts == other.posts
    assert all(FIRST <= post.at <= LAST for posts in one.posts.values() for post in posts)
    assert one.answer("/feed.xml", "http://x") == other.answer("/feed.xml", "http://x")


def test_a_home_of_ones_own_is_not_overwritten(home: Home) -> None:
    done = fengping(home, "demo")
    assert done.returncode == 2
    assert "is a home of your own. Name another folder: fengping --home demo demo" in done.stderr
