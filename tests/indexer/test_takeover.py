"""Several machines on one deployment: leases with tokens, and standbys that take over."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select, text, update
from tests import postgres
from tests.kafka_node.launcher import Cluster
from tests.meanwhile import during, failing, noted

from fengping import events
from fengping.analysis import Judge
from fengping.cli import main
from fengping.errors import Failed, HomeBusy
from fengping.events import tables
from fengping.events.building.opening import are_behind, event_lock, leave, progress_of
from fengping.home import Home
from fengping.indexer import Filter, index_lock, open_journal, open_store
from fengping.indexer.groups.grouping import Groups
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline import standing, unjudged
from fengping.indexer.pipeline.cursor import StoredCursor, addresses, other_stores, pending
from fengping.indexer.search import ElasticStore
from fengping.indexer.search.backends.elasticsearch import indices
from fengping.models import Document, Judgement, Polarity, RawDocument, document_id
from fengping.scheduler.notices import in_chinese
from fengping.services import alert, correct, erase, indexing, tagging
from fengping.services import events as services_events
from fengping.services.erase import Wanted
from fengping.services.integrity import check_judged
from fengping.state import State, lease, sole
from fengping.state.lease import leases

pytestmark = [pytest.mark.slow, pytest.mark.long]

NOW = datetime(2020, 11, 20, tzinfo=UTC)


@pytest.fixture
def state_url(postgres_server: str) -> str:
    return postgres.database(postgres_server)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that another holds is asked for once."""
    monkeypatch.setattr(indices, "LEASE_PAUSES", ())


@pytest.fixture
def small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores of more than five documents are large."""
    monkeypatch.setattr(services_events, "ROUND", 5)


Machine = Callable[[str], Home]


@pytest.fixture
def machine(tmp_path: Path, state_url: str, kafka_cluster: Cluster, elasticsearch_url: str) -> Machine:
    """A machine of one deployment, by its name."""
    name = f"d{uuid.uuid4().hex[:8]}"
    servers = f"{kafka_cluster.url}/{name}", f"{elasticsearch_url}/{name}"
    config = (
        f'state = "{state_url}"\njournal = "{servers[0]}"\nstore = "{servers[1]}"\n[analysis]\nbatch = 20\n'
    )

    def make(at: str) -> Home:
        root = tmp_path / at
        if not root.exists():
            (root / "var").mkdir(parents=True)
            (root / "fengping.toml").write_text(config, encoding="utf-8")
            (root / "var" / "identity").write_text("c" * 32, encoding="ascii")
        return Home.open(root)

    return make


def raw(number: int, story: int | None = None) -> RawDocument:
    """A post; those of one *story* are reposts of one another."""
    at = datetime(2020, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
    said = story if story is not None else 1000 + number
    text = f"第{said}件商品收到就坏了，客服编号{said * 7919}一直不理人，要求退一赔三，大家不要再上当了"
    return RawDocument(document_id("takeover", str(number)), "test", text, NOW, published_at=at)


TOLD = (
    "主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部链接",
    "云朵甄选直播间买2999元和田玉手链，鉴定证书显示石英岩，客服只退款不赔",
    "双十一零点付完尾款发现预售洗衣机比现货贵八十七块，补差价被拒",
    "燕窝检出唾液酸不足千分之一，实为糖水饮料，打假人晒出报告",
)


def told(number: int) -> RawDocument:
    """A post of one of four affairs."""
    return replace(raw(number), text=TOLD[number % len(TOLD)])


def write(home: Home, *documents: RawDocument) -> None:
    with open_journal(home).writer() as writer:
        writer.append(*documents)


def index(home: Home) -> pipeline.Summary:
    with closing(open_store(home)) as store:
        return pipeline.index(home, store, indexed_at=NOW)


def groups(home: Home) -> dict[str, tuple[str, bool]]:
    with closing(open_store(home)) as store:
        return {one.id: (one.group, one.first_in_group) for one in store.scan(Filter())}


class TestLease:
    def test_one_of_two_machines_holds_it_and_its_token_grows(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        busy = pytest.raises(HomeBusy, match=r"Process \d+ on .* already writes the index")
        with index_lock(one) as first, busy, index_lock(two):
            pass
        with index_lock(two) as second:
            assert second.token > first.token > 1_600_000_000

    def test_a_holder_that_slept_through_its_end_commits_nothing(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        state = State.open(one)
        with sole(one, "index", "writes the index") as old:
            run_out(state)
            with sole(two, "index", "writes the index") as new:
                fenced = old.state(state)
                with pytest.raises(HomeBusy, match="has taken over"), fenced.begin() as connection:
                    connection.execute(text("INSERT INTO meta VALUES ('late', 'x')"))
                with new.state(state).begin() as connection:
                    assert connection.scalar(text("SELECT count(*) FROM meta WHERE key = 'late'")) == 0

    def test_clocks_of_the_machines_do_not_matter(self, machine: Machine) -> None:
        hour = "import time; real = time.time; time.time = lambda: real() + 3600"
        code = (
            f"{hour}\nimport sys\nfrom pathlib import Path\nfrom fengping.home import Home\n"
            "from fengping.indexer import index_lock\n"
            "with index_lock(Home.open(Path(sys.argv[1]))):\n    pass"
        )
        with index_lock(machine("one")):
            done = subprocess.run(
                [sys.executable, "-c", code, str(machine("two").root)],
                capture_output=True,
                text=True,
                check=False,
            )
        assert "HomeBusy" in done.stderr

    def test_waiting_ends_with_the_lease(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        entered, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with index_lock(one):
                entered.set()
                leave.wait(20)

        holder = threading.Thread(target=hold)
        holder.start()
        entered.wait(20)
        threading.Timer(0.2, leave.set).start()
        with index_lock(two, patience=20):
            holder.join()


def run_out(state: State) -> None:
    """Lets every lease end, as if its holder had slept."""
    with state.begin() as connection:
        connection.execute(update(leases).values(until=1))


def take_over(home: Home) -> None:
    """Has another machine get the lease of the index, whose holder sleeps, and give it back."""
    run_out(State.open(home))
    with index_lock(home):
        pass


class TestFence:
    def test_the_cluster_refuses_what_an_old_leader_writes(self, elasticsearch_url: str) -> None:
        url = f"{elasticsearch_url}/fence"
        with closing(ElasticStore(url)) as old, closing(ElasticStore(url)) as new:
            old.fence(1_700_000_000)
            assert old.put([document("一")]).created == 1
            old.update({document("").id: {"event": "e1"}})
            assert old.put([document("二")]).updated == 1, "a partial update raises the version as well"
            new.fence(1_700_000_001)
            assert new.put([document("三")]).updated == 1
            for act in (
                lambda: old.put([document("四")]),
                lambda: old.update({document("").id: {"event": "x"}}),
            ):
                with pytest.raises(HomeBusy, match="has taken over the index"):
                    act()
            assert [one.raw.text for one in new.get([document("").id])] == ["三"]

    def test_what_the_new_leader_only_updated_is_refused_too(self, elasticsearch_url: str) -> None:
        url, id = f"{elasticsearch_url}/fence-updated", document("").id
        with closing(ElasticStore(url)) as old, closing(ElasticStore(url)) as new:
            old.fence(1_700_000_000)
            new.fence(1_700_000_001)
            old.put([document("一")])
            acts: tuple[Callable[[], object], ...] = (
                lambda: old.put([document("二")], [id], keep_events=True),
                lambda: old.update({id: {"group": "stale"}}),
            )
            for act in acts:
                # Between its look at the document and what it writes.
                with (
                    during(indices.Indices, "write", lambda: new.update({id: {"group": "fresh"}})),
                    pytest.raises(HomeBusy, match="has taken over the index"),
                ):
                    act()
            for _ in range(2):
                for act in acts:
                    with pytest.raises(HomeBusy, match="has taken over the index"):
                        act()
                with closing(ElasticStore(url)) as events_alone:
                    events_alone.update({id: {"event": "e1"}})
            [found] = new.get([id])
            assert (found.raw.text, found.group, found.event) == ("一", "fresh", "e1")

    def test_a_partial_update_never_writes_over_what_came_meanwhile(self, elasticsearch_url: str) -> None:
        url = f"{elasticsearch_url}/partial"
        with closing(ElasticStore(url)) as store:
            store.put([document("一")])
            marks = [f"e{number}" for number in range(8)]

            def mark(name: str) -> None:
                with closing(ElasticStore(url)) as other:
                    held = other.get([document("").id])[0].tags
                    while name not in held:
                        other.update({document("").id: {"tags": (*held, name), "event": name}})
                        held = other.get([document("").id])[0].tags

            threads = [threading.Thread(target=mark, args=(name,)) for name in marks[:2]]
            for thread in threads:
                thread.start()
            store.put([document("二")])
            for thread in threads:
                thread.join()
            [found] = store.get([document("").id])
            assert found.raw.text == "二"


def document(said: str) -> Document:
    post = RawDocument(document_id("fence"), "test", said, NOW, published_at=NOW)
    judged = Judgement(snownlp=0.5, negative=0.5, positive=0.5, polarity=Polarity.NEU, relevant=True)
    return Document(post, judged, document_id("fence"), True, NOW)


def interrupt() -> None:
    raise KeyboardInterrupt


class TestTakeover:
    def test_a_standby_goes_on_with_the_groups_of_the_leader(self, machine: Machine, tmp_path: Path) -> None:
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=number % 7) for number in range(60)]
        write(one, *posts[20:40])
        assert index(one).statuses == {"new": 20}
        write(two, *posts[:20])
        assert index(two).statuses == {"new": 20}, "the second machine had never indexed"
        write(one, *posts[40:])
        assert index(one).statuses == {"new": 20}, "the first takes in what the second did"
        assert groups(one) == alone(tmp_path, posts)

    def test_a_leader_killed_anywhere_leaves_the_same(self, machine: Machine, tmp_path: Path) -> None:
        posts = [raw(number, story=number % 9) for number in range(60)]
        one, two = machine("one"), machine("two")
        write(one, *posts[30:])
        index(one)
        write(one, *posts[:30])  # earlier ones, which lead the groups anew
        for step in ("note", "rest", "move"):
            killed = subprocess.run(
                [sys.executable, "-c", DIES.format(step=step), str(one.root)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert killed.returncode == 9, killed.stderr
            run_out(State.open(two))
            index(two)
            assert groups(two) == alone(tmp_path / step, posts)
            with State.open(two).begin() as connection:
                assert not StoredCursor(two.config.store).regroups(connection)
            one, two = two, one
            posts += [raw(len(posts) + number, story=number % 9) for number in range(15)]
            write(one, *posts[-15:])
        index(two)
        assert groups(two) == alone(tmp_path / "end", posts)

    @pytest.mark.usefixtures("no_pauses")
    def test_what_is_forgotten_leaves_the_groups_of_a_standby(self, machine: Machine, tmp_path: Path) -> None:
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=number % 3) for number in range(12)]
        write(one, *posts)
        index(one)
        write(one, raw(12))
        index(two)
        wanted = Wanted(url_ids=frozenset({posts[0].id}))
        found = erase.find(one, wanted)
        done = erase.forget(one, wanted, found, NOW)
        assert any("until their next compaction" in sentence for sentence in done.later)
        write(two, raw(13))
        index(two)
        assert posts[0].id not in groups(two)
        assert groups(two) == alone(tmp_path, [*posts[1:], raw(12), raw(13)])
        kept = (two.var / "groups" / "documents.bin").read_bytes()
        gone, stays = (bytes.fromhex(one.id[:16]) for one in posts[:2])
        assert stays in kept and gone not in kept

    def test_who_forgets_and_sleeps_through_the_end_of_its_lease_commits_nothing(
        self, machine: Machine
    ) -> None:
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=number % 3) for number in range(12)]
        write(one, *posts)
        index(one)
        wanted = Wanted(url_ids=frozenset({posts[0].id}))
        found = erase.find(one, wanted)
        with (
            during(ElasticStore, "delete", lambda: take_over(two)),
            pytest.raises(HomeBusy, match="has taken over"),
        ):
            erase.forget(one, wanted, found, NOW)
        erase.forget(two, wanted, found, NOW)
        assert posts[0].id not in groups(two)

    def test_a_correction_by_one_that_slept_waits_for_the_new_leader(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        write(one, raw(1))
        index(one)
        changes = correct.Changes(polarity=Polarity.POS)
        with during(ElasticStore, "put", lambda: take_over(two)):
            assert correct.correct(one, raw(1).id, changes, by="甲", note="", now=NOW).waiting
        assert index(two).corrected == 1

    def test_a_rebuild_is_turned_over_under_its_lease_alone(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        write(one, raw(1))
        index(one)

        def leads() -> None:
            run_out(State.open(two))
            write(two, raw(2))
            index(two)

        other = threading.Thread(target=leads)

        def sleeps() -> None:
            """Just before it turns over."""
            other.start()
            other.join(8)

        with (
            closing(open_store(one)) as store,
            during(ElasticStore, "finish_rebuild", sleeps),
            suppress(HomeBusy),
        ):
            pipeline.reindex(one, store, indexed_at=NOW)
        other.join()
        assert groups(two).keys() == {raw(1).id, raw(2).id}

    def test_a_rebuild_that_takes_longer_than_a_lease_to_turn_over_keeps_it(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, two = machine("one"), machine("two")
        write(one, raw(1))
        index(one)
        monkeypatch.setattr(lease, "LEASE_MS", 2_000)
        monkeypatch.setattr(lease, "BEAT", 0.3)
        waits = threading.Thread(target=lambda: index(two))

        def takes_long() -> None:
            waits.start()
            time.sleep(4)

        with closing(open_store(one)) as store, during(ElasticStore, "finish_rebuild", takes_long):
            assert pipeline.reindex(one, store, indexed_at=NOW).finished
        waits.join()
        assert groups(two).keys() == {raw(1).id}

    def test_events_are_the_same_after_each_takeover(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        for turn, home in enumerate((one, two, one)):
            write(home, *(raw(turn * 10 + number, story=number % 4) for number in range(10)))
            index(home)
            with closing(open_store(home)) as store:
                events.update(home, store)
        with closing(open_store(one)) as store:
            marked = {one.id: one.event for one in store.scan(Filter())}
            state = State.open(one)
            members = events_by_document(state)
            events.update(one, store, anew=True)
            assert events_by_document(state) == members
            assert {id: event for id, event in marked.items() if event} == {
                id: event for id, event in members.items() if list(members.values()).count(event) > 1
            }

    def test_a_standby_that_is_ended_goes_on_from_where_it_had_come(
        self, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(standing, "_AT_ONCE", 4)
        monkeypatch.setattr(standing, "_NOTED_EACH", 2)
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=number % 4) for number in range(20)]
        write(one, *posts)
        index(one)
        with during(Groups, "add", interrupt, call=4), pytest.raises(KeyboardInterrupt):
            standing.follow(two)
        with noted(Groups, "add") as added:
            assert standing.follow(two) == 20
        assert sum(len(members) for _, members in added) == 12, "what was noted is not read again"
        write(two, raw(20, story=1))
        index(two)
        assert groups(two) == alone(tmp_path, [*posts, raw(20, story=1)])

    @pytest.mark.usefixtures("no_pauses")
    def test_a_standby_leaves_the_groups_of_a_topic_that_was_given_up(
        self, machine: Machine, tmp_path: Path
    ) -> None:
        one, two = machine("one"), machine("two")
        write(one, *(raw(number, story=3) for number in range(6)))
        index(one)
        standing.follow(two)
        for home in (one, two):
            respell(home, home.config.journal, f"{home.config.journal}-2")
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=3) for number in (8, 9)]
        write(one, posts[0])
        with closing(open_store(one)) as store:
            pipeline.reindex(one, store, indexed_at=NOW, allow_loss=True)
        write(one, posts[1])
        index(two)
        assert groups(two) == alone(tmp_path, posts)

    @pytest.mark.usefixtures("no_pauses")
    def test_what_a_dead_leader_could_not_judge_is_told_on_every_machine(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        write(one, *(raw(number) for number in range(3)))
        judge = Judge.judge

        def fails(self: Judge, contents: Sequence[str], *more: Any) -> list[Judgement]:
            if any("第1001件" in one for one in contents):
                raise ValueError("no")
            return judge(self, contents, *more)

        with mock.patch.object(Judge, "judge", fails):
            assert index(one).statuses == {"new": 2, "unjudged": 1}
        write(two, raw(3))
        assert index(two).statuses == {"new": 1}
        for home in (one, two):
            with pytest.raises(Failed, match=r"1 documents .* not"):
                check_judged(home)
        [told] = unjudged.elsewhere(two)
        assert told.count == 1 and not unjudged.elsewhere(one)
        assert "条信息" in in_chinese(told.sentence)
        with closing(open_store(two)) as store:
            assert pipeline.reindex(two, store, indexed_at=NOW).statuses == {"new": 4}
        standing.follow(one)
        for home in (one, two):
            assert check_judged(home)

    @pytest.mark.usefixtures("small_rounds")
    def test_events_of_a_large_store_are_left_to_an_update_of_their_own(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        write(one, *(told(number) for number in range(12)))
        indexing.index(one, NOW, running=True)
        assert are_behind(one) and not listed(one), "all are to be built"
        services_events.update(one)
        assert not are_behind(one)
        first, other = (event.id for event in listed(one)[:2])
        assert services_events.merge(two, [first, other], NOW).elsewhere, "it would build all anew"
        write(one, told(12))
        indexing.index(one, NOW)
        assert len(listed(one)) == 3, "the book is still that of the first"
        for home in (one, two):
            home.alerts.mkdir()
            rule = 'name = "new"\nkind = "new_event"\ntimeframe = "4h"\nchannels = ["file"]\n'
            (home.alerts / "new.toml").write_text(rule, encoding="utf-8")
        assert not alert.check(one, NOW, NOW).behind
        write(two, told(13))
        indexing.index(two, NOW, running=True)
        assert are_behind(one)
        later = NOW + timedelta(minutes=1)
        assert list(alert.check(two, later, later).behind) == ["new"], "what it lacks is no calm"
        services_events.update(two)
        assert not alert.check(two, later, later).behind

    @pytest.mark.usefixtures("small_rounds")
    def test_events_of_a_large_store_are_built_by_the_indexer_where_no_schedule_is_at_work(
        self, machine: Machine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one = machine("one")
        write(one, *(told(number) for number in range(12)))
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(one.root), "index"])
        assert not ended.value.code and "to be built anew" not in capsys.readouterr().err
        assert not are_behind(one) and len(listed(one)) == 4

    @pytest.mark.usefixtures("small_rounds")
    def test_events_that_another_process_builds_already_are_left_too(self, machine: Machine) -> None:
        one = machine("one")
        write(one, *(told(number) for number in range(12)))
        with event_lock(one):
            indexing.index(one, NOW, running=True)
        assert are_behind(one), "reports and rules on events are to say so"

    @pytest.mark.usefixtures("small_rounds")
    def test_what_reads_all_of_a_large_store_is_left_as_well_and_the_mark_ends_with_an_idle_update(
        self, machine: Machine
    ) -> None:
        one, two = machine("one"), machine("two")
        write(one, *(told(number) for number in range(12)))
        indexing.index(one, NOW)
        indexing.index(two, NOW, running=True)
        assert not are_behind(two), "the book of the first holds all there is"
        with event_lock(one):
            indexing.reindex(one, NOW)
        waited = AssertionError("events are built where indexing and alarms wait for it")
        with failing(events, "update", waited):
            indexing.index(one, NOW, running=True)
        assert are_behind(one)
        services_events.update(one)
        assert not are_behind(one)
        with State.open(one).begin() as connection:
            leave(connection, NOW)
        assert services_events.update(one).documents == 0 and not are_behind(one)

    def test_a_tag_beside_an_update_of_events_breaks_nothing_off(self, machine: Machine) -> None:
        one, two = machine("one"), machine("two")
        posts = [told(number) for number in range(12)]
        write(one, *posts)
        ids = [post.id for post in posts]
        with during(events, "update", lambda: tagging.tag(two, ids, add=["重点"], by="甲", now=NOW)):
            indexing.index(one, NOW)
        with closing(open_store(one)) as store:
            assert all(found.event and found.tags == ("重点",) for found in store.scan(Filter()))

    def test_another_address_of_the_store_is_no_other_store(
        self, machine: Machine, elasticsearch_url: str, tmp_path: Path
    ) -> None:
        one, two = machine("one"), machine("two")
        posts = [raw(number, story=number % 4) for number in range(20)]
        write(one, *posts)
        index(one)
        with closing(open_store(one)) as store:
            events.update(one, store)
        for home in (one, two):
            respell(home, elasticsearch_url, elasticsearch_url.replace("127.0.0.1", "localhost"))
        one, two = machine("one"), machine("two")
        assert "localhost" in one.config.store
        assert pending(one) == pending(two) == 0
        write(two, raw(20, story=1))
        assert index(two).statuses == {"new": 1}
        with State.open(one).begin() as connection:
            assert progress_of(one, connection), "events go on from where they were"
            assert not other_stores(connection, one.config.store), "to be forgotten from, too"
        assert groups(two) == alone(tmp_path, [*posts, raw(20, story=1)])

    def test_the_same_alias_in_another_cluster_is_another_store(self, machine: Machine) -> None:
        one = machine("one")
        write(one, raw(1), raw(2))
        index(one)
        former = one.config.store
        in_another_cluster(one)
        with closing(open_store(one)) as store:
            store.delete([raw(2).id])  # as one that was restored from an earlier snapshot
        respell(one, former, former.replace("127.0.0.1", "localhost"))
        one = machine("one")
        assert index(one).statuses == {"new": 1, "again": 1}, "what it lacks is put into it"
        with State.open(one).begin() as connection:
            assert other_stores(connection, one.config.store) == [former], "to be forgotten from, too"
        write(one, raw(3))
        index(one)
        in_another_cluster(one)
        with closing(open_store(one)) as store:
            store.delete([raw(3).id])
        respell(one, one.config.store, former)
        one = machine("one")
        assert index(one).statuses == {"new": 1}, "the former one goes on from where it was"
        with State.open(one).begin() as connection:
            [left] = other_stores(connection, one.config.store)
        assert "localhost" in left

    def test_a_cluster_made_anew_at_the_same_nodes_is_filled(self, machine: Machine) -> None:
        one = machine("one")
        write(one, raw(1), raw(2))
        index(one)
        in_another_cluster(one)
        with closing(open_store(one)) as store:
            store.delete([raw(2).id])
        assert index(one).statuses == {"new": 1, "again": 1}
        assert index(one).statuses == {}


def in_another_cluster(home: Home) -> None:
    """Has what was noted of the store be that of another cluster."""
    with State.open(home).begin() as connection:
        connection.execute(addresses.update().values(cluster="another"))


def listed(home: Home) -> list[events.Event]:
    return services_events.listed(home, events.Asked(), limit=10)


def respell(home: Home, address: str, other: str) -> None:
    file = home.root / "fengping.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(address, other), encoding="utf-8")


def events_by_document(state: State) -> dict[str, str]:
    with state.begin() as connection:
        return {row.document: row.event for row in connection.execute(select(tables.members))}


DIES = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from fengping.home import Home
from fengping.indexer import open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline.cursor import StoredCursor
real = StoredCursor.{step}
def dies(self, *arguments):
    real(self, *arguments)
    if "{step}" != "note" or arguments[1]:
        os._exit(9)
StoredCursor.{step} = dies
pipeline._PUT = 1
home = Home.open(Path(sys.argv[1]))
pipeline.index(home, open_store(home), indexed_at=datetime(2020, 11, 20, tzinfo=UTC))
"""


def alone(folder: Path, posts: list[RawDocument]) -> dict[str, tuple[str, bool]]:
    """The groups of one embedded home that saw *posts* in another order."""
    root = folder / "alone"
    root.mkdir(parents=True)
    (root / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(root)
    write(home, *reversed(posts))
    index(home)
    return groups(home)
