"""Seen URLs in Redis, for all machines that share a frontier."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

import redis

from fengping.clock import iso, parse_moment
from fengping.models import Engagement
from fengping.spiders.cluster.frontier import Frontier
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen import Memory, Seen
from fengping.spiders.seen.stated import Stated
from fengping.spiders.seen.urls import to_keep
from fengping.spiders.seen.visits import is_due
from fengping.state import State

_SEEN = "fengping:seen"
_TOMBSTONE = f'"status": "{Status.FORGOTTEN.value}"'
"""Text that stands in the record of a forgotten document, and in no other: a quotation mark within a value
has a backslash before it."""

# Whoever forgets a document while it is crawled comes before the crawl's own mark of it.
_MARK = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and string.find(known, ARGV[4], 1, true) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
end
"""

# What another source marked since, or somebody forgot, stands in this one's set as it was. Left there, the
# oldest would some day be all that is ever found. What a machine has put anew meanwhile stays.
_LEAVE_OUT = """
for i = 2, #ARGV do
  local at = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if at and tonumber(at) <= tonumber(ARGV[1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
"""


class SharedMemory(Memory):
    """Seen URLs in Redis, for all machines; readings of engagement, and what is forgotten, in the state."""

    def __init__(self, state: State, source: str, frontier: Frontier) -> None:
        super().__init__(state, source)
        self._frontier = frontier

    def get(self, keys: Iterable[str]) -> dict[str, Seen]:
        # Another machine may have marked what was absent, or marked anew what was known.
        wanted = list(dict.fromkeys(keys))
        self._known = dict(self._marks)
        self._absent.clear()
        return super().get(wanted)

    def _read(self, keys: list[str]) -> dict[str, Seen]:
        values = self._frontier.server.hmget(_SEEN, keys)
        return {key: _from_json(value) for key, value in zip(keys, values, strict=True) if value is not None}

    def is_forgotten(self, *keys: str) -> bool:
        """Asks the state too, which keeps for good what was forgotten: Redis may have been emptied since."""
        if super().is_forgotten(*keys):
            return True
        lasting = Memory._read(self, list(keys)).values()
        forgotten = [seen for seen in lasting if seen.status is Status.FORGOTTEN]
        for seen in forgotten:
            self.mark(seen)  # the next crawl does not fetch it
        return bool(forgotten)

    def due(self, now: datetime, limit: int) -> list[Seen]:
        due, until, server = self._frontier.key("due"), now.timestamp(), self._frontier.server
        while True:
            keys = [key.decode() for key in server.zrangebyscore(due, "-inf", until, start=0, num=limit)]
            found = {key: seen for key, seen in self.get(keys).items() if is_due(seen, now)}
            others = [key for key in keys if key not in found]
            if others:
                server.eval(_LEAVE_OUT, 1, due, until, *others)
            if not others or len(keys) < limit:
                return list(found.values())

    def _save_marks(self, connection: Any, marks: list[Seen]) -> None:
        due, server = self._frontier.key("due"), self._frontier.server
        with server.pipeline() as pipe:
            for seen in marks:
                again = seen.next_visit.timestamp() if seen.next_visit and seen.content and seen.url else ""
                pipe.eval(_MARK, 2, _SEEN, due, seen.key, _to_json(seen), again, _TOMBSTONE)
            try:
                pipe.execute()
            except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
                raise server.explained(error) from error


def _to_json(seen: Seen) -> str:
    counts = seen.engagement or Engagement()
    return json.dumps(
        {
            "key": seen.key,
            "url": seen.url,
            "status": seen.status.value,
            "first_at": iso(seen.first_at),
            "checked_at": iso(seen.checked_at),
            "content": seen.content,
            "engagement": [counts.likes, counts.comments, counts.reposts, counts.views],
            "etag": seen.etag,
            "last_modified": seen.last_modified,
            "visits": seen.visits,
            "next_visit": iso(seen.next_visit),
            "stated": to_keep(seen),
        }
    )


def _from_json(text: bytes) -> Seen:
    record = json.loads(text)
    for name in ("first_at", "checked_at", "next_visit"):
        record[name] = parse_moment(record[name]) if record[name] else None
    record["status"] = Status(record["status"])
    record["engagement"] = Engagement(*record["engagement"])
    record["stated"] = Stated.from_record(record.get("stated", {}))
    # A newer version may have noted more.
    return Seen(**{field.name: record[field.name] for field in fields(Seen) if field.name in record})
