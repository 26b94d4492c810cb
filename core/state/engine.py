"""The open state database. SQLite in WAL mode by default; PostgreSQL by URL (``postgresql+psycopg://…``)."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
)
from sqlalchemy.exc import TimeoutError as NoneFree

from fengping.durable import sync_folder
from fengping.errors import (
    UPGRADE,
    Clash,
    ConfigError,
    Damaged,
    FengpingError,
    ForeignHome,
    SchemaTooNew,
    StoreDown,
    StoreError,
    install,
)
from fengping.home import Home
from fengping.state import server
from fengping.state.migrations import LATEST, migrate

metadata = MetaData()

_SCHEMA = "schema"
_HOME = "home"
_BEGUN = "state-begun"
"""Empty file in ``var/`` of a home that has a state: one that is missing or empty from then on is lost."""
_MIGRATING = 7_265_114_003
"""Key of PostgreSQL's advisory lock around a migration."""

_TWICE = re.compile("UNIQUE constraint failed|duplicate key|_pkey")
"""Said by the drivers of a row that is there already; the name of the key stands there in any language."""
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(engine: Engine | Connection, table: Table) -> Any:
    """An INSERT of the engine in use, which takes ``on_conflict_do_nothing`` or ``on_conflict_do_update``."""
    return _INSERTS[engine.dialect.name](table)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


_meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)


class State:
    """An open state database. ``with state.begin() as connection`` is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, home: Home, *, anew: bool = False) -> State:
        """The home's state with all its tables, migrated to this version where an older one wrote it.

        One that is missing or empty is made where the home never had one, or where it is to begin *anew*.
        Raises :class:`SchemaTooNew` for a database that a newer version wrote, :class:`StoreDown` where the
        database cannot be reached, :class:`Damaged` where it cannot be read or is lost, :class:`ConfigError`
        for a bad URL.
        """
        begun = home.var / _BEGUN
        # Asked first: whoever begins the state beside us claims it before writing the file.
        had = not anew and (begun.exists() or (home.var / "groups").exists())
        scheme, rest = home.path_url(home.config.state)
        if scheme == "sqlite":
            state = cls(_engine(f"sqlite:///{rest}"))
            if not Path(rest).exists():
                if had:
                    raise _lost(rest)
                state.engine.dispose()  # of connections to a file that was deleted
                with _sentences(rest):
                    _touch(Path(rest))
        else:
            state = cls.at(home.config.state)
        if (schema := state.schema()) != LATEST:
            if had and not schema:
                raise _lost(state.url)
            state._migrate()
        state._belong(home.identity)
        if not begun.exists():
            with suppress(OSError):  # the next one writes it
                begun.touch(0o600)
                sync_folder(home.var)
        return state

    @staticmethod
    def is_begun(home: Home) -> bool:
        """True where the home had a state: asked by who would make none."""
        return (home.var / _BEGUN).exists()

    @classmethod
    def at(cls, url: str) -> State:
        """A database on a server, whosever it is, as it stands."""
        return cls(_engine(url))

    def _belong(self, identity: str) -> None:
        """Claims a database that no home has claimed; raises :class:`ForeignHome` for one of another."""
        with self.begin() as connection:
            owner = read_meta(connection, _HOME)
        if owner is None:
            with self.exclusive() as connection:
                owner = read_meta(connection, _HOME) or identity
                write_meta(connection, _HOME, owner)
        if owner != identity:
            raise ForeignHome(f"The state database {self.url}", owner, identity)

    @property
    def url(self) -> str:
        """The address without its passwords."""
        return server.shown(self.engine.url)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed at the end and rolled back by an exception.

        Raises :class:`StoreDown` and :class:`Damaged` as :meth:`open`.
        """
        with _sentences(self.url), self.engine.begin() as connection:
            yield connection

    def schema(self) -> int:
        """Number of the last migration that this database went through; 0 for an empty one."""
        with self.begin() as connection:
            if not inspect(connection).has_table(_meta.name):
                return 0
            return int(read_meta(connection, _SCHEMA) or 0)

    def _migrate(self) -> None:
        """Runs the migrations that are missing; of several processes, one does and the others wait."""
        with self.exclusive() as connection:
            metadata.create_all(connection, tables=[_meta])
            found = int(read_meta(connection, _SCHEMA) or 0)
            if found > LATEST:
                raise SchemaTooNew(
                    f"This home was written by a newer fengping (schema {found}, known {LATEST}).",
                    remedy=UPGRADE,
                )
            if found < LATEST:
                migrate(connection, found)
                write_meta(connection, _SCHEMA, str(LATEST))

    @property
    def is_shared(self) -> bool:
        """True for a server's database, which other machines read; a file is one machine's."""
        return self.engine.dialect.name != "sqlite"

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """One transaction that no other process writes beside; on SQLite also for changes of tables."""
        if self.is_shared:
            with self.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
                yield connection
            return
        # Python's driver begins no transaction before a CREATE TABLE by itself.
        with _sentences(self.url), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")


def upsert(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Writes the row of a primary *key*, in the place of one that is there.

    In one statement: between two, another process that writes the same key would be in the way.
    """
    row = insert_into(connection, table).values({**key, **values})
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def read_meta(connection: Connection, key: str) -> str | None:
    """A value that this database keeps about itself."""
    return connection.scalar(select(_meta.c.value).where(_meta.c.key == key))


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Sets a value that this database keeps about itself."""
    upsert(connection, _meta, {"key": key}, {"value": value})


@contextmanager
def _sentences(url: str) -> Iterator[None]:
    """Errors of the driver in our words; a mistake of a program passes untouched."""
    try:
        yield
    except IntegrityError as error:
        said = str(error.orig).strip().partition("\n")[0]
        if not _TWICE.search(said):
            raise
        raise Clash(
            f"Another process wrote the same into the state database {url} at this moment: {said}.",
            remedy="Nothing was kept of this one: look at what is there, and run it again if it is wanted.",
        ) from error
    except DataError as error:
        said = str(error.orig).strip().partition("\n")[0]
        raise StoreError(
            f"The state database {url} does not take a value: {said}.",
            remedy="Tell the makers of fengping which command it was: it should not have been written.",
        ) from error
    except NoneFree as error:
        raise StoreDown(
            f"The state database {url} cannot be opened: all connections of this process wait for it.",
            remedy="Check the server named under `state` in fengping.toml, and run again; nothing is lost.",
        ) from error
    except DatabaseError as error:
        raise _explained(url, str(error.orig).strip().partition("\n")[0]) from error
    except OSError as error:
        raise StoreDown(
            f"The state database {url} cannot be opened: {error.strerror}.",
            remedy="Check the folder's permissions, or the path under `state` in fengping.toml.",
        ) from error


def _explained(url: str, said: str) -> FengpingError:
    if "://" in url and not url.startswith("sqlite:"):
        return server.explained(url, said)
    if "no such" in said:
        return server.lacking(url, said)
    if "not a database" in said or "malformed" in said:
        return Damaged(
            f"The state database {url} is damaged: {said}.",
            remedy="Put back a copy, or move it away and go on without: fengping index --begin-anew.",
        )
    if "locked" in said:
        return StoreDown(
            f"The state database {url} is held by another process for half a minute: {said}.",
            remedy="Wait until that process has ended and run again; nothing is lost.",
        )
    if "full" in said or "readonly" in said:
        return StoreDown(
            f"The state database {url} cannot be written: {said}.",
            remedy="Make room, or give the folder back its permissions, and run again; nothing is lost.",
        )
    return StoreDown(
        f"The state database {url} cannot be opened: {said}.",
        remedy="Check the folder's permissions, or the path under `state` in fengping.toml.",
    )


def _lost(place: str) -> Damaged:
    return Damaged(
        f"The state database {place} is missing or empty, and this home had one: its corrections, accounts, "
        "acknowledgements and audit log are missing.",
        remedy="Put back a copy (fengping restore takes var/state.db out of a backup, into an empty folder; "
        "pg_restore reads a dump), or go on without them: fengping index --begin-anew.",
    )


def _touch(path: Path) -> None:
    """Makes an empty database readable by its owner alone; SQLite's log beside it takes over the mode.

    Never one that is there: closing a file drops the locks that SQLite holds on it in this process
    (POSIX), and another process would take itself for the last one and delete the log under its feet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))


@functools.cache
def _engine(url: str) -> Engine:
    try:
        # A connection that its server has ended, by a restart, is replaced before it is used.
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigError(
            "`state` in fengping.toml is no address of a database.",
            remedy="Write sqlite:var/state.db or postgresql+psycopg://USER@HOST/NAME.",
        ) from None
    except ModuleNotFoundError as error:
        scheme = url.partition("+")[0].partition(":")[0]
        raise ConfigError(
            f"The state database needs the Python package {error.name}, which is not installed.",
            remedy=install("postgres") if scheme == "postgresql" else f"Run: pip install '{error.name}'",
        ) from None
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            # First of all: the switch to WAL itself waits for other processes.
            connection.execute("PRAGMA busy_timeout=30000")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    else:
        server.prepare(engine)
    return engine
