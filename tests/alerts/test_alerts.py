"""Alerts of a home by its commands: fired, sent, kept until taken, shown, silenced, replayed, explained."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests import making, postgres
from tests.alerts.making import START, fengping
from tests.making import document

from fengping.alerts import Firing, ledger
from fengping.alerts.decide import Standing, Status
from fengping.clock import iso, local, now
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Polarity
from fengping.services import alert, alert_history, evidence
from fengping.services.home import TEMPLATES
from fengping.state import State


def put(home: Home, *documents: Document) -> None:
    store = open_store(home)
    making.put(home, store, documents)
    store.close()


@pytest.fixture
def watched(home: Home) -> Home:
    """Five negatives on 檀木子 within hours, two on 阮小满, one that 檀木子 only reports."""
    hosts = ["檀木子"] * 5 + ["阮小满"] * 2
    documents = [
        document(
            n, START + timedelta(hours=n), f"{host}直播间的第{n}条投诉", hosts=(host,),
            negative_hosts=(host,), issues=("C02",),
        )
        for n, host in enumerate(hosts)
    ]  # fmt: skip
    documents.append(document(50, START, hosts=("檀木子",)))
    documents.append(
        document(51, START, hosts=("檀木子",), negative_hosts=("檀木子",), polarity=Polarity.POS)
    )
    put(home, *documents)
    home.alerts.mkdir()
    return home


def rule(home: Home, text: str) -> None:
    (home.alerts / "rule.toml").write_text(f'name = "negatives"\n{text}', encoding="utf-8")


def test_a_replay_gives_a_line_a_firing(watched: Home) -> None:
    rule(watched, 'num_events = 4\ntimeframe = "24h"')
    done = fengping(watched, "alerts", "test", "--from", "2020-11-01", "--to", "2020-11-30", "--json")
    [firing] = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(firing) == {"rule", "key", "fired_at", "count", "cause", "evidence", "title"}
    assert (firing["cause"], firing["title"]) == ("first", "檀木子直播间的第0条投诉")
    assert firing["rule"] == "negatives"
    assert firing["key"] == "檀木子"
    assert firing["fired_at"] == "2020-11-10T11:00:00+08:00"
    assert firing["count"] == len(firing["evidence"]) == 4
    assert done.returncode == 0


def test_a_check_fires_once_and_writes_what_it_knows(watched: Home) -> None:
    rule(watched, "num_events = 3")
    at = "2020-11-10T18:00"
    first = fengping(watched, "alerts", "check", "--at", at)
    assert first.returncode == 0, first.stderr
    message = first.stdout.strip().splitlines()
    assert message[0] == "檀木子：1天内负面信息5条（test）"
    assert len(message) <= 20
    said = "\n".join(message)
    for part in (
        "新增5条", "类别：C02", "11-10 08:00 test 檀木子直播间的第0条投诉 https://example.org/0",
        "内少于2条并持续1天，即解除",
    ):  # fmt: skip
        assert part in said, part
    assert "阮小满" not in said
    [line] = (watched.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["labels"]["host"] == ["檀木子"]
    again = fengping(watched, "alerts", "check", "--at", at)
    assert again.stdout == ""
    assert evidence.counted(watched).waiting == 5
    listed = fengping(watched, "alerts", "list", "--json")
    [row] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (row["key"], row["waiting"], row["count"], row["status"]) == ("檀木子", 0, 5, "firing")


def test_classes_behind_the_four_that_are_named_are_counted(watched: Home) -> None:
    rule(watched, "num_events = 3")
    named = ("檀木子",)
    many = ("C03", "C04", "C05", "C06", "C07")
    put(watched, document(60, START + timedelta(hours=5), hosts=named, negative_hosts=named, issues=many))
    said = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00").stdout
    assert "类别：C02" in said and "、另有2类" in said


def test_every_number_of_the_message_can_be_traced(watched: Home) -> None:
    rule(watched, "num_events = 3")
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    shown = json.loads(fengping(watched, "alerts", "show", "1", "--json").stdout)
    assert shown["count"] == len(shown["documents"]) == len(shown["facts"]["documents"]) == 5
    assert len(shown["facts"]["classes"]["C02"]) == 5
    assert (shown["need"], shown["before"], shown["told"]) == (3.0, 0, "told")
    assert {one["channel"]: one["status"] for one in shown["letters"]} == {
        "stdout": "accepted", "file": "accepted",
    }  # fmt: skip
    assert [row["after"] for row in shown["history"]] == ["firing"]
    table = fengping(watched, "alerts", "show", "1").stdout
    assert "第4条投诉" in table
    assert "5 documents" in table


def test_the_subject_of_a_second_alarm_counts_its_whole_timeframe(watched: Home) -> None:
    def charges(first: int, many: int, *, minute: int) -> None:
        put(watched, *(
            document(
                first + n, START + timedelta(hours=30, minutes=minute + n), hosts=("檀木子",),
                negative_hosts=("檀木子",),
            )
            for n in range(many)
        ))  # fmt: skip

    rule(watched, 'num_events = 6\ntimeframe = "1h"\nchannels = ["file"]')
    charges(100, 6, minute=0)
    fengping(watched, "alerts", "check", "--at", "2020-11-11T14:10")
    charges(200, 6, minute=20)
    fengping(watched, "alerts", "check", "--at", "2020-11-11T14:30")
    lines = (watched.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    first, second = (json.loads(line) for line in lines)
    assert first["subject"] == "檀木子：1小时内负面信息6条（test）" and first["lines"][0] == "新增6条"
    assert second["subject"] == "【翻倍】檀木子：1小时内负面信息12条（test）"
    assert second["lines"][0] == "新增6条，此前已报6条"
    shown = json.loads(fengping(watched, "alerts", "show", "2", "--json").stdout)
    new, before = shown["documents"], shown["window"]["told_before"]
    assert (shown["count"], shown["window"]["count"], len(new), len(before)) == (6, 12, 6, 6)
    ids = {one["id"] for one in [*new, *before]}
    assert ids == set(shown["facts"]["window"]) and len(ids) == 12
    said = fengping(watched, "alerts", "show", "2").stdout
    assert "12 in the timeframe of the subject, 6 of them in earlier alarms" in said


@pytest.mark.long
def test_an_acknowledgement_during_a_check_is_kept(home: Home, postgres_server: str) -> None:
    home.config_file.write_text(f'state = "{postgres.database(postgres_server)}"\n', encoding="utf-8")
    shared, at = Home.open(home.root), datetime(2020, 11, 12, tzinfo=UTC)
    state = State.open(shared)
    fires = Standing(Status.FIRING, at, at, at, 3, 3, 3.0)
    with state.begin() as connection:
        number = ledger.keep_firing(connection, Firing("rule", "林小禾", at, 3, ("a",)), "", {}, "")
        ledger.keep_standing(connection, "rule", "林小禾", fires)
    with ThreadPoolExecutor(1) as pool, state.exclusive() as connection:  # as a check judges
        done = pool.submit(alert.acknowledge, shared, number, "甲", at)
        wait([done], 1)
        ledger.keep_standing(connection, "rule", "林小禾", replace(fires, shown=9))
    assert done.result()
    with state.begin() as connection:
        kept = ledger.standings(connection, "rule")["林小禾"]
    assert (kept.status, kept.shown) == (Status.ACKNOWLEDGED, 9)


def test_acknowledging_is_written_down(watched: Home) -> None:
    rule(watched, "num_events = 3")
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    assert fengping(watched, "alerts", "ack", "1", "--by", "值班员").returncode == 0
    [row] = [json.loads(x) for x in fengping(watched, "alerts", "list", "--json").stdout.splitlines()]
    assert (row["acknowledged_by"], row["status"]) == ("值班员", "acknowledged")
    done = fengping(watched, "alerts", "ack", "7", "--by", "x")
    assert done.stderr == "fengping: Unknown firing 7. See: fengping alerts list\n"
    assert fengping(watched, "alerts", "show", "7").returncode == 2
    for at in ("2020-11-12T18:00", "2020-11-13T18:00"):
        fengping(watched, "alerts", "check", "--at", at)
    refused = fengping(watched, "alerts", "ack", "1", "--by", "另一位")
    assert refused.returncode == 2 and "was claimed by 值班员 already" in refused.stderr
    over = fengping(watched, "alerts", "ack", "1", "--by", "另一位", "--from", "值班员")
    assert over.stdout.startswith("Firing 1 acknowledged by 另一位. Its affair is over already: the name is")
    [row] = [json.loads(x) for x in fengping(watched, "alerts", "list", "--json").stdout.splitlines()]
    assert (row["acknowledged_by"], row["status"]) == ("另一位", "resolved")


def test_json_leaves_nothing_but_json_on_stdout(watched: Home) -> None:
    rule(watched, "num_events = 3")
    done = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00", "--json")
    assert [json.loads(line)["key"] for line in done.stdout.splitlines()] == ["檀木子"]
    later = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    assert "檀木子" in later.stdout, "the screen's message waited for somebody who looks"


def test_a_channel_that_fails_keeps_no_other_from_its_message(watched: Home) -> None:
    (watched.root / "delivery.toml").write_text(
        '[channels.hook]\nkind = "webhook"\nurl = "$HOOK"\ntimeout = 2\n', encoding="utf-8"
    )
    rule(watched, 'num_events = 3\nchannels = ["hook", "file"]')
    done = fengping(
        watched, "alerts", "check", "--at", "2020-11-10T18:00", HOOK="http://127.0.0.1:9/?key=geheim"
    )
    assert done.returncode == 1
    assert "hook" in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr
    assert (watched.var / "delivery" / "messages.jsonl").exists()
    [row] = [json.loads(x) for x in fengping(watched, "alerts", "list", "--json").stdout.splitlines()]
    assert row["waiting"] == 1


def test_a_silence_names_its_author_and_reason(watched: Home) -> None:
    rule(watched, "num_events = 3")
    assert fengping(watched, "alerts", "silence", "key=檀木子", "--reason", "x").returncode == 2
    assert "Did you mean 'key'?" in fengping(watched, "alerts", "silence", "kay=檀木子").stderr
    done = fengping(
        watched, "alerts", "silence", "key=檀木子", "--by", "值班员", "--reason", "已知", "--for", "2h"
    )
    assert done.returncode == 0, done.stderr
    [row] = [json.loads(x) for x in fengping(watched, "alerts", "silence", "--json").stdout.splitlines()]
    assert (row["matcher"], row["author"], row["reason"], row["holds"]) == (
        {"key": ["檀木子"]}, "值班员", "已知", True,
    )  # fmt: skip
    assert fengping(watched, "alerts", "silence", "--end", "1").returncode == 0
    assert fengping(watched, "alerts", "silence", "--end", "1").returncode == 2


@pytest.mark.parametrize(
    ("matcher", "said"),
    [
        ("key=李佳琪", "No alarm has had the key '李佳琪', and no host is called so. Did you mean '李佳琦'?"),
        ("key=檀木了", "Did you mean '檀木子'?"),
        ("rule=negativs", "Unknown rule 'negativs'. Did you mean 'negatives'?"),
        ("class=C99", "Unknown class 'C99'. Did you mean 'C09'?"),
        ("class=虚假宣传", "Unknown class '虚假宣传'. Did you mean 'C02'?"),
    ],
)
def test_a_silence_that_matches_nothing_is_refused_with_the_nearest(
    watched: Home, matcher: str, said: str
) -> None:
    rule(watched, "num_events = 3")
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    done = fengping(watched, "alerts", "silence", matcher, "--by", "值班员", "--reason", "已知")
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    assert fengping(watched, "alerts", "silence", "--json").stdout == ""


def test_a_silence_may_wait_for_a_key_that_nobody_knows(watched: Home) -> None:
    rule(watched, "num_events = 3")
    told = "No alarm has had the key '南山茶铺' yet"
    for key, warned in (("南山茶铺", True), ("李佳琦", False)):
        done = fengping(
            watched, "alerts", "silence", f"key={key}", "rule=negatives", "--by", "甲", "--reason", "已知"
        )
        assert (done.returncode, told in done.stderr) == (0, warned)


def test_one_rule_checked_by_hand_says_nothing_of_calm(watched: Home) -> None:
    rule(watched, 'num_events = 500\nchannels = ["file"]')
    watched.config_file.write_text('[alerts]\nall_calm = "09:00"\n', encoding="utf-8")
    letters = watched.var / "delivery" / "messages.jsonl"
    fengping(watched, "alerts", "check", "--at", "2020-11-10T10:00", "--rule", "negatives")
    assert not letters.exists()
    fengping(watched, "alerts", "check", "--at", "2020-11-10T10:30")
    [line] = letters.read_text(encoding="utf-8").splitlines()
    assert "2020-11-10 现无预警中的对象" in json.loads(line)["subject"]


def test_a_moment_ahead_is_refused_and_one_that_was_checked_already_is_told(watched: Home) -> None:
    rule(watched, 'num_events = 3\nchannels = ["file"]')
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    ahead = fengping(watched, "alerts", "check", "--at", "2199-11-10T18:00")
    assert (ahead.returncode, ahead.stdout) == (2, "")
    assert ahead.stderr == (
        "fengping: --at 2199-11-10T18:00 lies ahead, and nothing can be known of it. "
        "Leave --at out, or name a moment that has passed.\n"
    )
    before = fengping(watched, "alerts", "check", "--at", "2020-11-09T18:00")
    assert "negatives: not judged, for it was checked at 2020-11-10T18:00:00+08:00 already" in before.stderr
    later = fengping(watched, "alerts", "check", "--at", "2020-12-24")
    assert "1 affairs are not resolved" in later.stderr
    lines = (watched.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    subjects = [json.loads(line)["subject"][:4] for line in lines]
    assert subjects == ["檀木子：", "【时钟】"]
    rows = [json.loads(x) for x in fengping(watched, "alerts", "list", "--json").stdout.splitlines()]
    assert [row["status"] for row in rows] == ["firing"]


def test_a_moment_that_was_judged_is_not_judged_again(watched: Home) -> None:
    rule(watched, 'kind = "any"\nchannels = ["file"]')
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    accused = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",)}
    put(watched, document(60, START + timedelta(hours=8), **accused))
    again = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    assert again.returncode == 0 and "negatives: not judged" in again.stderr
    later = fengping(watched, "alerts", "check", "--at", "2020-11-10T18:01", "--json")
    assert [json.loads(line)["count"] for line in later.stdout.splitlines()] == [1]


def test_unknown_rules_are_named(watched: Home) -> None:
    rule(watched, "")
    done = fengping(watched, "alerts", "check", "--rule", "negativs")
    assert (done.returncode, done.stderr) == (
        2,
        "fengping: Unknown rule 'negativs'. Did you mean 'negatives'?\n",
    )


def test_a_chosen_source_that_is_gone_stops_no_check(watched: Home) -> None:
    rule(watched, 'num_events = 3\nchannels = ["file"]')
    settings = '[crawl]\nsources = ["gone-news"]\n[alerts]\nall_calm = "09:00"\n'
    watched.config_file.write_text(settings, encoding="utf-8")
    done = fengping(watched, "alerts", "check", "--at", "2020-11-10T12:30", "--json")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr


def test_a_rule_checked_alone_is_inhibited_by_one_that_fires(watched: Home) -> None:
    rule(watched, 'num_events = 3\nchannels = ["file"]')
    loud = 'name = "loud"\nnum_events = 2\nchannels = ["file"]\ninhibits = ["negatives"]'
    (watched.alerts / "loud.toml").write_text(loud, encoding="utf-8")
    fengping(watched, "alerts", "check", "--at", "2020-11-10T10:00", "--rule", "loud")
    assert (watched.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").count("\n") == 1
    done = fengping(watched, "alerts", "check", "--at", "2020-11-10T12:30", "--rule", "negatives", "--json")
    assert [json.loads(line)["key"] for line in done.stdout.splitlines()] == ["檀木子"]
    rows = [json.loads(x) for x in fengping(watched, "alerts", "list", "--json").stdout.splitlines()]
    assert [(row["rule"], row["told"]) for row in rows] == [("negatives", "inhibited"), ("loud", "told")]


def test_a_rule_is_explained_on_its_history(watched: Home) -> None:
    rule(watched, 'kind = "spike"\nmin_history = "1d"')
    put(watched, *(document(100 + n, START - timedelta(days=n), polarity=Polarity.NEU) for n in range(1, 20)))
    done = fengping(watched, "alerts", "explain", "negatives", "--at", "2020-11-12")
    assert done.returncode == 0, done.stderr
    assert "规则“negatives”（spike）" in done.stdout
    assert "▲" in done.stdout or "◆" in done.stdout
    assert "预计每周" in done.stdout
    assert "平衡" in done.stdout
    found = json.loads(
        fengping(watched, "alerts", "explain", "negatives", "--at", "2020-11-12", "--json").stdout
    )
    assert set(found["weekly"]) == {"now", "fewer", "balanced", "more"}
    assert found["weekly"]["fewer"] <= found["weekly"]["balanced"] <= found["weekly"]["more"]


MIDNIGHT = datetime(2020, 11, 12, 16, tzinfo=UTC)


@pytest.mark.parametrize("now", [MIDNIGHT + timedelta(minutes=8), MIDNIGHT - timedelta(minutes=22)])
def test_what_has_just_fired_is_in_a_replay_up_to_now(watched: Home, now: datetime) -> None:
    # Between two ticks of the schedule, and also where the day of the documents has just ended.
    rule(watched, "num_events = 3")
    put(watched, *(
        document(
            100 + n, now - timedelta(minutes=n + 13), hosts=("檀木子",), negative_hosts=("檀木子",),
            indexed_at=now - timedelta(minutes=2),
        )
        for n in range(3)
    ))  # fmt: skip
    [live] = alert.check(watched, now, now).checked.firings
    since = now - timedelta(days=2)
    for until in (now, now + timedelta(days=1)):
        [found] = alert_history.replay(watched, since, until, now=now).firings
        assert (found.fired_at, found.evidence) == (now, live.evidence)
    explained = alert_history.explain(watched, "negatives", now, 90)
    assert explained.firings[-1].evidence == live.evidence and explained.until == now
    assert f"（截至{local(now):%Y-%m-%d %H:%M}）" in explained.expectation
    # Of what is to come nothing is said; a window that ended before knows nothing of it.
    before = alert_history.replay(watched, since, now - timedelta(minutes=12), now=now)
    assert not before.firings


def test_a_back_test_right_after_an_alarm_shows_it(watched: Home) -> None:
    rule(watched, "num_events = 3")
    moment = now()
    put(watched, *(
        document(
            100 + n, moment - timedelta(minutes=n), hosts=("檀木子",), negative_hosts=("檀木子",),
            indexed_at=moment,
        )
        for n in range(3)
    ))  # fmt: skip
    assert "檀木子" in fengping(watched, "alerts", "check").stdout
    window = ("--from", iso(moment - timedelta(days=3)), "--to", iso(moment + timedelta(days=2)))
    [line] = fengping(watched, "alerts", "test", *window, "--json").stdout.splitlines()
    fired_at = datetime.fromisoformat(json.loads(line)["fired_at"])
    assert moment - timedelta(seconds=1) <= fired_at <= now()
    assert f"… {local(now()):%Y-%m-%dT}" in fengping(watched, "alerts", "test", *window).stdout


def test_a_back_test_counts_by_key_and_month(watched: Home, tmp_path: Path) -> None:
    rule(watched, "num_events = 2")
    events = tmp_path / "events.jsonl"
    lines = [
        {"key": "檀木子", "at": "2020-11-10T08:00", "title": "投诉"},
        {"key": "何白露", "at": "2020-11-12T08:00", "title": "别的事"},
    ]
    events.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    window = ("--from", "2020-11-01", "--to", "2020-11-30")
    done = fengping(watched, "alerts", "test", *window, "--events", str(events))
    assert done.returncode == 0, done.stderr
    assert "caught 1 of 2 events" in done.stdout
    assert "false alarms 1" in done.stdout
    assert "median delay 1.0 h (n=1)" in done.stdout
    said = fengping(watched, "alerts", "test", *window, "--events", str(events), "--json")
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    assert [row["key"] for row in rows if "fired_at" in row] == ["檀木子", "檀木子", "阮小满"]
    assert [row for row in rows if "month" in row] == [
        {"month": "2020-11", "key": key, "firings": n, "false": false, "events": events_, "caught": caught,
         "delays": delays}
        for key, n, false, events_, caught, delays in (
            ("何白露", 0, 0, 1, 0, []), ("檀木子", 2, 0, 1, 1, [1.0]), ("阮小满", 1, 1, 0, 0, []),
        )
    ]  # fmt: skip
    part = ("--from", "2020-11-10T08:30", "--to", "2020-11-30")
    told = fengping(watched, "alerts", "test", *part, "--rule", "negatives", "--events", str(events))
    assert "caught 0 of 1 events" in told.stdout and "false alarms 1," in told.stdout, "阮小满 alone"
    events.write_text('{"key": "檀木", "at": "2020-11-10T08:00"}\n', encoding="utf-8")
    wrong = fengping(watched, "alerts", "test", *window, "--events", str(events))
    assert "No alarm has had the key '檀木'" in wrong.stderr and "'檀木子'" in wrong.stderr
    missing = fengping(watched, "alerts", "test", *window, "--events", str(tmp_path / "none"), "--json")
    assert (missing.returncode, missing.stdout) == (2, "") and "cannot be read" in missing.stderr
    events.write_text("{}\n", encoding="utf-8")
    refused = fengping(watched, "alerts", "test", *window, "--events", str(events))
    assert (refused.returncode, "Line 1" in refused.stderr) == (2, True)


def test_the_shipped_rule_can_be_replayed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert fengping(home, "init").returncode == 0
    done = fengping(home, "alerts", "test", "--from", "2020-11-01", "--to", "2020-11-02", "--json")
    assert (done.returncode, done.stdout) == (0, "")
    assert fengping(home, "alerts", "explain", "host-negatives").returncode == 0


@pytest.mark.parametrize(
    "command", [("check", "--at", "2020-11-10T12:30"), ("test", "--from", "2020-11-10", "--to", "2020-11-10")]
)
def test_the_rule_of_a_fresh_home_fires_at_the_first_negative_after_calm_days(
    home: Home, command: tuple[str, ...]
) -> None:
    calm = [
        document(n, START - timedelta(days=n), polarity=Polarity.NEU, hosts=("檀木子",)) for n in range(1, 20)
    ]
    trouble = document(30, START + timedelta(hours=4), hosts=("檀木子",), negative_hosts=("檀木子",))
    put(home, *calm, trouble)
    home.alerts.mkdir()
    template = TEMPLATES / "host-negatives.toml"
    (home.alerts / template.name).write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    done = fengping(home, "alerts", *command, "--json")
    [firing] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (firing["key"], firing["count"], firing["evidence"]) == ("檀木子", 1, [trouble.id])
    if command[0] == "check":
        assert "平时每1天0条" in fengping(home, "alerts", "list", "--json").stdout


def test_a_trial_of_a_time_without_documents_says_so(watched: Home) -> None:
    rule(watched, "num_events = 3")
    done = fengping(watched, "alerts", "test", "--from", "1990-01-01", "--to", "1990-01-31")
    assert "No document of this time is stored" in done.stderr
    assert "0 firings, 0.00 a week" in done.stdout and "()" not in done.stdout
    ahead = fengping(watched, "alerts", "test", "--from", "2099-01-01", "--to", "2099-01-31")
    assert ahead.returncode == 2 and "--from 2099-01-01 lies ahead" in ahead.stderr
    some = fengping(watched, "alerts", "test", "--from", "2020-11-01", "--to", "2020-11-30").stdout
    assert "by key and month" in some and "caught" not in some and "delay" not in some


def test_tables_of_alarms_and_silences_are_read_in_eighty_columns(watched: Home) -> None:
    rule(watched, "num_events = 3")
    (watched.alerts / "other.toml").write_text('name = "other"\nnum_events = 2\n', encoding="utf-8")
    fengping(watched, "alerts", "check", "--at", "2020-11-10T18:00")
    listed = fengping(watched, "alerts", "list", COLUMNS="80").stdout
    assert re.search(r"11-10 18:00 +│ negatives +│ 檀木子 ", listed), listed
    matched = ("key=檀木子", "rule=negatives", "--by", "甲", "--reason", "已知")
    fengping(watched, "alerts", "silence", *matched)
    assert "key=檀木子" in (said := fengping(watched, "alerts", "silence").stdout) and "{" not in said
    before = fengping(watched, "alerts", "check", "--at", "2020-11-10T12:00").stderr.replace("\n", " ")
    assert before.count("not judged") == 1 and "negatives, other: not judged, for they were" in before
