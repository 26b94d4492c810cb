"""People at the console, all at once: each asks, reads for a while and asks again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import httpx2

SESSIONS = 50
EVERY = 10.0
"""Seconds from one question of a session to its next."""
TIMEOUT = 60.0

Question = Callable[[random.Random], tuple[str, dict[str, str]]]
"""Path and parameters of what is asked next."""


@dataclass
class Crowd:
    """:data:`SESSIONS` sessions that ask *url* while this is entered."""

    url: str
    question: Question
    seconds: list[float] = field(default_factory=list)
    """Time of each answer."""
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._sessions = [
            threading.Thread(target=self._session, args=(random.Random(number),))
            for number in range(SESSIONS)
        ]

    def __enter__(self) -> Self:
        for session in self._sessions:
            session.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for session in self._sessions:
            session.join()

    def _session(self, chance: random.Random) -> None:
        due = time.monotonic() + chance.uniform(0, EVERY)
        with httpx2.Client(base_url=self.url, timeout=TIMEOUT) as client:
            while not self._ended.wait(max(0.0, due - time.monotonic())):
                due = max(due + EVERY, time.monotonic())
                self._ask(client, *self.question(chance))

    def _ask(self, client: httpx2.Client, path: str, params: dict[str, str]) -> None:
        began = time.perf_counter()
        try:
            client.get(path, params=params).raise_for_status()
        except httpx2.HTTPError as error:
            self.errors.append(f"{path}: {error!r}")
        self.seconds.append(time.perf_counter() - began)
