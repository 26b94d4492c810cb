"""The form of a rule: read into it and saved unchanged it is the same rule, and its trial is of that rule."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import tomlkit
from fastapi.testclient import TestClient
from lxml import html
from tests.making import document
from tests.web.conftest import HOST, NOW, client_of, token_of

from fengping.alerts.rules import Rule, kinds
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import alert_rules
from fengping.web.pages import rules as page

OTHER = 'name = "另一条"\n'
GIVEN: dict[str, Any] = {
    "enabled": False, "query": "退款 OR\n售后", "hosts": [HOST], "classes": ["C03", "C07"],
    "platforms": ["抖音"], "sources": ["ccn"], "key_by": "tier", "negative": False,
    "min_relevance": 0.2, "min_publishers": 3,
    "min_engagement": 7, "timeframe": "6h", "realert": "90m", "max_age": "36h", "reference": "14d",
    "min_history": "2d", "recover_ratio": 0.25, "recover_after": 2, "severity": "critical",
    "inhibits": ["另一条"], "channels": ["file"], "repeats": True, "preset": "fewer", "num_events": 9,
    "spike_height": 2.5, "deviations": 1.5, "alarms_per_week": 3.0, "threshold": 4, "max_percentage": 62.5,
    "min_percentage": 1.0, "min_denominator": 20, "parties": ["某店"], "aliases": {"某店": ["那家店"]},
    "quiet": "5d",
}  # fmt: skip
"""A value of every key that no kind has by itself."""
REFUSED = {"flatline": ("min_publishers",)}
"""Keys that a kind has and takes no value of."""


def keys_of(kind: str) -> dict[str, Any]:
    fields = kinds()[kind].model_fields
    found = {key: GIVEN[key] for key in fields if key not in ("name", "kind", *REFUSED.get(kind, ()))}
    return found | {name: not fields[name].default for name in ("negative", "repeats")}


def least_of(kind: str) -> dict[str, Any]:
    return {"max_percentage": 40} if kind == "percentage_match" else {}


def write(home: Home, **values: Any) -> None:
    home.alerts.mkdir(exist_ok=True)
    (home.root / "hosts.toml").write_text(f'[[host]]\nname = "{HOST}"\n', encoding="utf-8")
    (home.alerts / "other.toml").write_text(OTHER, encoding="utf-8")
    (home.alerts / "one.toml").write_text(tomlkit.dumps(values), encoding="utf-8")


def read(home: Home) -> Rule:
    rule = alert_rules.find(home, "这条").rule
    assert rule is not None
    return rule


def filled(text: str) -> dict[str, list[str]]:
    """The fields as a browser sends them: the line of an input holds no line ends."""
    form = html.fromstring(text).get_element_by_id("rule")
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value.replace("\n", "").replace("\r", ""))
    return sent


def saved(client: TestClient) -> Any:
    form = filled(client.get("/alerts/rule", params={"was": "这条"}).text)
    return client.post("/alerts/rule", data=form, follow_redirects=False)


def test_the_values_of_this_test_are_no_defaults() -> None:
    for kind, model in kinds().items():
        rule = model(**{"name": "这条", "kind": kind} | keys_of(kind))
        for key, field in model.model_fields.items():
            assert key in ("name", "kind", *REFUSED.get(kind, ())) or getattr(rule, key) != field.default, (
                kind,
                key,
            )


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_rule_with_every_key_is_the_same_after_it_is_saved(home: Home, kind: str) -> None:
    write(home, name="这条", kind=kind, **keys_of(kind))
    before, names = read(home), set(tomlkit.parse((home.alerts / "one.toml").read_text("utf-8")))
    with client_of(home) as client:
        assert saved(client).status_code == 303
    assert read(home) == before
    assert set(tomlkit.parse((home.alerts / "one.toml").read_text("utf-8"))) == names


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_rule_with_few_keys_is_the_same_after_it_is_saved(home: Home, kind: str) -> None:
    write(home, name="这条", kind=kind, **least_of(kind))
    before, text = read(home), (home.alerts / "one.toml").read_text("utf-8")
    with client_of(home) as client:
        assert saved(client).status_code == 303
    assert read(home) == before
    assert (home.alerts / "one.toml").read_text("utf-8") == text


@pytest.mark.parametrize("key", sorted(set(GIVEN) & set(alert_rules.FORM)))
def test_each_key_of_the_form_alone_stays(home: Home, key: str) -> None:
    kind = next(kind for kind, model in sorted(kinds().items()) if key in model.model_fields)
    write(home, name="这条", kind=kind, **least_of(kind) | {key: GIVEN[key]})
    before = read(home)
    with client_of(home) as client:
        assert saved(client).status_code == 303
    assert read(home) == before


def test_the_trial_counts_what_the_rule_counts(stocked: Home) -> None:
    """Also after the form was sent: only the platform and the source of the rule."""
    with closing(open_store(stocked)) as store:
        store.put(
            document(7000 + n, NOW - timedelta(minutes=n), f"{HOST}卖的是假货", hosts=(HOST,),
                     negative_hosts=(HOST,), source="ccn", platforms=("抖音",) if n else ())
            for n in range(4)
        )  # fmt: skip
    write(stocked, name="这条", kind="any", realert="0h", platforms=["抖音"], sources=["ccn"])
    with client_of(stocked) as client:
        asked = [{"was": "这条"}, filled(client.get("/alerts/rule", params={"was": "这条"}).text)]
        for params in asked:
            assert ">3</a> <small>条</small>" in client.get("/alerts/rule", params=params).text
            found = client.get("/alerts/rule.json", params=params).json()
            assert found["rule"] == "这条" and {one["count"] for one in found["firings"]} <= {1, 2, 3}


def test_the_form_offers_platforms_and_sources_and_refuses_others(client: TestClient) -> None:
    offered = html.fromstring(client.get("/alerts/rule").text)
    for name, one in (("platforms", "抖音"), ("sources", "ccn")):
        assert one in offered.xpath(f'//datalist[@id="known-{name}"]/option/@value')
        refused = client.get("/alerts/rule", params={"kind": "any", name: "无此"})
        assert "note ill" in refused.text and "无此" in refused.text


def test_a_key_of_the_first_version_is_shown_and_changed(home: Home) -> None:
    write(home, name="这条", issues=["C03"], alarms_per_timeframe=2)
    with client_of(home) as client:
        form = filled(client.get("/alerts/rule", params={"was": "这条"}).text)
        assert form["classes"] == ["C03"]
        client.post("/alerts/rule", data=form | {"classes": ["C03", "C07"]})
    assert read(home).classes == ("C03", "C07")


def test_a_kind_beside_the_shipped_ones_stays_chosen(home: Home) -> None:
    assert "threshold" in kinds() and "threshold" not in page.KINDS
    write(home, name="这条", kind="threshold")
    with client_of(home) as client:
        text = client.get("/alerts/rule", params={"was": "这条"}).text
    assert filled(text)["kind"] == ["threshold"]


def test_a_rule_that_cannot_be_read_keeps_its_name_and_what_is_wrong_in_it(home: Home) -> None:
    write(home, name="这条", severity="loud", classes=["C99"], hosts=HOST)
    with client_of(home) as client:
        form = filled(client.get("/alerts/rule", params={"was": "one"}).text)
    kept = (form["name"], form["severity"], form["classes"], form["hosts"])
    assert kept == (["这条"], ["loud"], ["C99"], [HOST])


def test_a_number_that_the_preset_would_change_is_written(home: Home) -> None:
    form = {"name": "这条", "kind": "spike", "preset": "fewer", "num_events": "1", "negative": "1"}
    with client_of(home) as client:
        client.post("/alerts/rule", data=form | {"token": token_of(client)})
    assert read(home).num_events == 1  # type: ignore[attr-defined]


def test_a_trial_that_would_read_much_is_of_the_last_weeks_until_all_are_asked_for(
    stocked: Home, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_store(stocked)) as store:
        store.put(
            [
                document(
                    n, NOW - timedelta(days=80 - n), f"{HOST}售假{n}", hosts=(HOST,), negative_hosts=(HOST,)
                )
                for n in range(80)
            ]
        )
    asked = {"name": "这条", "kind": "frequency", "num_events": "2", "timeframe": "3d", "negative": "1"}
    assert "先试算最近" not in client.get("/alerts/rule", params=asked).text
    monkeypatch.setattr(page, "READ", 20)
    short = html.fromstring(client.get("/alerts/rule", params=asked).text)
    assert "先试算最近" in short.text_content()
    [link] = [a.get("href") for a in short.iter("a") if a.text and a.text.startswith("试算全部")]
    few = client.get("/alerts/rule.json", params=asked).json()
    whole = client.get(link.replace("/alerts/rule?", "/alerts/rule.json?")).json()
    assert few["shortened"] > 20
    assert whole["shortened"] == 0
    assert whole["days"] > few["days"] >= 7
    assert len(whole["firings"]) > len(few["firings"]) > 0
    assert "先试算最近" not in client.get(link).text


@pytest.mark.parametrize(
    ("kind", "key"),
    [("flatline", "min_publishers"), ("percentage_match", "negative"), ("watch", "key_by")],
)
def test_the_form_asks_for_what_holds_for_the_kind(client: TestClient, kind: str, key: str) -> None:
    shown = filled(client.get("/alerts/rule", params={"kind": kind}).text)
    other = filled(client.get("/alerts/rule", params={"kind": "frequency", "negative": "1"}).text)
    assert key not in shown and key in other


def test_a_rule_of_the_kind_that_a_watch_replaced_is_a_watch(home: Home) -> None:
    write(home, name="这条", kind="new_event", num_events=3, min_publishers=2)
    assert (read(home).kind, alert_rules.find(home, "这条").data["kind"]) == ("watch", "watch")


def test_what_a_rule_leaves_out_for_its_relevance_is_told_and_can_be_counted(
    stocked: Home, client: TestClient
) -> None:
    told = [
        document(7000 + n, NOW - timedelta(hours=n), f"林小禾家的锅漏水{n}", negative_hosts=("林小禾",))
        for n in range(5)
    ]
    (stocked.root / "hosts.toml").write_text('[[host]]\nname = "林小禾"\n', encoding="utf-8")
    with closing(open_store(stocked)) as store:
        store.put([one.with_judgement(relevant=n < 2) for n, one in enumerate(told)])
    asked = {
        "name": "这条", "kind": "frequency", "hosts": "林小禾", "num_events": "3", "timeframe": "1d",
        "negative": "1",
    }  # fmt: skip
    shown = html.fromstring(client.get("/alerts/rule", params=asked).text)
    assert "另有 3 条" in shown.text_content()
    [link] = [a.get("href") for a in shown.iter("a") if a.text == "看这些"]
    assert client.get(link.replace("/search?", "/search.json?")).json()["total"] == 3
    assert client.get("/alerts/rule.json", params=asked).json()["firings"] == []
    every = asked | {"min_relevance": "0"}
    assert "与带货无关，没有计入" not in client.get("/alerts/rule", params=every).text
    assert [one["count"] for one in client.get("/alerts/rule.json", params=every).json()["firings"]]


def test_the_older_of_two_open_forms_is_not_written_over_the_newer(home: Home) -> None:
    write(home, name="这条", kind="frequency", num_events=5)
    with client_of(home) as client:
        first, second = (filled(client.get("/alerts/rule", params={"was": "这条"}).text) for _ in range(2))
        kept = client.post("/alerts/rule", data=first | {"num_events": "9"}, follow_redirects=False)
        assert kept.status_code == 303
        sent = second | {"severity": "critical"}
        refused = client.post("/alerts/rule", data=sent)
        assert refused.status_code == 409 and "规则“这条”被改过" in refused.text
        typed = filled(refused.text)
        assert (typed["severity"], typed["seen"]) == (["critical"], second["seen"])
        assert filled(client.get("/alerts/rule", params=second).text)["seen"] == second["seen"]
        assert client.post("/alerts/rule", data=typed).status_code == 409  # however often it is sent
        rule = read(home)
        assert (rule.num_events, rule.severity) == (9, "warning")  # type: ignore[attr-defined]
        [link] = html.fromstring(refused.text).xpath('//a[text()="现在的规则"]/@href')
        anew = filled(client.get(link).text) | {"severity": ["critical"]}
        assert client.post("/alerts/rule", data=anew, follow_redirects=False).status_code == 303
    rule = read(home)
    assert (rule.num_events, rule.severity) == (9, "critical")  # type: ignore[attr-defined]


def test_a_rule_that_was_switched_meanwhile_takes_the_form(home: Home) -> None:
    write(home, name="这条", kind="frequency", num_events=5)
    with client_of(home) as client:
        form = filled(client.get("/alerts/rule", params={"was": "这条"}).text)
        client.post("/alerts/rule/switch", data={"name": "这条", "token": form["token"][0]})
        sent = form | {"num_events": ["9"]}
        assert client.post("/alerts/rule", data=sent, follow_redirects=False).status_code == 303
    rule = read(home)
    assert (rule.enabled, rule.num_events) == (False, 9)  # type: ignore[attr-defined]


def test_the_fixed_address_of_a_trial_tells_later_what_it_told_then(
    client: TestClient, stocked: Home
) -> None:
    asked = {"name": "x", "kind": "frequency", "num_events": "3", "negative": "1", "hosts": HOST}

    def told(address: str) -> list[str]:
        shown = html.fromstring(client.get(address).text)
        return [one.text_content() for one in shown.xpath('//*[@id="tried"]//*[@class="stats three"]//dd')]

    page = html.fromstring(client.get("/alerts/rule", params=asked).text)
    [fixed] = page.xpath("//link[@rel='canonical']/@href")
    then = told(fixed)
    with closing(open_store(stocked)) as store:
        store.put(
            document(9000 + n, NOW + timedelta(days=2, minutes=n), f"{HOST}又卖假货{n}", hosts=(HOST,),
                     negative_hosts=(HOST,))
            for n in range(30)
        )  # fmt: skip
    client.app.state.desk.now = lambda: NOW + timedelta(days=3)
    try:
        assert then and told(fixed) == then
        assert told(fixed.partition("&until=")[0]) != then
        fired = client.get(fixed.replace("/rule?", "/rule.json?")).json()["firings"]
        assert str(len(fired)) in then[2]
    finally:
        client.app.state.desk.now = lambda: NOW


@pytest.mark.parametrize("own", [{}, {"num_events": "4"}])
def test_each_preset_states_its_alarms_a_week(client: TestClient, stocked: Home, own: dict[str, str]) -> None:
    asked = {"kind": "spike", "timeframe": "24h", "realert": "24h", "negative": "1"} | own
    weekly = {
        preset: client.get("/alerts/rule.json", params=asked | {"preset": preset}).json()["weekly"]
        for preset in ("fewer", "balanced", "more")
    }
    for preset, stated in weekly.items():
        # Each states what it would be told under the others: what the form sets itself stays.
        assert stated == {"now": weekly[preset]["now"]} | {name: of["now"] for name, of in weekly.items()}
    assert weekly["more"]["now"] > 0
    text = client.get("/alerts/rule", params=asked | {"preset": "fewer"}).text
    levels = html.fromstring(text).get_element_by_id("levels")
    assert [float(one.text) for one in levels.iter("b")] == [
        pytest.approx(of["now"], abs=0.051) for of in weekly.values()
    ]
    assert "preset=more" in levels.findall("a")[2].get("href")


def test_a_rule_can_be_sent_to_a_route(client: TestClient, stocked: Home) -> None:
    text = '[recipients]\nlead = ["file"]\n[[routes]]\nname = "night"\nto = ["lead"]\n'
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    form = html.fromstring(client.get("/alerts/rule").text)
    offered = [one.get("value") for one in form.get_element_by_id("known-channels").iter("option")]
    assert {"file", "stdout", "lead", "night"} <= set(offered)


def test_advice_names_what_the_form_has_and_a_spike_says_when_little_is_enough(stocked: Home) -> None:
    with client_of(stocked) as client:
        quiet = {"kind": "new_term", "num_events": "900", "min_publishers": "900"}
        page = client.get("/alerts/rule", params=quiet).text
        assert "一次也不会触发" in page and "调低“至少几条”" in page and "或选“多报”" not in page
        shown = client.get("/alerts/rule", params={"kind": "spike", "num_events": "1"})
        assert "至少1条（平时没有的，1条就报；有信息的历史不足3天的，3条才报），即预警；若全部" in shown.text
        shown = client.get("/alerts/rule", params={"kind": "spike", "num_events": "1", "lang": "en"})
        assert "where there are none usually, 1 are enough; where fewer than 3 days of history" in shown.text
        assert "within 1 day (" in shown.text
