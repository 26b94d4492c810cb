"""From the journal into the store: every line in one status, nothing lost, nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.making import LONG
from tests.meanwhile import during, failing

from fengping.analysis import Judge
from fengping.analysis.polarity import SourceKind
from fengping.cli import main
from fengping.errors import Damaged, Failed, HomeBusy, SchemaTooNew, StoreDown
from fengping.home import Home
from fengping.indexer import Filter, index_lock, open_journal
from fengping.indexer.journal import Journal
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.indexer.pipeline.run import Summary
from fengping.indexer.search import MemoryStore, PutResult
from fengping.models import Document, Engagement, Judgement, Polarity, RawDocument, document_id
from fengping.services.correct import Changes, correct
from fengping.services.tagging import tag
from fengping.state import State

pytestmark = pytest.mark.slow

SEEN = datetime(2020, 11, 11, 12, tzinfo=UTC)
NOW = datetime(2020, 11, 12, tzinfo=UTC)


class FakeJudge:
    """Negative where a text says 差; judges no English; chokes on 噎."""

    def __init__(self) -> None:
        self.chokes_on = "噎"
        self.error: Exception | None = None
        """Raised for every text where there is one."""

    def judge(
        self, contents: Sequence[str], days: Sequence[date | None] = (), kinds: Sequence[SourceKind] = ()
    ) -> list[Judgement]:
        assert len(kinds) == len(contents)
        if self.error:
            raise self.error
        if any(self.chokes_on in content for content in contents):
            raise ValueError("cannot swallow 噎")
        return [
            Judgement(0.25, 0.75, Polarity.NEG, True, hosts=("青禾",), model=f"fake {day}")
            if "差" in content
            else Judgement(0.5, None, None, False)
            if content.isascii()
            else Judgement(0.75, 0.25, Polarity.NEU, False, model=f"fake {day}")
            for content, day in zip(contents, days, strict=True)
        ]


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    """The judge that every run loads."""
    judge = FakeJudge()
    monkeypatch.setattr(Judge, "load", lambda config, registries=(): judge)
    return judge


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


def make_home(root: Path, batch: int = 3) -> Home:
    text = f'store = "memory:"\n[analysis]\nbatch = {batch}\n'
    (root / "fengping.toml").write_text(text, encoding="utf-8")
    return Home.open(root)


def raw(name: str, text: str = "", *, minutes: int = 0, **changes: object) -> RawDocument:
    text = text or f"{name}：青禾直播间第{name}场的晚霞很好看"
    document = RawDocument(
        document_id(name), "sample", text, SEEN + timedelta(minutes=minutes), published_at=SEEN
    )
    return replace(document, **changes)  # type: ignore[arg-type]


def write(home: Home, *documents: RawDocument) -> None:
    with open_journal(home).writer() as writer:
        writer.append(*documents)


def run(home: Home, store: MemoryStore, at: datetime = NOW) -> Summary:
    summary = pipeline.index(home, store, indexed_at=at)
    assert sum(summary.statuses.values()) == summary.lines
    return summary


def contents(store: MemoryStore) -> dict[str, str]:
    return {document.id: document.raw.text for document in store.scan(Filter())}


def test_a_second_readers_judgement_of_the_same_text_stays(home: Home) -> None:
    store = MemoryStore()
    write(home, raw("一"))
    run(home, store)
    (first,) = store.scan(Filter())
    read = replace(first.judgement, polarity=Polarity.NEG, model=f"{first.judgement.model}+reader")
    store.update({first.id: {"polarity": read.polarity, "model": read.model}})
    write(home, raw("一", minutes=5))
    run(home, store)
    assert [d.judgement for d in store.scan(Filter())] == [read]
    write(home, raw("一", "青禾直播间质量差", minutes=9))
    run(home, store)
    assert [d.judgement.model for d in store.scan(Filter())] == [first.judgement.model]


def quarantined(home: Home) -> list[dict[str, object]]:
    path = home.quarantine / "index.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


class TestTheWayOfADocument:
    def test_what_was_collected_is_stored_judged_and_grouped(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一", "差评：青禾发货太慢"), raw("二"))
        assert run(home, store).statuses == {"new": 2}
        first = store.get([document_id("一")])[0]
        assert first.judgement.hosts == ("青禾",)
        assert first.judgement.model == "fake 2020-11-11"
        assert (first.group, first.first_in_group, first.indexed_at) == (first.id, True, NOW)

    def test_a_text_in_another_language_says_so_and_has_no_polarity(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("英", "The box that I bought in this stream was empty and nobody answers"), raw("二"))
        run(home, store)
        foreign, chinese = store.get([document_id("英"), document_id("二")])
        assert (foreign.raw.lang, foreign.judgement.polarity) == ("en", None)
        assert chinese.raw.lang == "zh"
        assert store.count(Filter(exclude={"polarity": ("neg", "neu", "pos")})) == 1

    def test_a_second_run_has_nothing_to_do(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一"))
        run(home, store)
        assert run(home, store) == Summary(0, {}, 0, 0, {}, finished=True)

    def test_a_home_without_a_journal_has_nothing_to_do(self, home: Home) -> None:
        assert run(home, MemoryStore()).lines == 0

    def test_reposts_are_grouped_and_earlier_documents_follow(self, home: Home) -> None:
        store = MemoryStore()
        text = (
            "昨晚青禾直播间卖出的羊毛衫被检出不含羊毛，平台称已下架并启动先行赔付，消费者可凭订单申请退款。"
        )
        write(home, raw("转", text))
        run(home, store)
        write(home, raw("首", text, published_at=SEEN - timedelta(days=1)))
        assert run(home, store).regrouped == 1
        documents = store.get([document_id("转"), document_id("首")])
        assert {d.group for d in documents} == {document_id("首")}
        assert [d.first_in_group for d in documents] == [False, True]


class TestVersions:
    def test_the_latest_version_counts_in_whatever_order_they_come(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一", "后来", minutes=9), raw("一", "原文"))
        assert run(home, store).statuses == {"new": 1, "older": 1}
        write(home, raw("一", "中间", minutes=5))
        assert run(home, store).statuses == {"older": 1}
        assert contents(store) == {document_id("一"): "后来"}
        write(home, raw("一", "最后", minutes=10))
        assert run(home, store).statuses == {"updated": 1}
        assert contents(store) == {document_id("一"): "最后"}

    def test_new_counts_are_no_new_arrival_and_a_new_text_is(self, home: Home) -> None:
        store, later = MemoryStore(), NOW + timedelta(hours=1)
        write(home, raw("一", "原文"))
        run(home, store)
        write(home, raw("一", "原文", minutes=5, engagement=Engagement(likes=9)))
        run(home, store, later)
        [document] = store.get([document_id("一")])
        assert (document.raw.engagement.likes, document.indexed_at) == (9, NOW)
        write(home, raw("一", "改过", minutes=6))
        run(home, store, later)
        assert store.get([document_id("一")])[0].indexed_at == later

    def test_what_was_set_of_a_stored_document_outlives_a_new_version(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一"))
        run(home, store)
        store.update({document_id("一"): {"event": "e1", "tags": ("重点",), "tier": "central"}})
        write(home, raw("一", "差评：改过的文字", minutes=5))
        run(home, store)
        [after] = store.get([document_id("一")])
        assert (after.event, after.tags, after.tier) == ("e1", ("重点",), "central")
        assert (after.raw.text, after.judgement.hosts) == ("差评：改过的文字", ("青禾",))


class TestRefused:
    def test_a_text_the_analysis_chokes_on_costs_itself_alone(self, home: Home) -> None:
        store = MemoryStore()
        write(home, *(raw(str(n), "噎住了" if n == 4 else "") for n in range(7)))
        assert run(home, store).statuses == {"new": 6, "unjudged": 1}
        [entry] = quarantined(home)
        assert (entry["line"], entry["reason"]) == (6, "ValueError: cannot swallow 噎")
        assert "噎住了" in str(entry["data"])

    def test_a_judge_that_cannot_work_is_told_and_nothing_is_set_aside(
        self, home: Home, judge: FakeJudge
    ) -> None:
        store = MemoryStore()
        write(home, raw("一"), raw("二", "噎住了"), raw("三"))
        for error in (PermissionError(13, "Permission denied", "kernel.nbi"), MemoryError(), KeyError("any")):
            judge.error = error
            with pytest.raises(Failed, match=f"cannot work on this machine: .*{type(error).__name__}|kernel"):
                run(home, store)
            assert (quarantined(home), store.count(Filter())) == ([], 0)
        judge.error = None
        assert run(home, store).statuses == {"new": 2, "unjudged": 1}

    def test_what_could_not_be_judged_is_taken_up_again_by_itself(self, home: Home, judge: FakeJudge) -> None:
        store = MemoryStore()
        write(home, raw("一"), raw("二", "噎住了"), raw("三", "也噎"), raw("四", "噎了"))
        assert run(home, store).statuses == {"new": 1, "unjudged": 3}
        assert run(home, store).statuses == {"unjudged": 3}
        write(home, raw("三", "后来的文字", minutes=5))
        assert run(home, store).statuses == {"new": 1, "unjudged": 3}
        assert (unjudged(home).count, unjudged(home).reason) == (3, "ValueError: cannot swallow 噎")
        assert [entry["line"] for entry in quarantined(home)] == [3, 4, 5]
        judge.chokes_on = "无"
        assert run(home, store).statuses == {"new": 2, "older": 1}
        assert contents(store)[document_id("二")] == "噎住了"
        assert contents(store)[document_id("三")] == "后来的文字"
        assert (quarantined(home), unjudged(home).count) == ([], 0)
        assert run(home, store).lines == 0

    def test_a_run_that_died_before_its_cursor_moved_loses_no_refusal(self, home: Home) -> None:
        write(home, raw("一"), raw("二", "噎住了"))
        run(home, MemoryStore())
        run(home, MemoryStore())  # an empty store: everything is read again
        assert unjudged(home).count == 1

    def test_every_line_ends_in_one_status(self, home: Home) -> None:
        write(home, raw("一"), raw("一"), raw("二", "噎"), raw("三"))
        open_journal(home).erase(lambda document: document.id == document_id("三"))
        torn = home.journal / "00000002.jsonl"
        torn.write_bytes(b'{"journal":1}\nnoise\n{"id":')
        assert run(home, MemoryStore()).statuses == {
            "new": 1, "older": 1, "unjudged": 1, "corrupt": 1, "torn": 1, "erased": 1,
        }  # fmt: skip
        assert [(e["file"], e["line"], e["status"]) for e in quarantined(home)] == [
            ("00000001", 4, "unjudged"),
            ("00000002", 2, "corrupt"),
            ("00000002", 3, "torn"),
        ]

    def test_a_newer_journal_is_refused(self, home: Home) -> None:
        home.journal.mkdir(parents=True)
        (home.journal / "00000001.jsonl").write_bytes(b'{"journal":2}\n')
        with pytest.raises(SchemaTooNew, match="Upgrade"):
            run(home, MemoryStore())

    def test_two_indexers_on_one_home_are_refused(self, home: Home) -> None:
        with index_lock(home), pytest.raises(HomeBusy, match=r"Process \d+ already writes .*nothing is lost"):
            run(home, MemoryStore())
        run(home, MemoryStore())


class GuardedStore(MemoryStore):
    """Refuses to be read whole while it is not *readable*."""

    readable = True

    def scan(self, *arguments: Any, **more: Any) -> Iterator[Document]:
        assert self.readable, "the whole store is read"
        return super().scan(*arguments, **more)


class FaultyStore(GuardedStore):
    """Goes down, or is killed, at the n-th write (put, regroup, …), before or after it took effect."""

    def __init__(self, after: int, error: Callable[[], BaseException], *, late: bool = False) -> None:
        super().__init__()
        self.calls, self.after, self.error, self.late = 0, after, error, late

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        self._count(early=True)
        result = super().put(documents, known, keep_events=keep_events)
        self._count(early=False)
        return result

    def _count(self, *, early: bool) -> None:
        if early:
            self.calls += 1
        if self.calls == self.after and early != self.late:
            self.after = -1
            raise self.error()


class Killed(BaseException):
    """Stands for SIGKILL where the process must go on to be looked at."""


class Death:
    """Strikes once: from then on nothing is written into the state database, as after SIGKILL."""

    def __init__(self) -> None:
        self.struck = False

    def strike(self) -> Killed:
        self.struck = True
        return Killed()


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> Death:
    death, real = Death(), State.begin

    def begin(state: State) -> AbstractContextManager[Connection]:
        if death.struck:
            raise Killed
        return real(state)

    monkeypatch.setattr(State, "begin", begin)
    return death


FIRST_AND_LAST = [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long), 4]


class TestBreakingOff:
    def test_a_store_that_is_down_holds_the_cursor(self, home: Home) -> None:
        store = FaultyStore(3, lambda: StoreDown("The store is away."))
        write(home, *(raw(str(n)) for n in range(75)))
        with pytest.raises(
            StoreDown, match=r"away\. 30 lines were indexed.*nothing is lost, nothing doubled"
        ):
            run(home, store)
        assert store.count(Filter()) == 30
        assert run(home, store).statuses == {"new": 45}
        assert store.count(Filter()) == 75

    def test_the_command_says_in_a_sentence_that_the_store_is_down(
        self, home: Home, capfd: pytest.CaptureFixture[str]
    ) -> None:
        write(home, raw("一"))
        home.config_file.write_text('store = "elasticsearch+http://127.0.0.1:9/none"\n', encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), "index"])
        assert ended.value.code == 1
        said = capfd.readouterr().err
        assert "127.0.0.1:9 does not answer" in said
        assert "Traceback" not in said
        home.config_file.write_text('store = "memory:"\n', encoding="utf-8")
        assert run(Home.open(home.root), MemoryStore()).statuses == {"new": 1}

    @pytest.mark.long
    @pytest.mark.parametrize("late", [False, True])
    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    def test_a_run_that_dies_in_a_put_is_made_good_by_the_next(
        self, tmp_path: Path, call: int, late: bool, death: Death
    ) -> None:
        expected = _indexed(make_home(_folder(tmp_path, "whole")), MemoryStore())
        home, store = make_home(_folder(tmp_path, "broken")), FaultyStore(call, death.strike, late=late)
        with pytest.raises(Killed):
            _indexed(home, store)
        death.struck = False
        assert _indexed(home, store) == expected

    @pytest.mark.parametrize("call", FIRST_AND_LAST)
    def test_a_store_that_goes_down_in_any_call_is_made_good_by_the_next_run(
        self, tmp_path: Path, call: int
    ) -> None:
        expected = _indexed(make_home(_folder(tmp_path, "whole")), MemoryStore())
        home, store = make_home(_folder(tmp_path, "broken")), FaultyStore(call, lambda: StoreDown("Away."))
        with pytest.raises(StoreDown):
            _indexed(home, store)
        # The changes of both loads were written down: there is no need to read the whole store.
        store.readable = False
        run(home, store)
        store.readable = True
        assert _indexed(home, store) == expected

    @pytest.mark.parametrize("call", FIRST_AND_LAST)
    def test_a_run_that_dies_while_grouping_is_made_good_by_the_next(
        self, tmp_path: Path, call: int, death: Death
    ) -> None:
        expected = _indexed(make_home(_folder(tmp_path, "whole")), MemoryStore())
        home, store = make_home(_folder(tmp_path, "broken")), GuardedStore()

        def dies() -> None:
            raise death.strike()

        with during(pipeline.Groups, "add", dies, call=call, after=True), pytest.raises(Killed):
            _indexed(home, store)
        death.struck = False
        # What was grouped and told to nobody comes again: there is no need to read the whole store.
        store.readable = False
        run(home, store)
        store.readable = True
        assert _indexed(home, store) == expected

    @pytest.mark.parametrize("left", ["groups.old", "groups.new"])
    def test_a_rebuild_that_dies_while_groups_change_places_is_finished(
        self, tmp_path: Path, left: str
    ) -> None:
        expected = _indexed(make_home(_folder(tmp_path, "whole")), MemoryStore())
        home, store = make_home(_folder(tmp_path, "broken")), MemoryStore()
        write(home, *_documents()[:60])
        run(home, store)
        groups = home.var / "groups"
        if left == "groups.new":
            shutil.copytree(groups, home.var / left)
            groups.rename(home.var / "groups.old")
        else:
            shutil.copytree(groups, home.var / left)
        write(home, *_documents()[60:])
        assert _indexed(home, store) == expected
        assert not list(home.var.glob("groups.*"))

    def test_refused_lines_are_not_told_twice(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一", "噎"), raw("二"))
        with failing(StoredCursor, "move", Killed()), pytest.raises(Killed):
            run(home, store)
        run(home, store)
        assert len(quarantined(home)) == 1

    def test_asked_to_stop_it_puts_what_was_judged_and_goes_on_later(self, home: Home) -> None:
        store, asked = MemoryStore(), iter([False, False, True])
        write(home, *(raw(str(n)) for n in range(30)))
        summary = pipeline.index(home, store, indexed_at=NOW, stopping=lambda: next(asked))
        assert (summary.finished, summary.lines) == (False, 6)
        assert run(home, store).statuses == {"new": 24}


STORY = "昨晚青禾直播间卖出的{}被检出与宣传不符，平台称已下架并启动先行赔付，消费者可凭订单申请退款。"


def _documents() -> list[RawDocument]:
    """Six stories told twenty times each, later tellings read first."""
    goods = ("羊毛衫", "电热毯", "蜂蜜柚子茶", "儿童安全座椅", "降噪耳机", "野生黑木耳")
    return [
        raw(f"{n}", STORY.format(goods[n % 6]) + f"第{n}位网友转述", published_at=SEEN - timedelta(minutes=n))
        for n in range(120)
    ]


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _indexed(home: Home, store: MemoryStore) -> list[dict[str, object]]:
    if not home.journal.exists():
        write(home, *_documents())
    run(home, store)
    return [document.to_record() for document in store.scan(Filter())]


class TestRebuilding:
    def test_a_rebuilt_store_is_the_same_store(self, home: Home) -> None:
        store = MemoryStore()
        write(home, *_documents()[:70])
        run(home, store)
        write(home, *_documents()[70:], raw("0", "后来改过", minutes=5), raw("噎"))
        run(home, store)
        before = {d.id: replace(d, indexed_at=NOW) for d in store.scan(Filter())}
        summary = pipeline.reindex(home, store, indexed_at=NOW)
        assert sum(summary.statuses.values()) == summary.lines == 122
        assert {d.id: replace(d, indexed_at=NOW) for d in store.scan(Filter())} == before
        assert len(quarantined(home)) == 1
        assert run(home, store).statuses == {"unjudged": 1}, "the cursor stands at the end"

    def test_old_documents_do_not_become_new_arrivals(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一"))
        run(home, store)
        write(home, raw("二"))
        pipeline.reindex(home, store, indexed_at=NOW)
        first, second = store.get([document_id("一"), document_id("二")])
        assert (first.indexed_at, second.indexed_at) == (SEEN, NOW)

    @pytest.mark.parametrize("seen_before", [True, False], ids=["indexed before", "not yet indexed"])
    @pytest.mark.parametrize("batch", [3, 1], ids=["one load", "several loads"])
    def test_new_counts_do_not_make_old_documents_new_arrivals(
        self, tmp_path: Path, batch: int, seen_before: bool
    ) -> None:
        home, store, week = make_home(tmp_path, batch), MemoryStore(), 7 * 24 * 60
        write(home, raw("一", "原文"), raw("改", "原文"))
        run(home, store)
        # More documents than a load of the smaller batches holds.
        write(home, *(raw(str(n), minutes=week) for n in range(12)))
        write(
            home,
            raw("一", "原文", minutes=week, engagement=Engagement(likes=9)),
            raw("改", "改过", minutes=week),
            raw("改", "改过", minutes=week + 5, engagement=Engagement(likes=9)),
        )
        if seen_before:
            run(home, store)
        pipeline.reindex(home, store, indexed_at=NOW)
        same, changed = store.get([document_id("一"), document_id("改")])
        assert (same.raw.engagement.likes, same.indexed_at) == (9, SEEN)
        assert changed.raw.engagement.likes == 9
        # The other text is an arrival: of the moment it was fetched, or of now where nobody was told of it.
        if seen_before:
            assert changed.indexed_at == SEEN + timedelta(minutes=week)
        else:
            assert NOW <= changed.indexed_at < NOW + timedelta(hours=1)

    def test_corrections_and_tags_made_while_it_goes_on_beside_collectors_are_in_the_new_index(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home, store = make_home(tmp_path, batch=1), MemoryStore()
        write(home, *(raw(str(n)) for n in range(40)))
        run(home, store)
        monkeypatch.setattr(Journal, "shared", True)
        spoken, steps = document_id("0"), iter(range(60))

        def by_hand(_size: int, _lines: int) -> None:
            if next(steps) == 30:
                negative = Changes(polarity=Polarity.NEG)
                assert correct(home, spoken, negative, by="苏一", note="", now=NOW, store=store).waiting
                assert tag(home, [spoken], add=["要回访"], by="苏一", now=NOW, store=store).waiting

        pipeline.reindex(home, store, indexed_at=NOW, progress=by_hand, beside_every=0.0)
        [found] = store.get([spoken])
        assert (found.judgement.polarity, found.tags) == (Polarity.NEG, ("要回访",))

    def test_documents_gone_from_the_journal_go_from_the_store(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一"), raw("二"))
        run(home, store)
        open_journal(home).erase(lambda document: document.id == document_id("一"))
        with pytest.raises(Damaged, match="would hold 1 documents, the one in use 2"):
            pipeline.reindex(home, store, indexed_at=NOW)
        pipeline.reindex(home, store, indexed_at=NOW, allow_loss=True)
        assert list(contents(store)) == [document_id("二")]

    @pytest.mark.parametrize("allow_loss", [False, True])
    def test_a_judge_that_fails_never_costs_the_index(
        self, home: Home, judge: FakeJudge, allow_loss: bool
    ) -> None:
        store = MemoryStore()
        write(home, raw("一", "好"), raw("二", "好"))
        run(home, store)
        judge.error = PermissionError(13, "Permission denied", "kernel.nbi")
        with pytest.raises(Failed, match=r"judge cannot work .*kernel\.nbi"):
            pipeline.reindex(home, store, indexed_at=NOW, allow_loss=allow_loss)
        judge.error, judge.chokes_on = None, "好"
        with pytest.raises(Failed, match="failed on 2 of 2 documents: ValueError: cannot swallow 噎"):
            pipeline.reindex(home, store, indexed_at=NOW, allow_loss=allow_loss)
        judge.chokes_on = "噎"
        assert store.count(Filter()) == 2
        assert run(home, store).lines == 0

    def test_a_rebuild_that_loses_to_the_judge_says_so(self, home: Home, judge: FakeJudge) -> None:
        store = MemoryStore()
        write(home, raw("一", "好"), raw("二", "差"))
        run(home, store)
        judge.chokes_on = "好"
        with pytest.raises(Damaged, match=r"hold 1 documents, .* 2\. The judge failed on 1 of 2 lines: "):
            pipeline.reindex(home, store, indexed_at=NOW)
        pipeline.reindex(home, store, indexed_at=NOW, allow_loss=True)
        assert unjudged(home).count == 1

    def test_a_rebuild_that_fails_leaves_the_old_index_and_its_cursor(self, home: Home) -> None:
        store = MemoryStore()
        write(home, raw("一"))
        run(home, store)
        (home.journal / "00000002.jsonl").write_bytes(b'{"journal":2}\n')
        with pytest.raises(SchemaTooNew):
            pipeline.reindex(home, store, indexed_at=NOW)
        assert list(contents(store)) == [document_id("一")]
        (home.journal / "00000002.jsonl.zst").unlink()
        assert run(home, store).statuses == {"damaged": 1}

    def test_an_emptied_store_is_filled_again(self, home: Home) -> None:
        write(home, raw("一"))
        run(home, MemoryStore())
        store = MemoryStore()
        assert run(home, store).statuses == {"new": 1}


@settings(max_examples=25 if LONG else 4, deadline=None)
@given(st.permutations(range(12)), st.sets(st.integers(1, 11), max_size=4))
def test_the_store_does_not_depend_on_order_or_runs(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: set[int]
) -> None:
    documents = [raw(str(n % 9), f"{_documents()[n].text}{n}", minutes=n) for n in range(12)]

    def indexed(runs: Iterator[list[RawDocument]]) -> list[Document]:
        home, store = make_home(tmp_path_factory.mktemp("home")), MemoryStore()
        for part in runs:
            write(home, *part)
            run(home, store)
        return list(store.scan(Filter()))

    bounds = [0, *sorted(cuts), 12]
    parts = ([documents[n] for n in order[a:b]] for a, b in pairwise(bounds))
    assert indexed(parts) == indexed(iter([documents]))
