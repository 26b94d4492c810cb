"""The state database: what a home remembers beside its documents.

Each room declares its own tables on :data:`metadata`; :class:`State` creates the ones it is given.
SQLite in WAL mode by default; any SQLAlchemy URL (``postgresql+psycopg://…``) works.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
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
    insert,
    select,
)
from sqlalchemy.exc import OperationalError

from fengping.errors import SchemaTooNew, StoreDown
from fengping.home import Home

SCHEMA_VERSION = 1

metadata = MetaData()


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
    def open(cls, home: Home, *tables: Table) -> State:
        """The home's state with *tables* in it (made where missing).

        Raises :class:`SchemaTooNew` for a database that a newer version wrote, :class:`StoreDown`
        where the database cannot be reached.
        """
        scheme, rest = home.path_url(home.config.state)
        if scheme == "sqlite":
            Path(rest).parent.mkdir(parents=True, exist_ok=True)
            engine = _engine(f"sqlite:///{rest}")
        else:
            engine = _engine(home.config.state)
        state = cls(engine)
        try:
            metadata.create_all(engine, tables=[_meta, *tables])
            state._check_version()
        except OperationalError as error:
            raise StoreDown(
                f"The state database {engine.url.render_as_string()} cannot be opened: {error.orig}.",
                remedy="Check the path or the server named under `state` in fengping.toml.",
            ) from error
        return state

    def _check_version(self) -> None:
        with self.begin() as connection:
            found = connection.scalar(select(_meta.c.value).where(_meta.c.key == "schema"))
            if found is None:
                statement = insert(_meta).values(key="schema", value=str(SCHEMA_VERSION))
                if self.engine.dialect.name == "sqlite":
                    # Two processes may open a new home at the same moment.
                    statement = statement.prefix_with("OR IGNORE")
                connection.execute(statement)
            elif int(found) > SCHEMA_VERSION:
                raise SchemaTooNew(
                    f"This home was written by a newer fengping (schema {found}, known {SCHEMA_VERSION}).",
                    remedy="Upgrade with: pip install --upgrade fengping",
                )

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed at the end and rolled back by an exception."""
        with self.engine.begin() as connection:
            yield connection


@functools.cache
def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            # First of all: the switch to WAL itself waits for other processes.
            connection.execute("PRAGMA busy_timeout=30000")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    return engine
