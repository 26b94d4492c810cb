"""State databases of every earlier schema come up to this one, whole, on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import importlib
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import create_engine, inspect, text
from tests import postgres
from tests.making import LONG

import fengping
from fengping.alerts import ledger
from fengping.delivery import Outbox
from fengping.errors import ConfigError, Damaged, SchemaTooNew, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer import arrivals, changes, corrections
from fengping.indexer.changes import What
from fengping.indexer.journal import Position
from fengping.indexer.pipeline.cursor import StoredCursor, other_stores
from fengping.reports.archive import Editions, faults
from fengping.spiders.seen import Memory
from fengping.state import State, engine, metadata
from fengping.state.comparison import add_missing, expected, missing
from fengping.state.migrations import (
    LATEST,
    MIGRATIONS,
    addresses,
    change_log,
    forgotten_seen,
    large_counts,
    long_journals,
    migrate,
    signatures,
)

PACKAGE = Path(fengping.__file__).parent
SMALL_COUNTS = MIGRATIONS.index(large_counts.up)
"""The last schema whose counts end at 2³¹."""
SEEN_SINCE = (("ab", "00"), ("cd", "12"))
"""A document that was forgotten, and one that was imported."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return postgres.database(request.getfixturevalue("postgres_server"))


def home_of(url: str, folder: Path) -> Home:
    state = "sqlite:" + url.removeprefix("sqlite:///") if url.startswith("sqlite") else url
    (folder / "fengping.toml").write_text(f'state = "{state}"\n', encoding="utf-8")
    return Home.open(folder)


def make(url: str, schema: int, *statements: str) -> None:
    """A database as the version of that schema left it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE meta (key VARCHAR(64) PRIMARY KEY, value VARCHAR(255) NOT NULL)")
        )
        connection.execute(text(f"INSERT INTO meta VALUES ('schema', '{schema}')"))
        for up in MIGRATIONS[:schema]:
            up(connection)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(autouse=True)
def each_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has an empty database go through every migration, as it does elsewhere than in tests."""
    monkeypatch.setattr(engine, "migrate", migrate)


def modules_with_tables() -> list[str]:
    found = []
    for at, _, names in os.walk(PACKAGE, followlinks=True):
        for name in names:
            file = Path(at) / name
            if name.endswith(".py") and "metadata" in (code := file.read_text(encoding="utf-8")):
                parts = file.relative_to(PACKAGE).with_suffix("").parts
                if "fengping.state import" in code:
                    found.append(".".join(("fengping", *parts)).removesuffix(".__init__"))
    return found


def test_migrations_make_the_tables_that_the_rooms_declare() -> None:
    for name in modules_with_tables():
        importlib.import_module(name)
    made = {table.name: set(table.columns.keys()) for table in expected().sorted_tables}
    declared = {t.name: set(t.columns.keys()) for t in metadata.sorted_tables if t.name != "meta"}
    assert made == declared, "append a migration in core/state/migrations"
    for table in metadata.sorted_tables:
        if table.name != "meta":
            keys = [column.name for column in expected().tables[table.name].primary_key.columns]
            assert keys == [column.name for column in table.primary_key.columns], table.name


def test_a_new_home_has_every_table(url: str, tmp_path: Path) -> None:
    state = State.open(home_of(url, tmp_path))
    assert missing(state) == []
    assert state.schema() == LATEST


def test_a_cursor_counts_beyond_two_thousand_million_lines(url: str, tmp_path: Path) -> None:
    made = "INSERT INTO index_positions VALUES ('s', 'kafka', 2147483647, 2147483647, true)"
    make(url, MIGRATIONS.index(long_journals.up), made)
    state, cursor, most = State.open(home_of(url, tmp_path)), StoredCursor("s"), 2**31 + 7
    with state.begin() as connection:
        assert cursor.load(connection) == {"kafka": Position(2**31 - 1, 2**31 - 1, done=True)}
        cursor.move(connection, {"kafka": Position(most, most)})
    with state.begin() as connection:
        assert cursor.load(connection) == {"kafka": Position(most, most)}
    with state.begin() as connection:
        connection.execute(text("DROP TABLE index_positions"))
    add_missing(state)
    with state.begin() as connection:
        cursor.move(connection, {"kafka": Position(most, most)})


def test_a_store_in_elasticsearch_goes_by_its_alias(url: str, tmp_path: Path) -> None:
    old, read = "elasticsearch+http://a:9200/mine", "elasticsearch+https://a:9200,b:9200/mine/"
    files = f"tantivy:{tmp_path / 'index'}"
    rows = [(old, 7), (read, 9), (files, 3), ("rebuild of elasticsearch+http://a:9200/mine", 5)]
    make(
        url,
        MIGRATIONS.index(addresses.up),
        *(
            f"INSERT INTO index_positions VALUES ('{store}', 'kafka', {at}, {at}, true, 0)"
            for store, at in rows
        ),
        f"INSERT INTO index_regroups VALUES ('{read}', 'a', 'b', true)",
        f"INSERT INTO event_progress VALUES ('{read}', NULL, 4, 5)",
    )
    with State.open(home_of(url, tmp_path)).begin() as connection:
        for spelt in (old, read):
            assert StoredCursor(spelt).load(connection) == {"kafka": Position(9, 9, done=True)}
            assert StoredCursor(spelt).regroups(connection) == {"a": ("b", True)}
        assert StoredCursor(files).load(connection) == {"kafka": Position(3, 3, done=True)}
        # Events are built anew.
        assert connection.scalar(text("SELECT store FROM event_progress")) is None
        assert other_stores(connection, files) == sorted((old, read))
        assert other_stores(connection, read) == sorted((old, files)), "it may be another cluster"


def test_of_two_stores_with_one_alias_the_one_whose_events_are_kept_goes_by_it(
    url: str, tmp_path: Path
) -> None:
    former, used = "elasticsearch+http://a:9200", "elasticsearch+http://b:9200/fengping"
    rows = [(former, "1.jsonl", 900), (former, "2.jsonl", 50), (used, "1.jsonl", 900)]
    make(
        url,
        MIGRATIONS.index(addresses.up),
        *(
            f"INSERT INTO index_positions VALUES ('{store}', '{file}', {at}, {at}, true, 0)"
            for store, file, at in rows
        ),
        f"INSERT INTO event_progress VALUES ('{used}', NULL, 4, 5)",
    )
    with State.open(home_of(url, tmp_path)).begin() as connection:
        assert StoredCursor(used).load(connection).keys() == {"1.jsonl"}, "the rest is read into it"
        assert other_stores(connection, used) == [former]


def test_counts_beyond_two_thousand_million_are_kept(url: str, tmp_path: Path) -> None:
    make(url, SMALL_COUNTS, "INSERT INTO engagement_readings VALUES ('a', '2020-11-11 00:00:00', 7, 1, 1, 1)")
    state, most = State.open(home_of(url, tmp_path)), 2**63 - 1
    with state.begin() as connection:
        connection.execute(text("UPDATE engagement_readings SET views = :most"), {"most": most})
        assert connection.execute(text("SELECT likes, views FROM engagement_readings")).one() == (7, most)


def test_a_value_that_does_not_fit_is_told_in_our_words(url: str, tmp_path: Path) -> None:
    state = State.open(home_of(url, tmp_path))
    if not state.is_shared:
        pytest.skip("SQLite takes any text")
    with pytest.raises(StoreError, match="does not take a value"), state.begin() as connection:
        connection.execute(text("INSERT INTO meta VALUES (:key, 'x')"), {"key": "k" * 300})


@pytest.mark.parametrize("schema", range(1, LATEST, 1 if LONG else 6))
def test_what_an_earlier_schema_holds_is_kept(url: str, schema: int, tmp_path: Path) -> None:
    row = "(7, 'collect', '2020-11-11 00:00:00', 'ok', '好')"
    make(url, schema, f"INSERT INTO job_runs (id, job, started_at, status, detail) VALUES {row}")
    state = State.open(home_of(url, tmp_path))
    assert missing(state) == []
    with state.begin() as connection:
        assert connection.execute(text("SELECT id, job, detail FROM job_runs")).one() == (7, "collect", "好")
    assert state.schema() == LATEST


def test_sums_of_editions_become_their_manifests(url: str, tmp_path: Path) -> None:
    columns = (
        "number, series, revision, title, issuer, made_at, base, hash, state, reviewed_by, signed_by, "
        "sealed, wanted, changes, redacts, hold"
    )
    who = "'', '', 'signed', '甲', '乙', FALSE, '{}', '[]', '', '{}'"
    row = f"('w-1', 'w', 1, 't', '', '2024-11-20 00:00:00', {who})"
    content = {name: f"{name} as printed".encode() for name in ("w-1.md", "w-1.html")}
    sums = [f"('w-1', '{name}', '{hashlib.sha256(one).hexdigest()}')" for name, one in content.items()]
    make(
        url, MIGRATIONS.index(signatures.up),
        f"INSERT INTO editions ({columns}) VALUES {row}",
        f"INSERT INTO edition_sums (number, name, hash) VALUES {', '.join(sums)}",
    )  # fmt: skip
    home = home_of(url, tmp_path)
    [one] = Editions(home).all()
    folder = home.reports / "editions" / "w-1"
    folder.mkdir(parents=True)
    for name, printed in content.items():
        (folder / name).write_bytes(printed)
    assert faults(home, one, folder) == []
    (folder / "w-1.md").write_bytes(b"x")
    assert faults(home, one, folder) == ["w-1.md was changed since it was printed."]


def test_a_home_of_the_version_before_lacks_tables_no_command_had_asked_for(url: str, tmp_path: Path) -> None:
    make(url, 1, "DROP TABLE imported", "DROP TABLE corrections")
    state = State.open(home_of(url, tmp_path))
    with state.begin() as connection:
        assert {"imported", "corrections"} <= set(inspect(connection).get_table_names())


def test_alarms_that_waited_in_the_old_outbox_wait_in_the_new_one(url: str, tmp_path: Path) -> None:
    fired = "(1, 'r', '檀木子', '2020-11-11 00:00:00', 3, '[\"a\"]', '【预警】檀木子\n  · 一条', '')"
    columns = "(id, rule, key, fired_at, count, evidence, message, acknowledged_by)"
    waiting = [(1, "stdout", "pending"), (2, "webhook:$HOOK", "pending"), (3, "file", "sent")]
    make(
        url, 3, f"INSERT INTO alert_firings {columns} VALUES {fired}",
        *(
            "INSERT INTO alert_outbox (id, firing, channel, status, attempts, last_error) "
            f"VALUES ({id}, 1, '{channel}', '{status}', 0, '')"
            for id, channel, status in waiting
        ),
    )  # fmt: skip
    home = home_of(url, tmp_path)
    outbox = Outbox.open(home)
    letters = {letter.channel: letter.subject for letter in outbox.waiting()}
    assert letters == {"stdout": "【预警】檀木子", "HOOK": "【预警】檀木子"}
    claim = outbox.claim("stdout", datetime(2020, 12, 1, tzinfo=UTC), timedelta(seconds=1))
    assert claim is not None
    assert claim.message.lines == ("  · 一条",)
    with outbox.state.begin() as connection:
        assert "alert_outbox" not in inspect(connection).get_table_names()
        row = connection.execute(text("SELECT rule, key, told FROM alert_firings")).one()
        assert tuple(row) == ("r", "檀木子", "told")


def test_events_of_an_earlier_schema_tell_the_accused_from_those_spoken_of(url: str, tmp_path: Path) -> None:
    event = "(id, founder, title, documents, charges, trade, publishers, parties, status, history)"
    values = "('{0}', 'd', '', 6, 6, 6, 1, '林小禾|周小满', '未证实', '[]')"
    rows = [
        *((f"a{n}", "e1", 13, "林小禾") for n in range(5)), ("a5", "e1", 13, "林小禾|周小满"),
        ("b0", "e2", 5, "周小满"),
    ]  # fmt: skip
    make(
        url, 17, *(f"INSERT INTO events {event} VALUES {values.format(id)}" for id in ("e1", "e2")),
        *(
            "INSERT INTO event_members (document, event, part, parties, publisher) "
            f"VALUES ('{document}', '{id}', {part}, '{parties}', 'p')"
            for document, id, part, parties in rows
        ),
    )  # fmt: skip
    state = State.open(home_of(url, tmp_path))
    with state.begin() as connection:
        found = connection.execute(text("SELECT id, accused FROM events ORDER BY id")).all()
    assert [tuple(row) for row in found] == [("e1", "林小禾"), ("e2", "")]


def test_what_the_machine_had_said_of_drawn_documents_stands_with_their_corrections(
    url: str, tmp_path: Path
) -> None:
    lists = "add_hosts, remove_hosts, add_targets, remove_targets, add_issues, remove_issues"
    correction = (
        f"INSERT INTO corrections (document_id, made_at, by, note, polarity, {lists}, pending) VALUES "
    )
    rest = "'2020-11-11 00:00:00', 'amy', '', 'neu', '', '', '', '', '', ''"
    make(
        url, 18, *(f"{correction} ('{id}', {rest}, FALSE)" for id in ("drawn", "sought")),
        "INSERT INTO label_sample VALUES ('drawn', 'amy', '2020-11-11 00:00:00', 'neg', 'neu')",
    )  # fmt: skip
    with State.open(home_of(url, tmp_path)).begin() as connection:
        made = {one.document_id: one for one in corrections.everything(connection)}
        assert "label_sample" not in inspect(connection).get_table_names()
    assert (made["drawn"].judged, made["sought"].judged) == ("neg", None)
    assert not made["drawn"].drawn  # it was, but from the newest alone


def test_what_was_forgotten_while_redis_kept_the_urls_seen_is_known_to_the_state(
    url: str, tmp_path: Path
) -> None:
    blob = "x'{}'" if url.startswith("sqlite") else r"'\x{}'"
    make(
        url, MIGRATIONS.index(forgotten_seen.up),
        "INSERT INTO imported (id, fingerprint) VALUES "
        + ", ".join(f"({blob.format(id * 16)}, {blob.format(of * 8)})" for id, of in SEEN_SINCE),
    )  # fmt: skip
    memory = Memory(State.open(home_of(url, tmp_path)), "news")
    assert [memory.is_forgotten(id * 16) for id, _ in SEEN_SINCE] == [True, False]


def of_old_keys(**values: str) -> list[str]:
    rows = [(key.replace("_", " "), value) for key, value in values.items()]
    return [f"INSERT INTO meta VALUES ('{key}', '{value}')" for key, value in rows]


def test_what_changed_before_there_was_a_log_stands_in_it(url: str, tmp_path: Path) -> None:
    """A run of the indexer was at work, another had ended that events had not read."""
    ran, runs = "2020-11-11T00:00:00+00:00", "2020-11-12T00:00:00+00:00"
    lists = "add_hosts, remove_hosts, add_targets, remove_targets, add_issues, remove_issues"
    correction = (
        f"INSERT INTO corrections (document_id, made_at, by, note, undone_at, {lists}, drawn, pending)"
    )
    made = f"{correction} VALUES ('{{}}', '{ran[:19]}', 'amy', '', {{}}, '', '', '', '', '', '', FALSE, {{}})"
    keys = {
        "indexed_since_events_read": ran, "last_run_of_the_indexer": runs,
        "last_run_of_the_indexer_that_ended": "", "run_of_the_indexer_that_events_have_whole": "",
        "events_changed_by_hand": "b", "events_changed_by_hand_that_an_update_saw": "a",
    }  # fmt: skip
    make(
        url, MIGRATIONS.index(change_log.up), *of_old_keys(**keys),
        made.format("made", "NULL", "TRUE"), made.format("undone", f"'{ran[:19]}'", "TRUE"),
        made.format("shown", "NULL", "FALSE"),
        "INSERT INTO judged_anew VALUES ('judged', 'x')", "INSERT INTO tags_waiting VALUES ('tagged')",
        f"INSERT INTO event_progress VALUES ('s', '{ran[:19]}', 4, 5)",
        f"INSERT INTO alert_arrivals VALUES ('r', 'd', '{runs[:19]}', '{ran[:19]}', 3, 0)",
    )  # fmt: skip
    state = State.open(home_of(url, tmp_path))
    with state.begin() as connection:
        wait = [(one.what, one.document) for one in changes.waiting(connection, *What)]
        assert arrivals.stamps(changes.waiting(connection, What.RUN)) == {datetime.fromisoformat(runs)}
        assert not arrivals.complete(connection) and arrivals.lacks(connection, empty=True)
    reading = changes.read(state, "events")
    assert wait == [("corrected", "made"), ("undone", "undone"), ("tags", "tagged"), ("run", "")]
    assert [one.document for one in reading.of(What.JUDGED)] == ["judged"]
    assert arrivals.stamps(reading.changes) == {datetime.fromisoformat(ran)}
    assert len(reading.of(What.BY_HAND)) == 1 and not reading.of(What.ALL)
    assert not reading.snapshot and not reading.died


@pytest.mark.parametrize("filling", [False, True])
def test_who_was_to_read_all_anew_before_there_was_a_log_does(
    filling: bool, url: str, tmp_path: Path
) -> None:
    ran = "2020-11-11T00:00:00+00:00"
    keys = {
        "last_run_of_the_indexer": ran, "last_run_of_the_indexer_that_ended": "" if filling else ran,
        "all_indexed_anew": "b", "refill_of_an_emptied_store": "goes on" if filling else "mark",
        "events_to_be_read": "1",
    }  # fmt: skip
    make(
        url, MIGRATIONS.index(change_log.up), *of_old_keys(**keys),
        "INSERT INTO event_progress VALUES ('s', NULL, 4, 5)",
    )  # fmt: skip
    state = State.open(home_of(url, tmp_path))
    reading = changes.read(state, "events")
    assert reading.snapshot and reading.died and bool(reading.of(What.ALL)) is not filling
    with state.begin() as connection:
        assert arrivals.lacks(connection, empty=False) is filling
        arrivals.over(connection, empty=False)
    assert changes.read(state, "events").of(What.ALL)


def test_events_that_had_read_all_before_there_was_a_log_have_nothing_to_do(url: str, tmp_path: Path) -> None:
    ran = "2020-11-11T00:00:00+00:00"
    keys = {
        "indexed_since_events_read": ran, "last_run_of_the_indexer": ran,
        "last_run_of_the_indexer_that_ended": ran, "run_of_the_indexer_that_events_have_whole": ran,
        "all_indexed_anew": "a", "all_indexed_anew_that_events_saw": "a",
    }  # fmt: skip
    make(
        url, MIGRATIONS.index(change_log.up), *of_old_keys(**keys),
        f"INSERT INTO event_progress VALUES ('s', '{ran[:19]}', 4, 5)",
        *(
            f"INSERT INTO alert_arrivals VALUES ('{name}', 'd', '{at}', '{at}', 3, 0)"
            for name, at in (("checked", ran[:19]), ("left", "2020-11-10 00:00:00"))
        ),
    )  # fmt: skip
    state = State.open(home_of(url, tmp_path))
    with state.begin() as connection:
        assert changes.unread(connection, "events") == [] and arrivals.complete(connection)
        checked = ledger.checked(connection)
    assert checked["checked"] == datetime.fromisoformat(ran) and checked["left"] < checked["checked"]


def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    make(url, LATEST)
    with create_engine(url).begin() as connection:
        connection.execute(text(f"UPDATE meta SET value = '{LATEST + 1}'"))
    with pytest.raises(SchemaTooNew, match="newer fengping"):
        State.open(home_of(url, tmp_path))


def test_a_missing_column_is_named_and_can_be_added(url: str, tmp_path: Path) -> None:
    state = State.open(home_of(url, tmp_path))
    with state.begin() as connection:
        connection.execute(text("ALTER TABLE crawl_runs DROP COLUMN signals"))
        connection.execute(text("DROP TABLE source_notices"))
    assert missing(state) == ["crawl_runs.signals", "source_notices"]
    with pytest.raises(Damaged, match="fengping repair"), state.begin() as connection:
        connection.execute(text("SELECT signals FROM crawl_runs"))
    assert add_missing(state) == ["crawl_runs.signals", "source_notices"]
    assert missing(state) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str, tmp_path: Path) -> None:
    make(url, 1, "DROP TABLE imported")

    def failing(connection: object, found: int) -> None:
        MIGRATIONS[0](connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with mock.patch.object(engine, "migrate", failing), pytest.raises(KeyboardInterrupt):
        State.open(home_of(url, tmp_path))
    with create_engine(url).begin() as connection:
        assert "imported" not in inspect(connection).get_table_names()
        assert connection.scalar(text("SELECT value FROM meta")) == "1"


OPEN = """
import sys
from pathlib import Path
from fengping.home import Home
from fengping.state import State
State.open(Home.open(Path(sys.argv[1])))
"""


def test_first_starts_at_once_all_succeed(url: str, tmp_path: Path) -> None:
    home = home_of(url, tmp_path)
    command = [sys.executable, "-c", OPEN, str(home.root)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    assert missing(State.open(home)) == []


class TestBadDatabases:
    def test_a_file_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "state.db").write_bytes(b"no database at all " * 100)
        with pytest.raises(Damaged, match=r"state\.db.* is damaged"):
            State.open(home_of(f"sqlite:///{tmp_path / 'state.db'}", tmp_path))

    def test_a_locked_one(self, tmp_path: Path) -> None:
        state = State.open(home_of(f"sqlite:///{tmp_path / 'state.db'}", tmp_path))
        holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreDown, match="held by another process"), state.begin() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=10")
            connection.execute(text("DELETE FROM job_runs"))
        holder.close()

    @pytest.mark.parametrize(
        "url", ["nonsense", "postgresql+psycopg://user:geheim@host:port/x", "oracle+x://a"]
    )
    def test_an_address_that_is_none_is_told_without_its_password(self, tmp_path: Path, url: str) -> None:
        with pytest.raises(ConfigError, match=r"no address of a database|not installed") as caught:
            State.open(home_of(url, tmp_path))
        assert "geheim" not in str(caught.value)

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        url = "postgresql+psycopg://user:geheim@127.0.0.1:9/x"
        with pytest.raises(StoreDown, match="cannot be opened") as caught:
            State.open(home_of(url, tmp_path))
        assert "geheim" not in str(caught.value)

    def test_it_is_readable_by_its_owner_alone(self, tmp_path: Path) -> None:
        State.open(home_of(f"sqlite:///{tmp_path / 'state.db'}", tmp_path))
        assert (tmp_path / "state.db").stat().st_mode & 0o077 == 0
