"""Documents judged anew: which, in what order, and what stays of corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from tests.making import document
from tests.meanwhile import during, failing

from fengping.analysis import Judge, SourceKind
from fengping.cli import main
from fengping.errors import HomeBusy
from fengping.home import Home
from fengping.indexer import Filter, arrivals, changes, corrections, index_lock, open_store
from fengping.indexer.changes import What
from fengping.indexer.corrections import Correction
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.rejudging import Awaited, Rejudged, read_on, rejudge
from fengping.indexer.search import MemoryStore
from fengping.indexer.search.versions import unread
from fengping.models import Judgement, Polarity
from fengping.state import State

NOW = datetime(2020, 11, 20, 12, tzinfo=UTC)
DAYS = [datetime(2020, 11, day, 4, tzinfo=UTC) for day in (10, 11, 12)]


class Again:
    """A judge that calls everything neutral and says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def judge(
        self, contents: Sequence[str], days: Sequence[date | None], kinds: Sequence[SourceKind]
    ) -> list[Judgement]:
        self.asked.append(list(contents))
        made = Judgement(snownlp=0.5, negative=0.1, polarity=Polarity.NEU, relevant=True, model="a+reader-1")
        return [made for _ in contents]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "fengping.toml").write_text('store = "memory:"\n', encoding="utf-8")
    return Home.open(tmp_path)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put([
        document(1, DAYS[0], model="a"),
        document(2, DAYS[2], model="a"),
        document(3, DAYS[2], model="a", hosts=("青禾",)),
        document(4, DAYS[1], model="a+reader-1"),
        document(5, None, model="a"),
    ])  # fmt: skip
    return store


def never() -> bool:
    return False


def run(
    home: Home, store: MemoryStore, again: Again, where: Filter | None = None, *,
    stopping: Callable[[], bool] = never, reader: str = "reader-1",
) -> Rejudged:  # fmt: skip
    """The encoder's queue, or the matches of *where*."""
    judge = cast("Judge", again)
    if where is None:
        return read_on(home, store, judge, [reader], stopping=stopping)
    return rejudge(home, store, judge, where, [reader], stopping=stopping)


def index(home: Home, stamp: datetime, *, over: bool = True) -> None:
    """What the log says of a run of the indexer."""
    with State.open(home).begin() as connection:
        arrivals.note(connection, stamp)
        if over:
            arrivals.over(connection, empty=False)


def contents(again: Again) -> list[str]:
    return [content for asked in again.asked for content in asked]


def test_newest_first_and_in_a_day_those_that_name_a_host(home: Home, store: MemoryStore) -> None:
    again = Again()
    assert run(home, store, again) == Rejudged(read=4, changed=4)
    assert again.asked == [["第3条", "第2条"], ["第1条"], ["第5条"]]
    assert {d.judgement.model for d in store.scan(Filter())} == {"a+reader-1"}
    assert {d.judgement.polarity for d in store.scan(Filter())} == {Polarity.NEU, Polarity.NEG}


def test_what_is_judged_negative_comes_before_what_names_a_host(home: Home, store: MemoryStore) -> None:
    store.put([document(6, DAYS[2], polarity=Polarity.NEU, model="a", hosts=("青禾",))])
    again = Again()
    run(home, store, again)
    assert again.asked[0] == ["第3条", "第2条", "第6条"]


def test_what_somebody_waits_for_comes_before_all_others(home: Home, store: MemoryStore) -> None:
    store.put([document(6, DAYS[0], model="a", hosts=("白石",)), document(7, DAYS[0], model="a")])
    [alarmed] = [one.id for one in store.scan(Filter()) if one.raw.text == "第1条"]
    again = Again()
    awaited = Awaited([alarmed], ["白石"])
    read_on(home, store, cast("Judge", again), ["reader-1"], stopping=never, awaited=awaited)
    assert again.asked == [["第6条", "第1条"], ["第3条", "第2条"], ["第7条"], ["第5条"]]
    assert unread(store, Filter()) == len(store.search(Filter()).documents), "no version is of an encoder"


def test_a_second_run_looks_only_at_what_the_log_names(home: Home, store: MemoryStore) -> None:
    run(home, store, Again())
    again = Again()
    assert run(home, store, again) == Rejudged()  # its own results, which the log names
    with failing(store, "columns", AssertionError("the whole store is read")):
        assert run(home, store, again) == Rejudged()
    later = NOW + timedelta(minutes=5)
    index(home, later)
    # Replaced by a later version: its day holds as many documents as before.
    store.put([replace(document(2, DAYS[2], "新版", model="a"), indexed_at=later)])
    assert run(home, store, again) == Rejudged(read=1, changed=1)
    assert again.asked == [["新版"]]


def test_what_the_quick_reader_alone_judged_since_is_read_again(home: Home, store: MemoryStore) -> None:
    run(home, store, Again())
    [one] = [d for d in store.scan(Filter()) if d.raw.text == "第2条"]
    with State.open(home).begin() as connection:
        changes.add(connection, What.UNDONE, [one.id])
    judgement = replace(one.judgement, model="a", polarity=Polarity.NEG)
    late = document(6, DAYS[2], polarity=Polarity.NEU, model="a", hosts=("青禾",))
    with State.open(home).begin() as connection:
        changes.add(connection, What.JUDGED, [late.id])
    store.put([replace(one, judgement=judgement), late, document(7, DAYS[0], model="a", hosts=("青禾",))])
    again = Again()
    assert run(home, store, again).read == 2
    assert contents(again) == ["第2条", "第6条"]


def test_what_is_left_waits_for_the_next_run(home: Home, store: MemoryStore) -> None:
    answers = iter([False, True, True, True])
    done = run(home, store, Again(), stopping=lambda: next(answers, True))
    assert (done.read, done.waiting) == (2, 2)
    again = Again()
    assert run(home, store, again).read == 2
    assert contents(again) == ["第1条", "第5条"]


def test_days_that_are_left_are_read_behind_what_came_since(home: Home, store: MemoryStore) -> None:
    answers = iter([False, True, True, True])
    run(home, store, Again(), stopping=lambda: next(answers, True))
    later = NOW + timedelta(minutes=5)
    index(home, later)
    store.put([replace(document(6, DAYS[2], model="a"), indexed_at=later)])
    again = Again()
    assert run(home, store, again, stopping=lambda: True).waiting >= 3
    assert run(home, store, again) == Rejudged(read=3, changed=3)
    assert contents(again) == ["第6条", "第1条", "第5条"]
    assert run(home, store, again) == Rejudged()


def test_a_run_that_dies_leaves_nothing_out(home: Home, store: MemoryStore) -> None:
    class Dies(Again):
        def __init__(self, judges: int) -> None:
            super().__init__()
            self.judges = judges

        def judge(
            self, contents: Sequence[str], days: Sequence[date | None], kinds: Sequence[SourceKind]
        ) -> list[Judgement]:
            if len(self.asked) == self.judges:
                raise RuntimeError("killed")
            return super().judge(contents, days, kinds)

    later = NOW + timedelta(minutes=5)
    for judges, left in ((1, ["第1条", "第5条"]), (0, ["第7条", "第6条"])):
        with pytest.raises(RuntimeError, match="killed"):
            run(home, store, Dies(judges))
        again = Again()
        run(home, store, again)
        assert contents(again) == left
        index(home, later)
        store.put([replace(document(n, DAYS[0], model="a"), indexed_at=later) for n in (6, 7)])


def test_another_encoder_and_an_index_built_anew_are_read_whole(home: Home, store: MemoryStore) -> None:
    run(home, store, Again())
    assert run(home, store, Again(), reader="reader-2").read == 5
    store.put([replace(one, judgement=replace(one.judgement, model="a")) for one in store.scan(Filter())])
    assert run(home, store, Again()).read == 5
    with State.open(home).begin() as connection:
        arrivals.note_all(connection)
        arrivals.over(connection, empty=False)
    store.put([replace(one, judgement=replace(one.judgement, model="a")) for one in store.scan(Filter())])
    assert run(home, store, Again()).read == 5


def test_corrections_stay(home: Home, store: MemoryStore) -> None:
    [one] = [d for d in store.scan(Filter()) if d.judgement.hosts]
    with State.open(home).begin() as connection:
        corrections.keep(connection, Correction(one.id, "甲", NOW, polarity=Polarity.NEG))
    run(home, store, Again())
    [stored] = store.get([one.id])
    assert (stored.judgement.polarity, stored.judgement.model) == (Polarity.NEG, "a+reader-1")


def noted(home: Home) -> list[str]:
    """Documents that the log has for whoever reads it for the first time."""
    return [one.document for one in changes.read(State.open(home), "other").of(What.JUDGED)]


def test_what_was_written_by_a_run_that_died_is_logged_by_the_next_run_of_the_indexer(
    home: Home, store: MemoryStore
) -> None:
    def dies() -> None:
        raise RuntimeError("killed")

    with during(store, "update", dies, after=True), pytest.raises(RuntimeError, match="killed"):
        run(home, store, Again())
    assert not noted(home)
    pipeline.index(home, store, indexed_at=NOW)
    changed = {one.id for one in store.scan(Filter()) if one.judgement.polarity is Polarity.NEU}
    assert len(changed) == 2 and changed == {*noted(home)}


def test_who_reads_just_before_it_is_written_reads_it_again(home: Home, store: MemoryStore) -> None:
    state = State.open(home)

    def read_before() -> None:
        until = changes.read(state, "other").until
        with state.begin() as connection:
            changes.passed(connection, "other", until)

    [one] = store.search(window := Filter(since=DAYS[0], until=DAYS[0] + timedelta(hours=1))).documents
    with during(store, "update", read_before):
        run(home, store, Again(), window)
    assert noted(home) == [one.id]


def test_a_window_alone(home: Home, store: MemoryStore) -> None:
    again = Again()
    window = Filter(since=DAYS[0], until=DAYS[0] + timedelta(hours=1))
    assert run(home, store, again, window).read == 1
    assert again.asked == [["第1条"]]


def test_the_command_says_why_nobody_reads_again_and_who_judged(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    (home.root / "fengping.toml").write_text('store = "memory:"\n[analysis]\nreader = "off"\n', "utf-8")

    def answer(*arguments: str) -> dict[str, Any]:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), "rejudge", *arguments, "--json"])
        assert not ended.value.code
        found: dict[str, Any] = orjson.loads(capfd.readouterr().out)
        return found

    off = "The encoder is off: analysis.reader in fengping.toml."
    with State.open(home).begin() as connection:
        changes.passed(connection, "reader", 0)
    assert answer("--unread") == {"read": 0, "changed": 0, "waiting": 0, "judged_by": [], "unheard": off}
    assert changes.read(State.open(home), "reader").snapshot, "the log keeps nothing for it"
    open_store(Home.open(home.root)).put([document(1, DAYS[0], model="a")])
    found = answer("--since", "2020-11-10", "--until", "2020-11-10")
    [judged] = found.pop("judged_by")
    assert found == {"read": 1, "changed": 1, "waiting": 0, "unheard": off}
    assert judged["documents"] == 1
    assert "polarity-" in judged["model"]


def test_an_indexer_at_work_is_left_alone(home: Home, store: MemoryStore) -> None:
    with index_lock(home), pytest.raises(HomeBusy):
        run(home, store, Again())
    assert {d.judgement.model for d in store.scan(Filter())} == {"a", "a+reader-1"}


def test_index_ends_with_the_encoders_reading_and_says_how_much_is_unread(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def answer(*arguments: str) -> dict[str, Any]:
        capfd.readouterr()
        with pytest.raises(SystemExit):
            main(["--home", str(tmp_path), *arguments, "--json"])
        found: dict[str, Any] = orjson.loads(capfd.readouterr().out)
        return found

    def post(number: int) -> None:
        row = {"text": f"第{number}次在直播间买到假货", "url": f"https://posts.example/{number}"}
        (tmp_path / "in.jsonl").write_bytes(orjson.dumps(row))
        answer("import", str(tmp_path / "in.jsonl"), "--source", "posts", "--yes")

    (tmp_path / "fengping.toml").touch()
    post(1)
    first = answer("index")
    assert (first["read"], first["unread"]) == (1, 0)
    post(2)
    assert "read" not in answer("index", "--quick")
    assert answer("status")["index"]["unread"] == 1
    assert answer("index")["read"] == 1
    [one, other] = [one.judgement.model for one in open_store(Home.open(tmp_path)).scan(Filter())]
    assert one == other and "reading-" in one
