"""A process that decides and delivers until it is killed: ``python killed.py HOME SEED MOMENT``.

Each decision stands in a table of its own, written in one transaction with its message.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from fengping.delivery import Message, Outbox, deliver_due
from fengping.home import Home

DECISIONS = "CREATE TABLE IF NOT EXISTS decisions (key TEXT PRIMARY KEY)"


def decide(home: Home, seed: str, begin: datetime) -> None:
    outbox = Outbox.open(home)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(40):
        key = f"{seed}-{number}"
        refused = "拒收" if number % 7 == 3 else "预警"
        message = Message(key=key, subject=f"{refused} {key}")
        with outbox.state.begin() as connection:
            connection.exec_driver_sql(f"INSERT OR IGNORE INTO decisions VALUES ('{key}')")
            outbox.enqueue(message, ["hook", "file"], begin, connection)
        deliver_due(home, begin + timedelta(seconds=number))


if __name__ == "__main__":
    decide(Home.open(Path(sys.argv[1])), sys.argv[2], datetime.fromisoformat(sys.argv[3]))
