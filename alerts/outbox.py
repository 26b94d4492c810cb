"""Outbox: what one check tells, inhibited, held for quiet hours and digests, grouped, routed and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_

from sqlalchemy import Connection

from fengping.alerts import ledger, overall
from fengping.alerts.decide import Standing, Status
from fengping.alerts.gravity import Gravity
from fengping.alerts.group import Entry, Ready, of_group, of_many
from fengping.alerts.inhibit import speaking
from fengping.alerts.ledger import Kept
from fengping.alerts.manners import Manners
from fengping.alerts.recovery import Over, in_words
from fengping.alerts.route import Labels, everyone, labels_of, reached
from fengping.alerts.rules.rule import Rule
from fengping.alerts.rules.watch import event_of
from fengping.alerts.silences import Silence
from fengping.alerts.silences import labels_of as silenced_by
from fengping.clock import day_of, day_start, iso, local
from fengping.delivery import Message, Outbox, Severity
from fengping.delivery.book import Receivers

_DAY = timedelta(days=1)
_WHY_HELD = {
    "held": "在免打扰时段", ledger.DIGEST: "单条投诉，每日汇总", "silenced": "当时静默",
    "inhibited": "当时由另一规则代告", ledger.UNHEARD: "当时没有路由收下",
}  # fmt: skip


@dataclass
class Telling:
    """Collects what one check has to tell and writes it into the outbox, within the check's transaction."""

    outbox: Outbox
    connection: Connection
    now: datetime
    clock: datetime
    manners: Manners
    rules: Sequence[Rule]
    """The rules that are judged."""
    beside: Sequence[Rule] = ()
    """Rules that are not judged now, and may speak for these."""
    holding: Sequence[Silence] = ()
    """Silences that are in force, as they are when the messages are written."""
    written: int = 0
    _alarms: list[Ready] = field(default_factory=list)
    _gaps: list[tuple[Rule, timedelta, Sequence[str]]] = field(default_factory=list)
    _over: list[Over] = field(default_factory=list)
    _urgent: frozenset[tuple[str, str]] = frozenset()
    """Rules and keys of the critical alarms of this check that somebody gets."""

    def alarm(self, ready: Ready) -> None:
        """Takes an alarm in, to be told with others."""
        self._alarms.append(ready)

    def gap(self, rule: Rule, lasting: timedelta, names: Sequence[str]) -> None:
        """Takes in that affairs would be over had the rule been checked meanwhile."""
        self._gaps.append((rule, lasting, names))

    def resolved(self, over: Over) -> None:
        """Takes an affair in that is over, to be told once all rules are judged."""
        self._over.append(over)

    def finish(self) -> None:
        """Writes the messages down."""
        by_name = {rule.name: rule for rule in self.rules}
        every = {rule.name: rule for rule in self.beside} | by_name
        self._tell_resolved()
        self._tell_alarms(every)
        self._tell_held(by_name, every)
        self._tell_gaps()
        self._tell_calm()

    def _tell_resolved(self) -> None:
        """Tells what is over, once, to whoever was told of it: of one key one message to each."""
        active = self._active()
        for key in dict.fromkeys(over.key for over in self._over):
            told: dict[tuple[str, str], list[tuple[Over, datetime]]] = {}
            for over in (one for one in self._over if one.key == key):
                for place, moment in self._told_of(over).items():
                    told.setdefault(place, []).append((over, moment))
            alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
            for place, parts in told.items():
                alike.setdefault(tuple(over.rule.name for over, _ in parts), []).append(place)
            still = [name for name, other in active if other == key]
            for names, places in alike.items():
                overs = [over for over, _ in told[places[0]]]
                text = in_words(overs, still, self.now)
                message = Message(
                    key=f"resolved {' '.join(names)} {key} {iso(self.now)}", subject=text.subject,
                    lines=text.lines, severity=text.severity, labels=text.labels, thread=f"alarm {key}",
                    link=self.manners.link("alerts", str(overs[0].numbers[-1])),
                )  # fmt: skip
                to = Receivers({place: max(moment for _, moment in told[place]) for place in places})
                self.written += self.outbox.post(message, to, self.clock, self.connection)

    def _told_of(self, over: Over) -> Mapping[tuple[str, str], datetime]:
        """Places that were told of an affair by its own rule, with the moment at which each hears that it is
        over."""
        begins = self._begins(Severity.INFO)
        told = {
            # Not before the alarm itself, which may wait for the hours of a route.
            (one.channel, one.address): max(one.due_at, begins) if one.status == "waiting" else begins
            for kept in over.alarms
            if kept.letter
            for one in self.outbox.of(kept.letter)
            if one.channel in self.outbox.book.channels
        }
        # Others got a message that spoke of this rule beside their own, which may still be firing.
        own = {
            place
            for kept in over.alarms
            for place in self._of_kept(kept, over.rule, kept.firing.fired_at)[1].places
        }
        return {place: moment for place, moment in told.items() if place in own} or told

    def _active(self) -> dict[tuple[str, str], Standing]:
        """Everything that fires by rules that somebody judges: one that was disabled meanwhile never ends."""
        names = {rule.name for rule in (*self.rules, *self.beside)}
        return {place: one for place, one in ledger.active(self.connection).items() if place[0] in names}

    def _tell_alarms(self, rules: Mapping[str, Rule]) -> None:
        active = self._active()
        quiet = self.manners.is_quiet(self.now)
        to = {ready.id: self._to(ready) for ready in self._alarms}
        self._urgent = frozenset(
            (ready.rule.name, ready.firing.key)
            for ready in self._alarms
            if ready.is_critical and to[ready.id].places
        )
        unheard = {
            (ready.rule.name, ready.firing.key)
            for ready in self._alarms
            if not (to[ready.id].places or to[ready.id].dropped)
        }
        told: dict[str, list[Ready]] = {}
        for ready in self._alarms:
            urgent = self._urgent if ready.is_critical else None
            if speaking(self.connection, ready.firing, self.now, rules, active, unheard, urgent):
                ledger.mark_told(self.connection, [ready.id], "inhibited")
            elif ready.firing.gravity == Gravity.DIGEST:
                ledger.mark_told(self.connection, [ready.id], ledger.DIGEST)
            elif quiet and not ready.is_critical:
                ledger.mark_told(self.connection, [ready.id], "held")
            elif self._is_heard(ready.id, to[ready.id]):
                told.setdefault(event_of(ready.firing.key) or ready.firing.key, []).append(ready)
        # What is critical never stands in a list.
        calm = {key: group for key, group in told.items() if not any(one.is_critical for one in group)}
        if len(calm) >= self.manners.storm:
            self._digest([ready for group in calm.values() for ready in group])
        for key, group in told.items():
            if key not in calm or len(calm) < self.manners.storm:
                self._tell(of_group(group, self.manners), [(one.id, self._to(one)) for one in group])

    def _digest(self, alarms: Sequence[Ready]) -> None:
        """The messages of a storm."""
        entries = [
            Entry(
                ready.id, ready.text.subject, ready.firing.count, ready.text.severity, ready.text.labels,
                self._to(ready),
            )
            for ready in alarms
        ]  # fmt: skip
        self._list(f"【预警汇总】{len(alarms)}次预警", entries, "storm", Severity.INFO)

    def _tell_held(self, rules: Mapping[str, Rule], every: Mapping[str, Rule]) -> None:
        """Tells what quiet hours, a silence or another rule kept back, once they are over."""
        if self.manners.is_quiet(self.now):
            return
        active = self._active()
        fresh = {ready.id for ready in self._alarms if ready.firing.gravity != Gravity.DIGEST}
        fresh |= self._not_yet()
        due = []
        for kept in ledger.untold(self.connection):
            standing = active.get((kept.firing.rule, kept.firing.key))
            still = (
                standing is not None
                and standing.status is Status.FIRING
                # What fires by now may be another affair of the key.
                and ledger.ended_at(self.connection, kept) is None
            )
            waited = kept.told in ("held", ledger.DIGEST)
            if kept.id in fresh or kept.firing.rule not in rules or not (still or waited):
                continue
            rule = rules[kept.firing.rule]
            if kept.told == "silenced" and self._is_hushed(kept, rule):
                continue
            is_critical = kept.told != "inhibited" and _severity(kept, rule) is Severity.CRITICAL
            urgent = self._urgent if is_critical else None
            if not waited and speaking(self.connection, kept.firing, self.now, every, active, (), urgent):
                continue
            own, to = self._of_kept(kept, rule, self.clock)
            if self._is_heard(kept.id, to):
                line, count = self._held_line(kept), kept.firing.count
                due.append(Entry(kept.id, line, count, _severity(kept, rule), own, to))
        least = max((one.severity for one in due), key=lambda one: one.urgency, default=Severity.INFO)
        self._list(f"【预警汇总】{len(due)}次预警，此前未通知", due, "held", least)

    def _not_yet(self) -> set[int]:
        """Alarms that wait for the day's digest, until it is time for it."""
        waiting = [kept for kept in ledger.untold(self.connection) if kept.told == ledger.DIGEST]
        last, at = (
            ledger.mark(self.connection, ledger.DIGEST),
            time.fromisoformat(self.manners.digest or "00:00"),
        )
        if waiting and local(self.now).time() >= at and not (last and day_of(last) == day_of(self.now)):
            ledger.set_mark(self.connection, ledger.DIGEST, self.now)
            return set()
        return {kept.id for kept in waiting}

    def _is_hushed(self, kept: Kept, rule: Rule) -> bool:
        labels = silenced_by(rule, kept.firing.key, kept.facts.get("classes", ()))
        return any(one.matches(labels) for one in self.holding)

    def _held_line(self, kept: Kept) -> str:
        """The subject of an alarm that was held, when it was made and why it was held, and that it is over
        where it is."""
        ended, subject = ledger.ended_at(self.connection, kept), kept.message.partition("\n")[0]
        line = f"{subject}，{local(kept.firing.fired_at):%m-%d %H:%M}"
        line += f"，{_WHY_HELD[kept.told]}"
        return f"{line}，已于{local(ended):%m-%d %H:%M}解除" if ended else line

    def _list(self, subject: str, alarms: Sequence[Entry], kind: str, least: Severity) -> None:
        """Names each alarm to whoever gets it, in as many messages as that takes."""
        link = self.manners.link("alerts")
        for message, part in of_many(subject, alarms, kind, least, self.now, link):
            self._tell(message, [(one.id, one.to) for one in part])

    def _tell(self, message: Message, alarms: Sequence[tuple[int, Receivers]]) -> None:
        """Sends the message of alarms to everyone who gets one of them by its own labels."""
        to = reduce(or_, (to for _, to in alarms))
        self.written += self.outbox.post(message, to, self.clock, self.connection)
        ids = [id for id, _ in alarms]
        ledger.mark_told(
            self.connection, [*ids, *ledger.waiting_with(self.connection, ids)], "told", message.key
        )

    def _is_heard(self, alarm: int, to: Receivers) -> bool:
        """True where somebody gets the alarm; else that is written down, and told by the watchman."""
        if not to.places:
            ledger.mark_told(self.connection, [alarm], "dropped" if to.dropped else ledger.UNHEARD)
        return bool(to.places)

    def _of_kept(
        self, kept: Kept, rule: Rule, moment: datetime
    ) -> tuple[Mapping[str, tuple[str, ...]], Receivers]:
        """Labels of an alarm that was written down before, and its receivers at a moment."""
        labels = labels_of(
            rule, kept.firing.key, kept.facts.get("classes", ()), kept.facts.get("platforms", ())
        )
        return labels, self._reached(rule, _severity(kept, rule), labels, moment)

    def _to(self, ready: Ready) -> Receivers:
        """Everyone who gets an alarm by its own labels."""
        return self._reached(ready.rule, ready.text.severity, ready.text.labels, self.clock)

    def _reached(self, rule: Rule, severity: Severity, labels: Labels, moment: datetime) -> Receivers:
        return reached(self.outbox.book, rule, severity, labels, moment, self.manners.quiet_for)

    def _tell_gaps(self) -> None:
        if self._gaps:
            message = overall.of_gaps(self._gaps, self.now, self.clock, self.manners.link)
            self._write(message, [rule for rule, *_ in self._gaps])

    def _tell_calm(self) -> None:
        """Once a day, at or after its time, where nothing is firing."""
        if not self.manners.all_calm or not self.rules:
            return
        at = time.fromisoformat(self.manners.all_calm)
        last = ledger.mark(self.connection, "all calm")
        if local(self.now).time() < at or (last and day_of(last) == day_of(self.now)):
            return
        ledger.set_mark(self.connection, "all calm", self.now)
        if not self._active():
            wishes = self.manners
            since = max(last or day_start(day_of(self.now)), self.now - _DAY)
            came = (since, wishes.came(since)) if wishes.came else None
            message = overall.of_calm(len(self.rules), self.now, wishes.lacking, wishes.link, came)
            self._write(message, self.rules)

    def _write(self, message: Message, rules: Sequence[Rule]) -> None:
        """Sends a message about *rules* as a whole."""
        begins = self._begins(message.severity)
        to = everyone(self.outbox.book, rules, message.severity, begins)
        self.written += self.outbox.post(message, to, self.clock, self.connection)

    def _begins(self, severity: Severity) -> datetime:
        """The moment from which a message goes out: the end of quiet hours, but for critical ones."""
        return self.clock if severity is Severity.CRITICAL else self.clock + self.manners.quiet_for(self.now)


def _severity(kept: Kept, rule: Rule) -> Severity:
    return Gravity(kept.firing.gravity).severity if kept.firing.gravity else rule.severity
