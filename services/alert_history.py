"""Alert rules looked at on a home's history: explained, and back-tested beside labelled events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from fengping.alerts import Firing, Rule, backtest
from fengping.alerts import explain as words
from fengping.alerts.backtest import Incident, Month
from fengping.alerts.decide import Cause
from fengping.alerts.match import histogram
from fengping.alerts.reading import fitting
from fengping.alerts.replay import of_rules
from fengping.alerts.replay import replay as replay_rules
from fengping.alerts.rules.spike import PRESETS, Preset, Spike
from fengping.clock import day_of, iso, local
from fengping.errors import meant
from fengping.home import Home
from fengping.indexer import Bucket, Filter, Interval, Store
from fengping.services.alert_counts import agency_alone, irrelevant, unknown_publishers, with_key
from fengping.services.alert_rules import ticks, usable
from fengping.services.labelled import read_events
from fengping.services.silencing import alike
from fengping.services.stores import the_store

MOMENT = timedelta(seconds=1)
_WEEK = 7
"""Days with documents under which alarms a week are a guess."""
_PRESETS = {Preset.FEWER.value: "少报", Preset.BALANCED.value: "平衡", Preset.MORE.value: "多报"}


@dataclass(frozen=True)
class Explained:
    """A rule in words and on its history."""

    rule: str
    sentence: str
    phrases: Sequence[str]
    """Its parts, each for itself."""
    drawing: Sequence[str]
    expectation: str
    firings: Sequence[Firing]
    titles: Mapping[str, str]
    weekly: Mapping[str, float]
    """Alarms a week on this history, by preset; ``now`` is the rule as it is."""
    counts: Sequence[tuple[date, int]] = ()
    """Documents that the rule counts, by day of the window that was replayed."""
    counted: Filter | None = None
    """The selection of these documents, with its window; ``None`` without history."""
    until: datetime | None = None
    """The moment up to which that was; ``None`` without history."""
    irrelevant: int = 0
    """Documents that would count, were they not judged to have nothing to do with livestream selling."""
    unknown: int = 0
    """Documents that count and have no known publisher, of a rule that asks for several."""
    least: int = 1
    """Publishers that the rule asks for."""
    days: float = 0.0
    """Days that hold documents."""
    agency: int = 0
    """Negatives that name an agency of the rule's hosts alone, and are left out."""
    shortened: int = 0
    """Documents to be read over all days that were asked for, where these were too many; else 0."""

    @property
    def is_guess(self) -> bool:
        """True where less than a week holds documents: alarms a week are a guess."""
        return self.days < _WEEK

    def title(self, firing: Firing) -> str:
        """The heading of the document that a firing is called by."""
        return self.titles.get(firing.lead, "")

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return {
            "rule": self.rule, "sentence": self.sentence, "weekly": dict(self.weekly),
            "until": iso(self.until), "days": len(self.counts), "shortened": self.shortened,
            "irrelevant": self.irrelevant, "agency_alone": self.agency, "unknown_publishers": self.unknown,
            "firings": [
                {"key": f.party, "fired_at": iso(f.fired_at), "count": f.count, "cause": f.cause.value}
                for f in self.firings
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Tested:
    """A back-test of rules."""

    firings: Sequence[Firing]
    rules: int
    titles: Mapping[str, str]
    months: Sequence[Month]
    summary: Sequence[str]
    left_out: Sequence[str]
    """Sentences on rules with a fault."""

    def title(self, firing: Firing) -> str:
        """The heading of the document that a firing is called by."""
        return self.titles.get(firing.lead, "")

    def month_records(self) -> list[dict[str, Any]]:
        """The flat JSON form of the months, delays in hours."""
        return [
            {
                "month": one.month, "key": one.key, "firings": one.firings, "false": one.false,
                "events": one.events, "caught": one.caught,
                "delays": [round(delay.total_seconds() / 3600, 2) for delay in one.delays],
            }
            for one in self.months
        ]  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """Firings of a replay."""

    firings: Sequence[Firing]
    rules: int
    left_out: Sequence[str] = ()


def explain(home: Home, name: str, now: datetime, days: int, *, store: Store | None = None) -> Explained:
    """A rule on the last *days* of the home's history that hold documents."""
    with the_store(home, store) as opened:
        [rule] = usable(home, opened, name).rules
        return explain_rule(home, rule, now, days, opened, presets=True)


def explain_rule(
    home: Home,
    rule: Rule,
    now: datetime,
    days: int,
    store: Store,
    *,
    presets: bool = False,
    most: int | None = None,
) -> Explained:
    """A rule, kept or not, on the last *days* that hold documents; with *presets* each is replayed too."""
    return explain_rules(home, [rule], now, days, store, presets=presets, most=most)[0]


def explain_rules(
    home: Home,
    rules: Sequence[Rule],
    now: datetime,
    days: int,
    store: Store,
    *,
    presets: bool = False,
    most: int | None = None,
) -> list[Explained]:
    """Several rules on the same days, in one pass where they read alike; *presets* of the first one.

    Where *most* documents would not do, on the last weeks that are read with them.
    """
    collected = store.histogram(Filter(until=now), Interval.DAY)
    if not collected:
        nothing = "尚无历史，无法预计预警次数。"
        return [
            Explained(rule.name, words.sentence(rule), words.phrases(rule), (), nothing, (), {}, {})
            for rule in rules
        ]
    last = collected[-1].start + timedelta(days=1)
    # What is so fresh may still have come in since its day ended.
    fresh = now - last < max(rule.max_age for rule in rules)
    stop = covered(now if fresh else last, now)
    start = max(stop - timedelta(days=days), collected[0].start)
    others = _presets(rules[0]) if presets else {}
    different: list[Rule] = []
    for rule in (*rules, *others.values()):
        if rule not in different:
            different.append(rule)
    start, whole = (start, 0) if most is None else fitting(different, store, start, stop, most)
    every = of_rules(different, store, start, stop, ticks(home, now))
    length = _length(collected, start, stop)
    weekly = {name: 7 * len(every[different.index(rule)]) / length for name, rule in others.items()}
    made = []
    for rule in rules:
        found = every[different.index(rule)]
        of_rule = {"now": 7 * len(found) / length} | (weekly if rule is rules[0] else {})
        window = _Window(start, stop, length)
        explained = _explained(rule, store, window, found, of_rule)
        left_out = agency_alone(home, rule, store, rule.selection(start, stop))
        if left_out:
            said = f"另有{left_out}条只点了所属公司，没有计入；要计入，另建按品牌的规则。"
            explained = replace(explained, agency=left_out, expectation=explained.expectation + said)
        made.append(replace(explained, days=length, shortened=whole))
    return made


@dataclass(frozen=True, slots=True)
class _Window:
    """The time that was replayed."""

    start: datetime
    stop: datetime
    days: float
    """Those of its days that hold documents."""


def _length(collected: Sequence[Bucket], start: datetime, stop: datetime) -> float:
    """Days of ``[start, stop)`` that hold documents: an alarm a day is seven a week, whatever was not
    collected."""
    first, last = day_of(start), day_of(stop - MOMENT)
    held = sum(first <= day_of(bucket.start) <= last for bucket in collected if bucket.count)
    return max(1.0, (stop - start) / timedelta(days=1) - ((last - first).days + 1 - held))


def _explained(
    rule: Rule,
    store: Store,
    window: _Window,
    found: Sequence[Firing],
    weekly: Mapping[str, float],
) -> Explained:
    start, stop = window.start, window.stop
    until = stop - MOMENT
    counted = rule.selection(start, stop)
    counts = histogram(rule, store, counted, Interval.DAY)
    by_day = {day_of(bucket.start): bucket.count for bucket in counts}
    first, last = day_of(start), day_of(until)
    of_keys = with_key(rule, store, counted)
    drawn = words.drawing(by_day if of_keys is None else of_keys, found, first, last)
    course = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    unknown = unknown_publishers(rule, store, counted)
    expectation = _expectation(weekly, window, until)
    if unknown:
        expectation += (
            f"其中{unknown}条发布者不详，同一来源只算一个发布者，而规则要求至少{rule.min_publishers}个。"
        )
    return Explained(
        rule.name, words.sentence(rule), words.phrases(rule), drawn, expectation, found,
        _titles(store, found), weekly, [(day, by_day.get(day, 0)) for day in course], counted, until,
        irrelevant(rule, store, counted), unknown, rule.min_publishers,
    )  # fmt: skip


def _presets(rule: Rule) -> dict[str, Rule]:
    """The rule as each preset has it; none for a kind without presets. What the rule sets itself stays."""
    if not isinstance(rule, Spike):
        return {}
    of_preset = {key for key, value in PRESETS[rule.preset].items() if getattr(rule, key) == value}
    return {
        preset.value: rule.model_copy(update={key: values[key] for key in of_preset})
        for preset, values in PRESETS.items()
    }


def replay(
    home: Home,
    since: datetime,
    until: datetime,
    *,
    now: datetime | None = None,
    rule: str | None = None,
    store: Store | None = None,
) -> Replayed:
    """The firings of stored history in ``[since, until)``, in time order. Sends and keeps nothing.

    A window that reaches *now* ends with a check at this moment.
    """
    with the_store(home, store) as opened:
        found = usable(home, opened, rule)
        firings = replay_rules(found.rules, opened, since, covered(until, now), ticks(home, now))
        return Replayed(list(firings), len(found.rules), list(found.left_out.values()))


def covered(until: datetime, now: datetime | None) -> datetime:
    """The end of a window that was to end at *until*: of what is to come nothing can be said."""
    return until if now is None or until < now else now + MOMENT


def back_test(
    home: Home,
    since: datetime,
    until: datetime,
    *,
    now: datetime | None = None,
    rule: str | None = None,
    events: Path | None = None,
    follow_ups: bool = False,
    store: Store | None = None,
) -> Tested:
    """The whole rule set (or one rule) over history, by key and month, beside labelled *events*.

    Of watched events the first alarm, with *follow_ups* every one.
    A window that reaches *now* ends with a check at this moment.
    """
    until = covered(until, now)
    # What began before the window may be told within it: that is no false alarm.
    labelled = read_events(events) if events else None
    incidents = [one for one in labelled or () if since <= one.at < until]
    with the_store(home, store) as opened:
        wanted = usable(home, opened, rule)
        fired = replay_rules(wanted.rules, opened, since, until, ticks(home, now))
        found = [one for one in fired if follow_ups or not one.gravity or one.cause is Cause.FIRST]
        months = backtest.by_month(found, incidents, labelled)
        summary = backtest.summary(found, incidents, (until - since) / timedelta(days=7), labelled)
        left_out = [*wanted.left_out.values(), *_mistyped(home, incidents, found)]
        if not found and not opened.count(Filter(since=since, until=until)):
            left_out.append("No document of this time is stored: nothing could fire.")
        return Tested(found, len(wanted.rules), _titles(opened, found), months, summary, left_out)


def _mistyped(home: Home, incidents: Sequence[Incident], found: Sequence[Firing]) -> Iterator[str]:
    keys = {firing.party for firing in found}
    for key in dict.fromkeys(one.key for one in incidents):
        if key not in keys and (near := alike(home, key, keys)):
            asked = meant([repr(one) for one in near])
            yield f"No alarm has had the key {key!r}: its events count as missed. {asked}"


def _titles(store: Store, firings: Sequence[Firing]) -> dict[str, str]:
    wanted = list(dict.fromkeys(firing.lead for firing in firings if firing.lead))
    return {document.id: (document.raw.title or document.raw.text)[:40] for document in store.get(wanted)}


def _expectation(weekly: Mapping[str, float], window: _Window, until: datetime) -> str:
    days = round((window.stop - window.start) / timedelta(days=1))
    held = f"里有信息的{window.days:.0f}天" if round(window.days) < days else "的历史"
    text = f"按最近{days}天{held}（截至{local(until):%Y-%m-%d %H:%M}），预计每周{weekly['now']:.1f}次预警"
    others = [f"{_PRESETS[name]}{value:.1f}次" for name, value in weekly.items() if name != "now"]
    if window.days < _WEEK:
        text += f"（有信息的只有{window.days:.0f}天，不足一周，每周次数只是推算）"
    return f"{text}（各档灵敏度每周：{'、'.join(others)}）。" if others else f"{text}。"
