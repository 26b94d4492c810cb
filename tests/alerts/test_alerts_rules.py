"""Rule files: what they may say, one sentence for each mistake, and a kind of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.alerts.making import START, fengping, rule_of
from tests.making import document

from fengping.alerts import Moment, load_rules
from fengping.alerts.baseline import Need, Reference
from fengping.alerts.check import check
from fengping.alerts.explain import phrases, sentence
from fengping.alerts.manners import Manners
from fengping.alerts.rules import Rule, kinds, make_rule, read_rules
from fengping.alerts.rules.counting import Counting
from fengping.alerts.rules.spike import PRESETS, Preset
from fengping.delivery import Outbox
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import open_store, open_store_url
from fengping.indexer.search import Lookup
from fengping.models import Act, Polarity
from fengping.services.alert_history import explain_rule
from fengping.services.alert_rules import files
from fengping.web.rendering import phrase


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_defaults_and_values(tmp_path: Path) -> None:
    [rule] = load_rules(write(tmp_path, 'name = "x"\nnum_events = 5\ntimeframe = "90m"\n'))
    assert (rule.kind, rule.timeframe, rule.realert) == (
        "frequency",
        timedelta(minutes=90),
        timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\ntime_frame = "1h"', "Did you mean 'timeframe'?"),
        ('name = "x"\ntimeframe = "soon"', "write 30m, 24h, 7d or 2w"),
        ('name = "x"\ntimeframe = "0h"', "zero"),
        ('name = "x"\nkind = "spik"', "Did you mean 'spike'?"),
        ('name = "x"\nkind = 3', "unknown kind 3"),
        ('name = "x"\nkind = "spike"\ntimeframe = "90m"', "whole hours"),
        ('name = "x"\nkind = "spike"\nreference = "1d"', "at least two days"),
        ('name = "x"\nkind = "spike"\nspike_height = 1', "greater than 1"),
        ('name = "x"\nkind = "spike"\npreset = "lots"', "'fewer', 'balanced' or 'more'"),
        ('name = "x"\nkind = "percentage_match"', "max_percentage"),
        ('name = "x"\nnum_events = 0', "greater than or equal to 1"),
        ('name = "x"\nkind = "flatline"\nmin_publishers = 2', "leave min_publishers out"),
        ('name = "x"\nkey_by = "hosst"', "Did you mean 'host'?"),
        ('name = "x"\nquery = "(a"', "bracket"),
        ('name = "x"\nchannels = []', "channels"),
        ('name = "x"\ninhibits = ["y"]', "inhibits the unknown rule 'y'"),
        ('name = "x"\ninhibits = ["x"]', "The rule 'x' inhibits itself (x → x)"),
        ("num_events = 3", "'name' is missing"),
        ('name = x"', "not valid TOML"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_file_or_rule(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_rules(write(tmp_path, text))
    assert said in str(caught.value)
    assert "a.toml" in str(caught.value) or "'x'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_of_rules_that_inhibit_each_other_the_last_is_refused(tmp_path: Path) -> None:
    for name, inhibits in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        write(tmp_path, f'name = "{name}"\ninhibits = ["{inhibits}"]', f"{name}.toml")
    rules, faults = read_rules(tmp_path)
    assert (list(rules), list(faults)) == (["a", "b", "d"], ["c"])
    assert str(faults["c"]) == (
        "The rule 'c' inhibits itself (c → a → b → c): nothing of it would be told. "
        "Take one of these names out of inhibits."
    )


def test_two_rules_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, 'name = "x"')
    with pytest.raises(ConfigError, match="another file"):
        load_rules(write(tmp_path, 'name = "x"', "b.toml"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('hosts = ["李佳琪"]', "Did you mean '李佳琦'?"),
        ('hosts = ["没有这个人"]', "hosts"),
        ('classes = ["C99"]', "Did you mean 'C"),
        ('classes = ["假冒伪造"]', "Did you mean 'C03 假冒伪劣'?"),
        ('hosts = ["李佳其"]', "Did you mean 李佳琦 or 李佳航?"),
        (
            'hosts = ["甲乙丙丁"]\nclasses = ["无此类"]',
            "For hosts '甲乙丙丁': See: fengping hosts list. For classes '无此类': Known: C01 ",
        ),
        (
            'hosts = ["甲乙丙丁", "戊己庚辛"]',
            "For hosts '甲乙丙丁', hosts '戊己庚辛': See: ",
        ),
        ('platforms = ["抖因"]', "platforms"),
        ('sources = ["weibo-hott"]', "Did you mean 'weibo-hot'?"),
        ('channels = ["stdot"]', "Did you mean 'stdout'?"),
        ('channels = ["webhook:$HOOK"]', "delivery.toml"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("test", "--from", "2020-11-01", "--to", "2020-11-02")])
def test_unknown_names_are_refused_with_the_nearest(
    home: Home, line: str, said: str, command: tuple[str, ...]
) -> None:
    home.alerts.mkdir()
    write(home.alerts, f'name = "mine"\n{line}')
    done = fengping(home, "alerts", *command)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "'mine'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('name = "bad"\nsources = ["weibo-hott"]', "'bad' names 'weibo-hott' in sources"),
        ('name = "bad"\nhosts = ["没有这个人"]', "'bad' names '没有这个人' in hosts"),
        ('name = "bad"\nnum = 3', "unknown key 'num'"),
        ('name = "bad', "not valid TOML"),
        ('name = "good"', "a rule named 'good' stands in another file too"),
    ],
)
def test_a_rule_with_a_fault_is_told_and_the_others_go_on(home: Home, bad: str, said: str) -> None:
    store = open_store(home)
    store.put([document(n, START, hosts=("甲",), negative_hosts=("甲",)) for n in range(3)])
    store.close()
    home.alerts.mkdir()
    write(
        home.alerts, 'name = "good"\nnum_events = 3\ninhibits = ["bad"]' if "bad" in bad else 'name = "good"'
    )
    write(home.alerts, bad, "bad.toml")
    done = fengping(home, "alerts", "check", "--at", "2020-11-10T08:30", "--json")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["rule"] for line in done.stdout.splitlines()] == ["good"]
    assert said in done.stderr and done.stderr.count("Not checked: ") == 1
    tried = fengping(home, "alerts", "test", "--from", "2020-11-10", "--to", "2020-11-10")
    assert (tried.returncode, said in tried.stderr, "1 firings of 1 rules" in tried.stdout) == (0, True, True)
    alone = fengping(home, "alerts", "check", "--rule", "bad")
    assert (alone.returncode, said in alone.stderr) == (2, True)


def test_a_source_that_only_stored_documents_bear_is_known(home: Home) -> None:
    store = open_store(home)
    store.put([document(1, START, source="old-import")])
    store.close()
    home.alerts.mkdir()
    write(home.alerts, 'name = "mine"\nsources = ["old-import"]')
    assert fengping(home, "alerts", "check").returncode == 0


def test_the_rules_that_an_older_version_laid_into_homes_still_load(tmp_path: Path) -> None:
    text = 'name = "x"\nkind = "spike"\nissues = ["C02"]\nalarms_per_timeframe = 1.0\nreference = "30d"'
    [rule] = load_rules(write(tmp_path, text))
    assert rule.classes == ("C02",)
    [rule] = load_rules(write(tmp_path, 'name = "x"\nkind = "threshold"'))
    assert type(rule) is kinds()["frequency"]


def test_a_preset_sets_what_the_rule_leaves_open() -> None:
    rule = make_rule({"name": "x", "kind": "spike", "preset": "more", "num_events": 7}, "x")
    values = rule.model_dump()
    assert values["num_events"] == 7
    assert values["spike_height"] == PRESETS[Preset.MORE]["spike_height"]


def test_only_relevant_negatives_that_are_no_answer_count() -> None:
    rule = make_rule({"name": "x"}, "x")
    accused = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",)}
    store = open_store_url("memory:")
    store.put([
        document(1, START, **accused),
        document(2, START, relevant=False, **accused),
        document(3, START, act=Act.RESPONSE, **accused),
        document(4, START, act=Act.RULE, **accused),
        document(5, START, act=Act.PROMOTION, **accused),
        document(6, START, polarity=Polarity.NEU, **accused),
        document(7, START, act=Act.PENALTY, **accused),
    ])  # fmt: skip
    assert sorted(d.raw.url[-1] for d in store.scan(rule.selection())) == ["1", "7"]
    everything = make_rule({"name": "x", "min_relevance": 0}, "x")
    assert sorted(d.raw.url[-1] for d in store.scan(everything.selection())) == ["1", "2", "7"]


@pytest.fixture
def even() -> Iterator[type[Rule]]:
    """A kind of rule in a file beside the others."""

    class Even(Counting):
        """Fires where the number of documents is even."""

        registered_as: ClassVar[tuple[str, ...]] = ("even",)

        def need(self, key: str, reference: Reference, at: datetime) -> Need:
            return Need(2, 2)

        def in_words(self) -> str:
            return "两条即预警"

    yield Even
    del Rule.registered["even"]


def test_a_further_kind_is_one_class(even: type[Rule], tmp_path: Path) -> None:
    [rule] = load_rules(write(tmp_path, 'name = "x"\nkind = "even"\nkey_by = "platform"'))
    assert isinstance(rule, even)
    assert "两条即预警" in sentence(rule)


@pytest.mark.parametrize(
    "kind", ["any", "frequency", "spike", "flatline", "percentage_match", "new_term", "watch"]
)
def test_every_kind_explains_itself_in_a_sentence(kind: str) -> None:
    extra = {"max_percentage": 50} if kind == "percentage_match" else {}
    said = sentence(make_rule({"name": "某规则", "kind": kind, **extra}, "x"))
    assert said.startswith(f"规则“某规则”（{kind}）")
    assert "预警" in said
    assert said.endswith("。")


def test_a_rule_watches_a_saved_query_by_its_name(tmp_path: Path) -> None:
    rule = 'name = "退款"\nkind = "frequency"\nnum_events = 3\ntimeframe = "1d"\nquery = "query:退款难 -甲"\n'
    (tmp_path / "a.toml").write_text(rule, encoding="utf-8")
    names = Lookup(queries={"退款难": "退款 NEAR/5 难"})
    [loaded] = load_rules(tmp_path, names=names)
    assert loaded.query == "NEAR/5(退款 难) AND NOT 甲"
    with pytest.raises(ConfigError, match=r"a\.toml, line 5: query: .*退款难"):
        load_rules(tmp_path, names=Lookup(queries={}))


@pytest.mark.parametrize(
    ("kind", "worse"),
    [
        ("spike", "同一对象1天内不重复，除非翻倍"),
        ("watch", "同一事件1天内不重复，除非加重"),
    ],
)
def test_a_rule_says_what_is_worse_for_its_keys(kind: str, worse: str) -> None:
    rule = make_rule({"name": "某规则", "kind": kind}, "x")
    assert f"{worse}；" in sentence(rule)
    english = [phrase(part, "en") for part in phrases(rule)]
    assert not any("除非" in part for part in english)


@pytest.mark.parametrize(
    ("values", "unless", "in_english"),
    [
        (
            {"kind": "percentage_match", "max_percentage": 50},
            "",
            "",
        ),
        ({"kind": "flatline"}, "", ""),
    ],
)
def test_a_rule_promises_of_what_is_worse_what_it_tells(
    values: dict[str, Any], unless: str, in_english: str
) -> None:
    rule = make_rule({"name": "某规则", **values}, "x")
    assert f"同一对象1天内不重复{unless}；" in sentence(rule)
    english = [phrase(part, "en") for part in phrases(rule)]
    assert f"not again for the same within 1 day{in_english}" in english


def test_nobody_is_meant_by_a_rule_without_keys() -> None:
    for values, whose in (
        ({}, "针对该对象的"), ({"key_by": "brand"}, "针对该对象的"), ({"key_by": "none"}, ""),
        ({"key_by": "class"}, ""),
    ):  # fmt: skip
        assert f"{whose}负面信息（回应、规则、推广不计）" in phrases(rule_of(**values))


def test_bars_show_what_has_a_key_and_weeks_are_of_days_that_hold_documents(home: Home) -> None:
    store = open_store_url("memory:")
    own = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",)}
    days = (0, 1, 2, 3, 30, 59)
    store.put([
        *(document(n, START + timedelta(days=day), **own) for n, day in enumerate(days)),
        # Of nobody: no alarm of a host counts these.
        *(document(100 + n, START + timedelta(days=1)) for n in range(9)),
    ])  # fmt: skip
    now = START + timedelta(days=70)
    one = explain_rule(home, rule_of(kind="any"), now, 90, store)
    assert one.drawing[0].endswith("最多一天1条")
    assert len(one.firings) == 6 and one.weekly["now"] == pytest.approx(7, rel=0.15)
    assert re.match("按最近60天里有信息的6天（", one.expectation), one.expectation
    nothing = explain_rule(home, rule_of(kind="any", hosts=("阮小满",)), now, 90, store)
    assert nothing.drawing[0].endswith("最多一天0条")


def test_classes_are_called_by_their_names_too(home: Home) -> None:
    home.alerts.mkdir()
    rule = make_rule({"name": "r", "classes": ["假冒伪劣", "C02"]}, "r")
    assert rule.classes == ("C03", "C02")
    write(home.alerts, 'name = "mine"\nclasses = ["假冒伪劣"]')
    [file] = files(home)
    assert file.data["classes"] == ["C03"], "the form shows it"


def test_a_silence_of_a_key_of_two_characters_that_is_nearly_one_is_refused(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "檀木"\n', encoding="utf-8")
    said = fengping(home, "alerts", "silence", "key=檀目", "--by", "甲", "--reason", "已知")
    assert said.returncode == 2 and "'檀木'" in said.stderr


@pytest.mark.parametrize(
    ("out", "dried_at", "others", "fires"),
    [
        ((242, 264), 999, True, []),  # we were out until now
        ((242, 262), 999, True, []),  # … and are back
        ((242, 256), 999, True, []),  # half of the usual came
        ((242, 245), 238, True, ["样例站"]),  # a short gap in a long silence
        ((999, 999), 238, True, ["样例站"]),
        ((999, 999), 238, False, ["样例站"]),  # nothing else tells that we were out
    ],
)
def test_a_gap_in_collecting_is_no_silence_of_a_source(
    home: Home, out: tuple[int, int], dried_at: int, others: bool, fires: list[str]
) -> None:
    now = START + timedelta(hours=264)
    hours = [hour for hour in range(264) if not out[0] <= hour < out[1]]
    store = open_store_url("memory:")
    store.put([
        document(2 * hour + own, START + timedelta(hours=hour), source="样例站" if own else "另一站")
        for hour in hours
        for own in (True, False)
        if (hour % 2 == 0 and hour < dried_at if own else others)
    ])  # fmt: skip
    rule = rule_of(kind="flatline", timeframe="24h", threshold=8, channels=["file"])
    done = check([rule], store, Outbox.open(home), Moment(now, now), Manners())
    assert [firing.key for firing in done.firings] == fires
