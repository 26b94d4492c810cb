"""Tables of the state database: alarms, the state of each key with its changes, silences, checks."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from fengping.state import Moment, metadata

firings = Table(
    "alert_firings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("fired_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("acknowledged_by", String(128), nullable=False, default=""),
    Column("acknowledged_at", Moment),
    Column("cause", String(16), nullable=False, default="first"),
    Column("need", Float, nullable=False, default=0.0),
    Column("usual", Float),
    Column("before", Integer, nullable=False, default=0),
    Column("began_at", Moment),
    Column("told", String(16), nullable=False, default=""),
    Column("letter", String(512), nullable=False, default=""),
    Column("facts", JSON),
    Column("passed", JSON),
    UniqueConstraint("rule", "key", "fired_at"),
)
"""One row an alarm. ``told`` says what became of it: told, held (quiet hours), silenced, inhibited;
``letter`` is the key of its message; ``facts`` are the numbers of its message with their documents."""

states = Table(
    "alert_states",
    metadata,
    Column("rule", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("since", Moment),
    Column("fired_at", Moment),
    Column("began_at", Moment),
    Column("base", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("need", Float, nullable=False),
    Column("classes", JSON, nullable=False),
    Column("gravity", Integer, nullable=False),
    Column("answered", Boolean, nullable=False),
)

changes = Table(
    "alert_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("rule", String(128), nullable=False),
    Column("key", String(128), nullable=False, index=True),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("firing", Integer),
)
"""One row a change of state, an alarm within a state included."""

silences = Table(
    "alert_silences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("matcher", JSON, nullable=False),
    Column("author", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("until_doubled", Boolean, nullable=False),
    Column("ended_at", Moment),
)

checks = Table(
    "alert_checks",
    metadata,
    Column("rule", String(128), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)
"""The last check of a rule: made at ``at``, of the moment ``until``."""

marks = Table(
    "alert_marks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)
"""The last time of what happens once a day."""

verdicts = Table(
    "alert_verdicts",
    metadata,
    Column("firing", Integer, primary_key=True, autoincrement=False),
    Column("verdict", String(16), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("at", Moment, nullable=False),
)
"""What readers say of an alarm: claimed, another affair than that of its thread, useless."""
